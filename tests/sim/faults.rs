//! What goes wrong, until calm: brokers down and up, leaders moved, answers spoiled, links stalled, cut, or dead.

use crate::link::Event;
use crate::plan::pick;
use crate::world::World;
use rdkafka::mock::Fault;
use rdkafka::producer::action::ConnId;
use rdkafka::protocol::{ApiKey, ErrorCode};

/// Errors that a broker may answer to Produce without having appended.
const REFUSALS: &[ErrorCode] = &[
    ErrorCode::NOT_LEADER_OR_FOLLOWER,
    ErrorCode::LEADER_NOT_AVAILABLE,
    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    ErrorCode::NOT_ENOUGH_REPLICAS,
    ErrorCode::CORRUPT_MESSAGE,
    ErrorCode::NETWORK_EXCEPTION,
    ErrorCode::MESSAGE_TOO_LARGE,
    ErrorCode::TOPIC_AUTHORIZATION_FAILED,
    ErrorCode::INVALID_RECORD,
];

/// Answers to an idempotent producer only.
const SEQUENCE_REFUSALS: &[ErrorCode] = &[
    ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
    ErrorCode::UNKNOWN_PRODUCER_ID,
    ErrorCode::INVALID_PRODUCER_EPOCH,
    ErrorCode::INVALID_PRODUCER_ID_MAPPING,
];

/// Errors that a broker may answer after it has appended.
const APPENDED: &[ErrorCode] = &[
    ErrorCode::REQUEST_TIMED_OUT,
    ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ErrorCode::UNKNOWN_SERVER_ERROR,
    ErrorCode::NOT_LEADER_OR_FOLLOWER,
    ErrorCode::KAFKA_STORAGE_ERROR,
];

/// Errors that leave open whether the batch was appended.
pub const AMBIGUOUS: &[ErrorCode] = &[
    ErrorCode::REQUEST_TIMED_OUT,
    ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ErrorCode::UNKNOWN_SERVER_ERROR,
];

/// One fault.
pub fn strike(world: &mut World) {
    let count = world.net.cluster().brokers().len() as u64;
    let broker = 1 + world.rng.below(count) as i32;
    match world.rng.below(10) {
        0 => {
            let up = world.net.cluster().broker(broker).unwrap().up;
            world.log(format!("fault: broker {broker} {}", if up { "down" } else { "up" }));
            world.net.set_broker_up(broker, !up);
            if up {
                world.later(2_000_000, Event::BrokerUp(broker));
            }
        }
        1 | 2 => move_leader(world, broker),
        3 | 4 => spoil_produce(world),
        5 => spoil_metadata(world),
        6 => {
            world.log("fault: ApiVersions meets a disconnect".into());
            world.net.cluster_mut().push_faults(ApiKey::API_VERSIONS, [Fault::disconnect()]);
        }
        7 if world.plan.is_idempotent() && world.rng.below(2) == 0 => spoil_sequence(world),
        7 => {
            let for_us = pick(&mut world.rng, &[50_000, 900_000, 8_000_000]);
            if let Some(conn) = random_link(world) {
                world.log(format!("fault: {conn:?} stalls for {for_us}"));
                world.stall(conn, for_us);
            }
        }
        what => {
            if let Some(conn) = random_link(world) {
                world.log(format!(
                    "fault: {conn:?} {}",
                    if what == 8 { "cut" } else { "half-open" }
                ));
                world.kill(conn, what == 8);
            }
        }
    }
}

fn random_link(world: &mut World) -> Option<ConnId> {
    let open: Vec<ConnId> =
        world.links.iter().filter(|(_, link)| link.is_open()).map(|(conn, _)| *conn).collect();
    (!open.is_empty()).then(|| pick(&mut world.rng, &open))
}

fn random_partition(world: &mut World) -> (String, i32) {
    let topic = world.rng.below(world.plan.partitions.len() as u64) as usize;
    let partition = world.rng.below(world.plan.partitions[topic] as u64) as i32;
    (topic_name(topic), partition)
}

pub fn topic_name(topic: usize) -> String {
    format!("t{topic}")
}

fn move_leader(world: &mut World, broker: i32) {
    let (topic, partition) = random_partition(world);
    let leader = if world.rng.below(6) == 0 { -1 } else { broker };
    world.log(format!("fault: {topic}/{partition} led by {leader}"));
    world.net.cluster_mut().set_leader(&topic, partition, leader);
}

fn spoil_produce(world: &mut World) {
    let fault = match world.rng.below(6) {
        0 | 1 => Fault::error(pick(&mut world.rng, REFUSALS)),
        2 => Fault::error_after_append(pick(&mut world.rng, APPENDED)),
        3 => Fault::delay_us(pick(&mut world.rng, &[20_000, 600_000, 12_000_000])),
        4 => Fault::throttle_ms(pick(&mut world.rng, &[5, 400, 3_000])),
        _ => Fault::disconnect(),
    };
    let count = 1 + world.rng.below(3) as usize;
    world.log(format!("fault: the next {count} Produce meet {fault:?}"));
    world.net.cluster_mut().push_faults(ApiKey::PRODUCE, std::iter::repeat_n(fault, count));
}

/// Answers that concern an idempotent producer's id and sequence. Those to Produce come without an append.
fn spoil_sequence(world: &mut World) {
    let (api, fault) = match world.rng.below(4) {
        0 => (ApiKey::INIT_PRODUCER_ID, Fault::error(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)),
        1 => (ApiKey::INIT_PRODUCER_ID, Fault::disconnect()),
        _ => (ApiKey::PRODUCE, Fault::error(pick(&mut world.rng, SEQUENCE_REFUSALS))),
    };
    world.log(format!("fault: {api:?} meets {fault:?}"));
    world.net.cluster_mut().push_faults(api, [fault]);
}

fn spoil_metadata(world: &mut World) {
    let fault = match world.rng.below(5) {
        0 => Fault::error(ErrorCode::LEADER_NOT_AVAILABLE),
        1 => Fault::error(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        2 => Fault::delay_us(pick(&mut world.rng, &[600_000, 12_000_000])),
        3 => Fault::throttle_ms(pick(&mut world.rng, &[5, 3_000])),
        _ => Fault::disconnect(),
    };
    world.log(format!("fault: the next Metadata meets {fault:?}"));
    world.net.cluster_mut().push_faults(ApiKey::METADATA, [fault]);
}

/// Everything works from now on; links that died unnoticed stay dead.
pub fn calm(world: &mut World) {
    world.log("calm".into());
    for api in [ApiKey::PRODUCE, ApiKey::METADATA, ApiKey::API_VERSIONS, ApiKey::INIT_PRODUCER_ID] {
        world.net.cluster_mut().clear_faults(api);
    }
    for broker in 1..=world.plan.brokers as i32 {
        world.net.set_broker_up(broker, true);
    }
    for topic in 0..world.plan.partitions.len() {
        for partition in 0..world.plan.partitions[topic] {
            let name = topic_name(topic);
            if world.net.cluster().partition(&name, partition).unwrap().leader < 0 {
                world.net.cluster_mut().set_leader(&name, partition, 1);
            }
        }
    }
    world.calm = true;
}
