//! A handle's state as text, for people (`rd_kafka_dump()`): librdkafka's layout, without what only its insides have.

use std::fmt::Write;

use super::report::{BrokerReport, PartitionReport, Statistics, TopicReport};

/// The text; `address` is that of the handle.
pub fn dump(statistics: &Statistics, address: usize) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, statistics, address);
    out
}

fn write_all(out: &mut String, statistics: &Statistics, address: usize) -> std::fmt::Result {
    writeln!(out, "rd_kafka_t {address:#x}: {}", statistics.name)?;
    writeln!(out, " producer.msg_cnt {} ({} bytes)", statistics.msg_cnt, statistics.msg_size)?;
    writeln!(out, " rk_rep reply queue: {} ops", statistics.replyq)?;
    writeln!(out, " brokers:")?;
    for broker in &statistics.brokers {
        write_broker(out, broker, statistics)?;
    }
    writeln!(out, " cgrp:")?;
    if let Some(eos) = &statistics.eos {
        writeln!(
            out,
            " idempotent producer in state {}, id {}, epoch {}",
            eos.idemp_state, eos.producer_id, eos.producer_epoch
        )?;
    }
    if let Some(fatal) = &statistics.fatal {
        writeln!(out, " fatal error: {}: {}", fatal.error, fatal.reason)?;
    }
    writeln!(out, " topics:")?;
    for topic in &statistics.topics {
        write_topic(out, topic, statistics)?;
    }
    writeln!(out, "\nMetadata cache with {} entries", statistics.metadata_cache_cnt)
}

fn write_broker(
    out: &mut String,
    broker: &BrokerReport,
    statistics: &Statistics,
) -> std::fmt::Result {
    let for_s = broker.stateage as f64 / 1e6;
    writeln!(
        out,
        " rd_kafka_broker_t: {} NodeId {} in state {} (for {for_s:.3}s)",
        broker.name, broker.nodeid, broker.state
    )?;
    writeln!(out, "  outbuf_cnt: {} waitresp_cnt: {}", broker.outbuf_cnt, broker.waitresp_cnt)?;
    writeln!(
        out,
        "  {} messages sent, {} bytes, {} errors, {} timeouts",
        broker.tx, broker.txbytes, broker.txerrs, broker.req_timeouts
    )?;
    writeln!(
        out,
        "  {} messages received, {} bytes, {} errors",
        broker.rx, broker.rxbytes, broker.rxerrs
    )?;
    writeln!(out, "  {} messageset transmissions were retried", broker.txretries)?;
    writeln!(out, "  {} toppars:", broker.toppars.len())?;
    for named in &broker.toppars {
        let topic = statistics.topics.iter().find(|topic| topic.topic == named.topic);
        let partitions = topic.map_or(&[][..], |topic| &topic.partitions);
        // They stand in order, from 0.
        let at = usize::try_from(named.partition).unwrap_or(usize::MAX);
        if let Some(partition) = partitions.get(at) {
            write_partition(out, &named.topic, partition, statistics)?;
        }
    }
    Ok(())
}

fn write_topic(out: &mut String, topic: &TopicReport, statistics: &Statistics) -> std::fmt::Result {
    let count = topic.partitions.iter().filter(|partition| partition.partition >= 0).count();
    writeln!(out, "  {} with {count} partitions, state {}", topic.topic, topic.state)?;
    for partition in &topic.partitions {
        // The others stand with their brokers.
        if partition.broker < 0 {
            write_partition(out, &topic.topic, partition, statistics)?;
        }
    }
    Ok(())
}

fn write_partition(
    out: &mut String,
    topic: &str,
    partition: &PartitionReport,
    statistics: &Statistics,
) -> std::fmt::Result {
    let named = |id: i32| {
        let broker = statistics.brokers.iter().find(|broker| id >= 0 && broker.nodeid == id);
        broker.map_or("none", |broker| broker.name.as_str())
    };
    writeln!(
        out,
        "   {topic} [{}] broker {}, leader_id {}",
        partition.partition,
        named(partition.broker),
        named(partition.leader)
    )?;
    writeln!(out, "    msgq:      {} messages", partition.msgq_cnt)?;
    writeln!(out, "    xmit_msgq: {} messages", partition.xmit_msgq_cnt)?;
    writeln!(out, "    total:     {} messages, {} bytes", partition.txmsgs, partition.txbytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::PartitionRef;

    #[test]
    fn a_partition_stands_with_its_broker_or_with_its_topic() {
        let partition = |number, broker| PartitionReport {
            broker,
            leader: broker,
            txmsgs: 7,
            ..PartitionReport::new(number)
        };
        let topic = TopicReport {
            topic: "t".into(),
            state: "exists",
            partitions: vec![partition(0, 3), partition(-1, -1)],
            ..TopicReport::default()
        };
        let broker = BrokerReport {
            name: "host:1/3".into(),
            nodeid: 3,
            state: "UP",
            stateage: 1_500_000,
            toppars: vec![PartitionRef { topic: "t".into(), partition: 0 }],
            ..BrokerReport::default()
        };
        let statistics = Statistics {
            name: "rdkafka#producer-1".into(),
            brokers: vec![broker],
            topics: vec![topic],
            ..Statistics::default()
        };
        let text = dump(&statistics, 0x10);
        for line in [
            "rd_kafka_t 0x10: rdkafka#producer-1",
            " rd_kafka_broker_t: host:1/3 NodeId 3 in state UP (for 1.500s)",
            "   t [0] broker host:1/3, leader_id host:1/3",
            "    total:     7 messages, 0 bytes",
            "  t with 1 partitions, state exists",
            "   t [-1] broker none, leader_id none",
        ] {
            assert!(text.lines().any(|have| have == line), "{line}\n{text}");
        }
    }
}
