//! Answers that are not what the broker wrote: garbled on the way, or lies.

use crate::faults::topic_name;
use crate::plan::{PORT_BASE, PORTS_DEAD, pick};
use crate::world::World;
use rdkafka::protocol::header::encode_response;
use rdkafka::protocol::metadata::MetadataResponse;
use rdkafka::protocol::{ApiKey, ErrorCode, Message as _, Reader, ResponseHeader};

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// One byte changes.
    Flip,
    /// The end is missing.
    Short,
    /// Something follows.
    Long,
    /// The length prefix is no length.
    Length,
    /// It answers another request.
    Correlation,
    /// It comes twice.
    Twice,
    /// It is well-formed metadata that isn't true.
    Lie(Lie),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// The leaders of before, with their epochs.
    Stale,
    /// A leader that is not among the brokers.
    UnknownLeader,
    FewerPartitions,
    NoBrokers,
    /// Every broker is told to be where nobody listens, and so are some that do not exist.
    DeadBrokers,
    FewerBrokers,
    /// `REBOOTSTRAP_REQUIRED`, where the version has it.
    Rebootstrap,
    NoTopic,
    OtherId,
    /// Every broker, topic and partition is told twice.
    Twice,
}

/// Length prefixes that no response has.
const NONSENSE: &[i32] = &[-1, 0, 3, i32::MAX, i32::MIN, 100_000_001];

/// Spoils a frame (prefix and all).
pub fn spoil(world: &mut World, spoil: Spoil, frame: &mut Vec<u8>, api: ApiKey, version: i16) {
    match spoil {
        Spoil::Flip => {
            let at = 4 + world.rng.below(frame.len() as u64 - 4) as usize;
            frame[at] ^= 1 << world.rng.below(8);
        }
        Spoil::Short => {
            let body_len = frame.len() as u64 - 8;
            frame.truncate(8 + world.rng.below(body_len.max(1)) as usize);
            set_len(frame);
        }
        Spoil::Long => {
            frame.extend_from_slice(&[0; 5]);
            set_len(frame);
        }
        Spoil::Length => {
            let nonsense = pick(&mut world.rng, NONSENSE);
            frame[..4].copy_from_slice(&nonsense.to_be_bytes());
        }
        Spoil::Correlation => frame[7] ^= 1,
        Spoil::Twice => frame.extend_from_within(..),
        Spoil::Lie(lie) if api == ApiKey::METADATA => *frame = tell(world, lie, frame, version),
        Spoil::Lie(_) => {}
    }
}

fn set_len(frame: &mut [u8]) {
    let len = frame.len() as i32 - 4;
    frame[..4].copy_from_slice(&len.to_be_bytes());
}

fn tell(world: &mut World, lie: Lie, frame: &[u8], version: i16) -> Vec<u8> {
    let mut reader = Reader::new(&frame[4..]);
    let header = ResponseHeader::decode(&mut reader, ApiKey::METADATA, version).unwrap();
    let mut response = MetadataResponse::decode_all(reader.rest(), version).unwrap();
    match lie {
        Lie::NoBrokers => response.brokers.clear(),
        Lie::DeadBrokers => {
            let mut others = response.brokers.clone();
            others.iter_mut().for_each(|broker| broker.node_id += 50);
            response.brokers.extend(others);
            for broker in &mut response.brokers {
                broker.port = i32::from(PORT_BASE + 10 * PORTS_DEAD) + broker.node_id;
            }
        }
        Lie::FewerBrokers => {
            let keep = 1 + world.rng.below(response.brokers.len().max(1) as u64) as usize;
            response.brokers.truncate(keep);
        }
        Lie::Rebootstrap => response.error_code = ErrorCode::REBOOTSTRAP_REQUIRED,
        Lie::NoTopic => response.topics.clear(),
        Lie::Twice => {
            response.brokers.extend(response.brokers.clone());
            response.topics.extend(response.topics.clone());
            for topic in &mut response.topics {
                topic.partitions.extend(topic.partitions.clone());
            }
        }
        _ => {}
    }
    let past = world.past_leaders.clone();
    for topic in &mut response.topics {
        match lie {
            Lie::Stale => {
                for partition in &mut topic.partitions {
                    let was = past.iter().find(|((number, index), _)| {
                        Some(topic_name(*number).as_str()) == topic.name
                            && *index == partition.partition_index
                    });
                    if let Some((_, &(leader, epoch))) = was {
                        (partition.leader_id, partition.leader_epoch) = (leader, epoch);
                    }
                }
            }
            Lie::UnknownLeader => {
                topic.partitions.iter_mut().for_each(|partition| partition.leader_id = 77);
            }
            Lie::FewerPartitions => {
                let keep = world.rng.below(1 + topic.partitions.len() as u64) as usize;
                topic.partitions.truncate(keep);
            }
            Lie::OtherId => topic.topic_id[5] ^= 0x55,
            _ => {}
        }
    }
    let mut told = Vec::new();
    encode_response(&response, version, header.correlation_id, &mut told);
    told
}
