//! Sends the lines of key, tab, value on standard input with the crate rdkafka: apps-rust BOOTSTRAP TOPIC MODE
//!
//! Ends with an error unless each message was reported as delivered, once.

use std::io::BufRead;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{
    BaseProducer, BaseRecord, FutureProducer, FutureRecord, Producer, ProducerContext, ThreadedProducer,
};
use rdkafka::{ClientContext, Message, Statistics};

type Failure = Box<dyn std::error::Error>;

/// Counts reports; each message carries its number.
#[derive(Clone, Default)]
struct Counting {
    delivered: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
    numbers: Arc<AtomicUsize>,
    statistics: Arc<AtomicUsize>,
}

impl ClientContext for Counting {
    fn stats(&self, _: Statistics) {
        self.statistics.fetch_add(1, Ordering::SeqCst);
    }
}

impl ProducerContext for Counting {
    type DeliveryOpaque = Box<usize>;

    fn delivery(&self, result: &DeliveryResult<'_>, number: Self::DeliveryOpaque) {
        self.numbers.fetch_add(*number, Ordering::SeqCst);
        let counter = match result {
            Ok(message) if message.offset() >= 0 => &self.delivered,
            _ => &self.failed,
        };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

impl Counting {
    /// Statistics come by an interval of their own: the crate parses all of their fields.
    fn await_statistics(&self, poll: impl Fn(Duration)) {
        for _ in 0..200 {
            if self.statistics.load(Ordering::SeqCst) == 0 {
                poll(Duration::from_millis(50));
            }
        }
    }

    fn check(&self, sent: usize) -> Result<(), Failure> {
        let (delivered, failed) = (self.delivered.load(Ordering::SeqCst), self.failed.load(Ordering::SeqCst));
        if delivered != sent || failed != 0 || self.numbers.load(Ordering::SeqCst) != sent * (sent - 1) / 2 {
            return Err(format!("{sent} sent, {delivered} delivered, {failed} failed").into());
        }
        match self.statistics.load(Ordering::SeqCst) {
            0 => Err("no statistics came".into()),
            times => Ok(println!("statistics came {times} times")),
        }
    }
}

fn lines() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    std::io::stdin().lock().split(b'\n').map_while(Result::ok).filter_map(|line| {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        Some((line[..tab].to_vec(), line[tab + 1..].to_vec()))
    })
}

fn base(config: &ClientConfig, topic: &str) -> Result<(), Failure> {
    let context = Counting::default();
    let producer: BaseProducer<Counting> = config.create_with_context(context.clone())?;
    let mut sent = 0;
    for (key, value) in lines() {
        let mut record = BaseRecord::with_opaque_to(topic, Box::new(sent)).key(&key).payload(&value);
        while let Err((error, back)) = producer.send(record) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            producer.poll(Duration::from_millis(100));
            record = back;
        }
        sent += 1;
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(30))?;
    context.await_statistics(|timeout| drop(producer.poll(timeout)));
    context.check(sent)
}

fn threaded(config: &ClientConfig, topic: &str) -> Result<(), Failure> {
    let context = Counting::default();
    let producer: ThreadedProducer<Counting> = config.create_with_context(context.clone())?;
    let mut sent = 0;
    for (key, value) in lines() {
        let record = BaseRecord::with_opaque_to(topic, Box::new(sent)).key(&key).payload(&value);
        producer.send(record).map_err(|(error, _)| error)?;
        sent += 1;
    }
    producer.flush(Duration::from_secs(30))?;
    context.await_statistics(std::thread::sleep);
    context.check(sent)
}

async fn future(config: &ClientConfig, topic: &str) -> Result<(), Failure> {
    let producer: FutureProducer = config.create()?;
    let mut answers = Vec::new();
    for (key, value) in lines() {
        let record = FutureRecord::to(topic).key(&key).payload(&value);
        answers.push(producer.send_result(record).map_err(|(error, _): (KafkaError, _)| error)?);
    }
    let sent = answers.len();
    for answer in join_all(answers).await {
        answer?.map_err(|(error, _)| error)?;
    }
    println!("{sent} answered");
    Ok(())
}

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().collect();
    let [_, bootstrap, topic, mode] = words.as_slice() else {
        return Err("apps-rust BOOTSTRAP TOPIC MODE".into());
    };
    println!("library {:?}", rdkafka::util::get_rdkafka_version());
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("linger.ms", "5").set("statistics.interval.ms", "20");
    if mode.contains("idempotent") {
        config.set("enable.idempotence", "true");
    }
    if mode.starts_with("BaseProducer") {
        base(&config, topic)
    } else if mode.starts_with("ThreadedProducer") {
        threaded(&config, topic)
    } else {
        tokio::runtime::Runtime::new()?.block_on(future(&config, topic))
    }
}
