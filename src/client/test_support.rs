//! What the tests of this layer share.

use std::sync::Arc;

use super::handle::{Client, TopicOptions};
use super::inbox::Inbox;
use super::produce::Message;
use super::shared::{Options, Shared};
use super::topic::{CustomPartitioner, Topic};
use crate::conf::{GlobalConf, ProducerConfig};
use crate::io::Poller;
use crate::producer::action::TopicId;

/// A configuration with `settings` on top of the defaults.
pub fn config(settings: &[(&str, &str)]) -> ProducerConfig {
    let mut conf = GlobalConf::new();
    for (name, value) in settings {
        conf.set(name, value).unwrap();
    }
    ProducerConfig::resolve(&conf).unwrap()
}

/// The common part of a handle that has no IO thread.
pub fn shared(settings: &[(&str, &str)], options: Options) -> Arc<Shared> {
    let config = config(settings);
    let inbox = Inbox::new(Poller::new().unwrap().waker(), config.linger_us);
    Arc::new(Shared::new(c"test#producer-0".to_owned(), config, options, inbox))
}

/// A topic of `shared`.
pub fn topic(shared: &Arc<Shared>, id: u32, partitioner: Option<CustomPartitioner>) -> Arc<Topic> {
    let config = shared.config().default_topic.clone();
    let name = format!("topic-{id}");
    let name = std::ffi::CString::new(name).unwrap();
    Arc::new(Topic::new(TopicId(id), name, config, partitioner, Arc::clone(shared)))
}

/// A topic of a whole handle.
pub fn client_topic(client: &Client, name: &str) -> Arc<Topic> {
    let config = client.config().default_topic.clone();
    let made = client.topic_or_create(name, || TopicOptions { config, partitioner: None });
    Arc::clone(made.unwrap())
}

/// A message to `partition`.
pub fn to_partition(partition: i32, value: &[u8], opaque: usize) -> Message<'_> {
    Message { partition, opaque, ..Message::of_value(value) }
}

/// The opaques of all messages that wait in a partition, which are taken.
pub fn take_opaques(topic: &Topic, partition: i32) -> Vec<usize> {
    let intake = topic.intake(partition).unwrap();
    std::iter::from_fn(|| intake.take())
        .flat_map(|batch| batch.messages().map(|view| view.opaque).collect::<Vec<_>>())
        .collect()
}
