//! Tests of whole handles, against the embedded cluster.
#![allow(clippy::disallowed_methods)]
#![expect(clippy::disallowed_methods, reason = "these tests measure how long calls take")]

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error;
use super::handle::{Client, PurgeFlags};
use super::produce::Message;
use super::queue::Op;
use super::reports::Delivered;
use super::shared::{DeliveryMode, Options};
use crate::mock::faults::Fault;
use crate::protocol::ApiKey;

use super::test_support::{client_topic, config, to_partition};

fn client(extra: &[(&str, &str)], delivery: DeliveryMode) -> Arc<Client> {
    Client::new(config(extra), Options { delivery, ..Options::default() }, |_| ()).unwrap()
}

const MOCK: (&str, &str) = ("test.mock.num.brokers", "3");
/// Nothing listens there.
const NOWHERE: (&str, &str) = ("bootstrap.servers", "127.0.0.1:1");

/// Serves events and passes the messages of reports to `each`.
fn serve(each: &mut dyn FnMut(Delivered<'_>)) -> impl FnMut(&mut Op) -> ControlFlow<()> {
    move |op| {
        if let Op::Report(batch) = op {
            while let Some(message) = batch.next_message() {
                each(message);
            }
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn a_throttled_handle_is_told_and_delivers_later() {
    let options =
        Options { delivery: DeliveryMode::Callback, throttle_events: true, ..Options::default() };
    let client = Client::new(config(&[MOCK]), options, |_| ()).unwrap();
    let mock = client.mock().unwrap();
    mock.push_faults(ApiKey::PRODUCE, vec![Fault::throttle_ms(50)]);
    let topic = client_topic(&client, "t");
    let (mut told, mut delivered) = (Vec::new(), 0);
    for i in 0..2 {
        topic.produce(&to_partition(0, b"v", i)).unwrap();
        while delivered <= i || told.len() <= i {
            client.poll(1_000, &mut |op| {
                match op {
                    Op::Throttle { throttle_ms, broker_id, .. } => {
                        told.push((*throttle_ms, *broker_id))
                    }
                    other => return serve(&mut |_| delivered += 1)(other),
                }
                ControlFlow::Continue(())
            });
        }
    }
    assert_eq!((told[0].0, told[1].0, told.len()), (50, 0, 2));
    assert!(told[0].1 > 0);
}

#[test]
fn messages_are_delivered_once_each_with_contiguous_offsets() {
    const COUNT: usize = 20_000;
    let client = client(&[MOCK], DeliveryMode::Callback);
    let topic = client_topic(&client, "t");
    let mut seen = vec![0u8; COUNT];
    let mut next_offsets = HashMap::<i32, i64>::new();
    let mut each = |message: Delivered<'_>| {
        assert_eq!(message.error, 0);
        seen[message.opaque] += 1;
        assert_eq!(message.value, Some(message.opaque.to_string().as_bytes()));
        let next = next_offsets.entry(message.partition).or_default();
        assert_eq!(message.offset, *next);
        *next += 1;
    };
    for i in 0..COUNT {
        let (key, value) = (format!("key {}", i % 50), i.to_string());
        let message =
            Message { key: Some(key.as_bytes()), opaque: i, ..Message::of_value(value.as_bytes()) };
        while let Err(error) = topic.produce(&message) {
            assert_eq!(error, error::QUEUE_FULL);
            client.poll(100, &mut serve(&mut each));
        }
    }
    assert_eq!(client.flush(30_000, &mut serve(&mut each)), 0);
    assert!(seen.iter().all(|&count| count == 1));
    assert_eq!((client.outq_len(), next_offsets.len()), (0, 4));
    assert_eq!(next_offsets.values().sum::<i64>(), COUNT as i64);
}

#[test]
fn flush_ends_the_linger_in_every_delivery_mode() {
    for delivery in [DeliveryMode::None, DeliveryMode::Callback, DeliveryMode::Event] {
        let client = client(&[MOCK, ("linger.ms", "300000")], delivery);
        let topic = client_topic(&client, "t");
        topic.produce(&to_partition(-1, b"v", 0)).unwrap();
        let start = Instant::now();
        let result = std::thread::scope(|scope| {
            if delivery == DeliveryMode::Event {
                scope.spawn(|| assert!(matches!(client.queue().pop(20_000), Some(Op::Report(_)))));
            }
            client.flush(20_000, &mut |_| ControlFlow::Continue(()))
        });
        assert_eq!((result, client.outq_len()), (0, 0), "{delivery:?}");
        assert!(start.elapsed() < Duration::from_secs(15));
    }
}

#[test]
fn a_short_linger_wakes_the_sleeping_io_thread() {
    let client = client(&[MOCK, ("linger.ms", "1")], DeliveryMode::Callback);
    let topic = client_topic(&client, "t");
    let mut delivered = 0;
    for round in 0..20 {
        topic.produce(&to_partition(0, b"v", round)).unwrap();
        while delivered <= round {
            let served = client.poll(20_000, &mut serve(&mut |_| delivered += 1));
            assert_ne!(served, 0, "round {round}");
        }
    }
}

#[test]
fn flush_and_destroy_with_unreachable_brokers_are_bounded() {
    let client = client(&[NOWHERE], DeliveryMode::Callback);
    let topic = client_topic(&client, "t");
    topic.produce(&to_partition(-1, b"v", 0)).unwrap();
    assert_eq!(client.flush(50, &mut |_| ControlFlow::Continue(())), error::TIMED_OUT);
    assert_eq!(client.outq_len(), 1);
    let start = Instant::now();
    client.destroy();
    client.destroy();
    assert!(start.elapsed() < Duration::from_secs(4));
    assert_eq!(topic.produce(&to_partition(-1, b"v", 0)), Err(error::DESTROY));
    assert!(client.queue().pop(-1).is_none());
}

#[test]
fn purge_reports_before_it_returns() {
    let client = client(&[NOWHERE], DeliveryMode::Callback);
    let topic = client_topic(&client, "t");
    topic.produce(&to_partition(6, b"v", 3)).unwrap();
    assert_eq!(client.purge(8), error::INVALID_ARG);
    assert_eq!(client.purge(PurgeFlags::NON_BLOCKING), 0);
    assert_eq!(client.purge(PurgeFlags::QUEUE | PurgeFlags::IN_FLIGHT), 0);
    let mut seen = Vec::new();
    client.poll(0, &mut serve(&mut |m| seen.push((m.opaque, m.partition, m.error))));
    assert_eq!(seen, [(3, 6, error::PURGE_QUEUE)]);
}

#[test]
fn a_blocked_producer_goes_on_when_reports_are_served_or_the_handle_ends() {
    let limit = ("queue.buffering.max.messages", "1");
    let client = client(&[MOCK, limit, ("linger.ms", "0")], DeliveryMode::Callback);
    let topic = client_topic(&client, "t");
    let blocking = Message { block: true, ..to_partition(0, b"v", 0) };
    std::thread::scope(|scope| {
        let producer = scope.spawn(|| (0..20).all(|_| topic.produce(&blocking).is_ok()));
        let mut delivered = 0;
        while delivered < 20 {
            client.poll(20_000, &mut serve(&mut |_| delivered += 1));
        }
        assert!(producer.join().unwrap());
        topic.produce(&blocking).unwrap();
        let blocked = scope.spawn(|| topic.produce(&blocking));
        std::thread::sleep(Duration::from_millis(20));
        client.destroy();
        assert_eq!(blocked.join().unwrap(), Err(error::DESTROY));
    });
}

#[test]
fn who_waits_to_know_the_cluster_is_let_go_when_the_handle_ends() {
    let client = client(&[NOWHERE], DeliveryMode::Callback);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.cluster(-1));
        std::thread::sleep(Duration::from_millis(20));
        client.destroy();
        assert!(waiting.join().unwrap().is_none());
    });
    assert!(client.cluster(-1).is_none());
}

#[test]
fn topics_are_found_by_name_and_names_are_checked() {
    let client = client(&[NOWHERE], DeliveryMode::None);
    let topic = client_topic(&client, "t");
    assert!(Arc::ptr_eq(&topic, &client_topic(&client, "t")));
    assert!(Arc::ptr_eq(&topic, client.topic("t").unwrap()) && client.topic("u").is_none());
    assert_eq!(client_topic(&client, "u").id().0, 1);
    let options = || super::handle::TopicOptions {
        config: client.config().default_topic.clone(),
        partitioner: None,
    };
    assert_eq!(client.topic_or_create(&"x".repeat(513), options).err(), Some(error::INVALID_ARG));
    assert!(client.name_c().to_str().unwrap().starts_with("rdkafka#producer-"));
    assert_eq!(topic.handle_address(), Arc::as_ptr(&client).addr());
}

#[test]
fn a_fatal_error_stops_producing_and_purges() {
    let client = client(&[NOWHERE], DeliveryMode::Callback);
    let topic = client_topic(&client, "t");
    topic.produce(&to_partition(-1, b"v", 1)).unwrap();
    assert!(client.shared().raise_fatal(47, "because"));
    assert!(!client.shared().raise_fatal(48, "again"));
    assert_eq!(client.shared().fatal_error(), Some((47, "because".to_owned())));
    assert_eq!(topic.produce(&to_partition(-1, b"v", 2)), Err(error::FATAL));
    let mut seen = Vec::new();
    assert_eq!(client.flush(20_000, &mut serve(&mut |m| seen.push((m.opaque, m.error)))), 0);
    assert_eq!(seen, [(1, error::PURGE_QUEUE)]);
}

/// `cargo test --profile quick --lib delivery_rate -- --ignored --nocapture`
#[test]
#[ignore = "measures, decides nothing"]
fn delivery_rate() {
    const COUNT: usize = 3_000_000;
    for partition in [0, -1] {
        let client = client(&[("test.mock.num.brokers", "1")], DeliveryMode::Callback);
        let topic = client_topic(&client, "t");
        let mut delivered = 0;
        let (mut full, mut batches) = (0, 0);
        let value = [7; 100];
        let start = Instant::now();
        for i in 0..COUNT {
            while topic.produce(&to_partition(partition, &value, i)).is_err() {
                full += 1;
                batches += client.poll(100, &mut serve(&mut |_| delivered += 1));
            }
        }
        batches += {
            assert_eq!(client.flush(30_000, &mut serve(&mut |_| delivered += 1)), 0);
            0
        };
        let rate = COUNT as f64 / start.elapsed().as_secs_f64() / 1e6;
        println!("partition {partition}: {rate:.2} M/s, {full} times full, {batches} batches");
        assert_eq!(delivered, COUNT);
    }
}
