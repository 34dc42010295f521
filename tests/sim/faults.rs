//! What goes wrong, until calm: the kinds of faults, each counted when it strikes, and how each ends.

use crate::link::Event;
use crate::plan::{PARTITIONS_MAX, PORT_BASE, PORTS_DEAD, one_in, pick};
use crate::spoil::{Lie, Spoil};
use crate::world::{Dns, World};
use rdkafka::mock::Fault;
use rdkafka::producer::action::ConnId;
use rdkafka::protocol::{ApiKey, ErrorCode};

/// Errors that leave open whether the batch was appended.
pub const AMBIGUOUS: &[ErrorCode] = &[
    ErrorCode::REQUEST_TIMED_OUT,
    ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ErrorCode::UNKNOWN_SERVER_ERROR,
];

/// Errors that a broker may answer after it has appended.
const APPENDED: &[ErrorCode] = &[
    ErrorCode::REQUEST_TIMED_OUT,
    ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ErrorCode::UNKNOWN_SERVER_ERROR,
    ErrorCode::NOT_LEADER_OR_FOLLOWER,
    ErrorCode::KAFKA_STORAGE_ERROR,
];

/// Errors that brokers answer to Produce most often; any other is met too.
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

/// Answers to InitProducerId that end the producer.
const FATAL: &[ErrorCode] = &[
    ErrorCode::INVALID_PRODUCER_EPOCH,
    ErrorCode::PRODUCER_FENCED,
    ErrorCode::CLUSTER_AUTHORIZATION_FAILED,
    ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    ErrorCode::INVALID_TRANSACTION_TIMEOUT,
];

/// A fault's end, or its next step.
#[derive(Debug)]
pub enum Later {
    BrokerUp(i32),
    BrokerFast(i32),
    TopicWell(usize),
    TopicAgain(usize, u32),
    Leader(usize, i32, i32),
    DnsWell,
}

type Strike = fn(&mut World) -> bool;

/// Each kind by name; false means that there was nothing to strike.
pub const KINDS: &[(&str, Strike)] = &[
    ("broker down", |world| broker_down(world, false)),
    ("broker down, unreplicated tail lost", |world| broker_down(world, true)),
    ("leader moved", leader_moves),
    ("leader gone", leader_gone),
    ("leader ping-pong", leader_ping_pong),
    ("unclean election", unclean_election),
    ("Produce refused", |world| {
        let error = pick(&mut world.rng, REFUSALS);
        inject(world, ApiKey::PRODUCE, Fault::error(error))
    }),
    ("Produce refused with any error", |world| {
        let error = any_error(world);
        inject(world, ApiKey::PRODUCE, Fault::error(error))
    }),
    ("Produce appended, error answered", |world| {
        let error = match world.plan.is_idempotent() && one_in(&mut world.rng, 3) {
            true => ErrorCode::DUPLICATE_SEQUENCE_NUMBER,
            false => pick(&mut world.rng, APPENDED),
        };
        inject(world, ApiKey::PRODUCE, Fault::error_after_append(error))
    }),
    ("Produce answered late", |world| delay(world, ApiKey::PRODUCE)),
    ("Produce throttled", |world| throttle(world, ApiKey::PRODUCE)),
    ("Produce hung up on", |world| inject(world, ApiKey::PRODUCE, Fault::disconnect())),
    ("Metadata error", |world| {
        let error = any_error(world);
        inject(world, ApiKey::METADATA, Fault::error(error))
    }),
    ("Metadata answered late", |world| delay(world, ApiKey::METADATA)),
    ("Metadata throttled", |world| throttle(world, ApiKey::METADATA)),
    ("Metadata hung up on", |world| inject(world, ApiKey::METADATA, Fault::disconnect())),
    ("ApiVersions error", |world| {
        let error = any_error(world);
        inject(world, ApiKey::API_VERSIONS, Fault::error(error))
    }),
    ("ApiVersions answered late", |world| delay(world, ApiKey::API_VERSIONS)),
    ("ApiVersions hung up on", |world| inject(world, ApiKey::API_VERSIONS, Fault::disconnect())),
    ("InitProducerId error", |world| {
        let error = any_error(world);
        // Rarely one that ends everything.
        let error = if FATAL.contains(&error) && !one_in(&mut world.rng, 10) {
            ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
        } else {
            error
        };
        world.may_be_fatal |= FATAL.contains(&error);
        inject(world, ApiKey::INIT_PRODUCER_ID, Fault::error(error))
    }),
    ("InitProducerId answered late", |world| delay(world, ApiKey::INIT_PRODUCER_ID)),
    ("InitProducerId hung up on", |world| {
        inject(world, ApiKey::INIT_PRODUCER_ID, Fault::disconnect())
    }),
    ("sequence refused", |world| {
        let error = pick(&mut world.rng, SEQUENCE_REFUSALS);
        inject(world, ApiKey::PRODUCE, Fault::error(error))
    }),
    ("producer's state forgotten", |world| {
        let Some((topic, partition)) = random_partition(world) else { return false };
        world.amnesia.insert((topic, partition));
        let name = topic_name(topic);
        let partition = world.net.cluster_mut().partition_mut(&name, partition).unwrap();
        partition.log.forget_producers();
        true
    }),
    ("topic in error", topic_in_error),
    ("topic deleted and created again", topic_deleted),
    ("partitions added", partitions_added),
    ("broker slow", broker_slow),
    ("broker at another port", broker_moves),
    ("link stalled", |world| {
        let for_us = pick(&mut world.rng, &[50_000, 900_000, 8_000_000]);
        strike_link(world, |world, conn| world.stall(conn, for_us))
    }),
    ("link cut", |world| strike_link(world, |world, conn| world.kill(conn, true))),
    ("link half-open", |world| strike_link(world, |world, conn| world.kill(conn, false))),
    ("link cut, requests arrive late", |world| {
        strike_link(world, |world, conn| world.cut_late(conn))
    }),
    ("link's answers lost", |world| strike_link(world, |world, conn| world.deafen(conn))),
    ("request repeated", |world| {
        world.repeats += 1;
        true
    }),
    ("answer garbled", |world| spoil_any(world, Spoil::Flip, false)),
    ("answer cut short", |world| spoil_any(world, Spoil::Short, true)),
    ("answer too long", |world| spoil_any(world, Spoil::Long, true)),
    ("frame length nonsense", |world| spoil_any(world, Spoil::Length, true)),
    ("correlation id wrong", |world| spoil_any(world, Spoil::Correlation, true)),
    ("answer twice", |world| spoil_any(world, Spoil::Twice, true)),
    ("metadata stale", |world| lie(world, Lie::Stale)),
    ("metadata with unknown leader", |world| lie(world, Lie::UnknownLeader)),
    ("metadata with fewer partitions", |world| lie(world, Lie::FewerPartitions)),
    ("metadata without brokers", |world| lie(world, Lie::NoBrokers)),
    ("metadata without the topic", |world| lie(world, Lie::NoTopic)),
    ("metadata with another topic id", |world| lie(world, Lie::OtherId)),
    ("metadata with everything twice", |world| lie(world, Lie::Twice)),
    ("metadata with dead brokers", |world| lie(world, Lie::DeadBrokers)),
    ("metadata with fewer brokers", |world| lie(world, Lie::FewerBrokers)),
    ("metadata asks to begin again", |world| lie(world, Lie::Rebootstrap)),
    ("DNS fails", |world| dns(world, Dns::Fails)),
    ("DNS never answers", |world| dns(world, Dns::Silent)),
    ("DNS with dead addresses", |world| dns(world, Dns::Dead)),
    ("wall clock jumps", wall_clock_jumps),
    ("process suspended", |world| {
        world.suspend_us = pick(&mut world.rng, &[10_000, 1_500_000, 20_000_000]);
        true
    }),
    ("brokers added by the application", |world| {
        let port = PORT_BASE + world.rng.below(8) as u16;
        let host = world.plan.host().to_owned();
        world.core.handle_brokers_added(vec![(host, port)], world.now_us);
        true
    }),
];

/// One fault.
pub fn strike(world: &mut World) {
    let enabled: Vec<usize> =
        (0..KINDS.len()).filter(|kind| world.plan.fault_kinds >> kind & 1 == 1).collect();
    let kind = match enabled.is_empty() {
        true => world.rng.below(KINDS.len() as u64) as usize,
        false => pick(&mut world.rng, &enabled),
    };
    let (name, strike) = KINDS[kind];
    world.log(format!("fault: {name}"));
    if strike(world) {
        world.count(name);
    }
}

/// A fault ends, or goes on.
pub fn later(world: &mut World, what: &Later) {
    world.log(format!("{what:?}"));
    match *what {
        Later::BrokerUp(broker) => world.net.set_broker_up(broker, true),
        Later::BrokerFast(broker) => world.net.cluster_mut().broker_mut(broker).unwrap().rtt_us = 0,
        Later::TopicWell(topic) => {
            if let Some(topic) = world.net.cluster_mut().topic_mut(&topic_name(topic)) {
                topic.error = ErrorCode::NONE;
            }
        }
        Later::TopicAgain(topic, partitions) => {
            // Calm may have come first.
            let _ = world.net.cluster_mut().create_topic(&topic_name(topic), partitions, 3);
        }
        Later::Leader(topic, partition, leader) if !world.calm => {
            set_leader(world, topic, partition, leader);
        }
        Later::Leader(..) => {}
        Later::DnsWell => world.dns = Dns::Well,
    }
}

fn random_broker(world: &mut World) -> i32 {
    1 + world.rng.below(u64::from(world.plan.brokers)) as i32
}

fn random_topic(world: &mut World) -> usize {
    world.rng.below(world.plan.partitions.len() as u64) as usize
}

fn random_partition(world: &mut World) -> Option<(usize, i32)> {
    let topic = random_topic(world);
    let count = world.net.cluster().topic(&topic_name(topic))?.partitions.len();
    Some((topic, world.rng.below(count as u64) as i32))
}

fn strike_link(world: &mut World, strike: impl Fn(&mut World, ConnId)) -> bool {
    let open: Vec<ConnId> =
        world.links.iter().filter(|(_, link)| link.is_open()).map(|(conn, _)| *conn).collect();
    if open.is_empty() {
        return false;
    }
    let conn = pick(&mut world.rng, &open);
    world.log(format!("it strikes {conn:?}"));
    strike(world, conn);
    true
}

fn any_error(world: &mut World) -> ErrorCode {
    // That of a batch written before must not be said of another.
    let may_be =
        |code: &ErrorCode| code.is_error() && *code != ErrorCode::DUPLICATE_SEQUENCE_NUMBER;
    let all: Vec<ErrorCode> = ErrorCode::all().filter(may_be).collect();
    pick(&mut world.rng, &all)
}

pub fn topic_name(topic: usize) -> String {
    format!("t{topic}")
}

fn inject(world: &mut World, api: ApiKey, fault: Fault) -> bool {
    let count = 1 + world.rng.below(3) as usize;
    world.log(format!("the next {count} {api:?} meet {fault:?}"));
    world.net.cluster_mut().push_faults(api, std::iter::repeat_n(fault, count));
    true
}

fn delay(world: &mut World, api: ApiKey) -> bool {
    let delay_us = pick(&mut world.rng, &[20_000, 600_000, 12_000_000]);
    inject(world, api, Fault::delay_us(delay_us))
}

fn throttle(world: &mut World, api: ApiKey) -> bool {
    let throttle_ms = pick(&mut world.rng, &[5, 400, 3_000, 100_000]);
    inject(world, api, Fault::throttle_ms(throttle_ms))
}

fn broker_down(world: &mut World, loses_tail: bool) -> bool {
    let broker = random_broker(world);
    if !world.net.cluster().broker(broker).unwrap().up {
        return false;
    }
    world.log(format!("broker {broker} down"));
    world.net.set_broker_up(broker, false);
    if loses_tail {
        for topic in 0..world.plan.partitions.len() {
            if world.plan.topics[topic].acks == -1 {
                continue;
            }
            let partitions = world.net.cluster().topic(&topic_name(topic));
            let led: Vec<i32> = (0..)
                .zip(partitions.into_iter().flat_map(|topic| &topic.partitions))
                .filter(|(_, partition)| partition.leader == broker)
                .map(|(number, _)| number)
                .collect();
            led.into_iter().for_each(|partition| lose_tail(world, topic, partition));
        }
    }
    let for_us = pick(&mut world.rng, &[300_000, 2_000_000, 10_000_000]);
    world.later(for_us, Event::Later(Later::BrokerUp(broker)));
    true
}

/// The youngest few batches of a log are gone.
fn lose_tail(world: &mut World, topic: usize, partition: i32) {
    let count = 1 + world.rng.below(3) as usize;
    let Some(partition_mut) = world.net.cluster_mut().partition_mut(&topic_name(topic), partition)
    else {
        return;
    };
    let batches = partition_mut.log.batches();
    let offsets: Vec<i64> = batches.map(|batch| batch.base_offset).collect();
    let Some(&offset) = offsets.get(offsets.len().saturating_sub(count)) else { return };
    let cut = partition_mut.log.truncate(offset);
    world.log(format!("t{topic}/{partition} loses everything from offset {offset} on"));
    world.archive(topic, partition, &cut);
}

fn set_leader(world: &mut World, topic: usize, partition: i32, leader: i32) {
    let name = topic_name(topic);
    if let Some(was) = world.net.cluster().partition(&name, partition) {
        let was = (was.leader, was.leader_epoch);
        world.past_leaders.insert((topic, partition), was);
        world.log(format!("{name}/{partition} led by {leader}"));
        world.net.cluster_mut().set_leader(&name, partition, leader);
    }
}

fn leader_moves(world: &mut World) -> bool {
    let (Some((topic, partition)), leader) = (random_partition(world), random_broker(world)) else {
        return false;
    };
    set_leader(world, topic, partition, leader);
    true
}

fn leader_gone(world: &mut World) -> bool {
    let (Some((topic, partition)), next) = (random_partition(world), random_broker(world)) else {
        return false;
    };
    set_leader(world, topic, partition, -1);
    let for_us = pick(&mut world.rng, &[20_000, 1_000_000, 8_000_000]);
    world.later(for_us, Event::Later(Later::Leader(topic, partition, next)));
    true
}

fn leader_ping_pong(world: &mut World) -> bool {
    let Some((topic, partition)) = random_partition(world) else { return false };
    let (a, b) = (random_broker(world), random_broker(world));
    let pause_us = pick(&mut world.rng, &[1_000, 30_000, 400_000]);
    for turn in 0..6 {
        let leader = if turn % 2 == 0 { a } else { b };
        world.later(turn * pause_us, Event::Later(Later::Leader(topic, partition, leader)));
    }
    true
}

fn unclean_election(world: &mut World) -> bool {
    let (Some((topic, partition)), leader) = (random_partition(world), random_broker(world)) else {
        return false;
    };
    lose_tail(world, topic, partition);
    set_leader(world, topic, partition, leader);
    true
}

fn topic_in_error(world: &mut World) -> bool {
    let (topic, error) = (random_topic(world), any_error(world));
    let Some(state) = world.net.cluster_mut().topic_mut(&topic_name(topic)) else { return false };
    state.error = error;
    world.log(format!("t{topic} answers {error:?}"));
    let for_us = pick(&mut world.rng, &[30_000, 1_000_000, 8_000_000]);
    world.later(for_us, Event::Later(Later::TopicWell(topic)));
    true
}

fn topic_deleted(world: &mut World) -> bool {
    let topic = random_topic(world);
    let Some(deleted) = world.net.cluster_mut().delete_topic(&topic_name(topic)) else {
        return false;
    };
    for (number, partition) in (0..).zip(&deleted.partitions) {
        let batches: Vec<_> = partition.log.batches().collect();
        world.archive(topic, number, batches);
        world.past_leaders.remove(&(topic, number));
    }
    let for_us = pick(&mut world.rng, &[0, 50_000, 3_000_000]);
    let partitions = 1 + world.rng.below(5) as u32;
    world.later(for_us, Event::Later(Later::TopicAgain(topic, partitions)));
    true
}

fn partitions_added(world: &mut World) -> bool {
    let topic = random_topic(world);
    let name = topic_name(topic);
    let Some(count) = world.net.cluster().topic(&name).map(|topic| topic.partitions.len()) else {
        return false;
    };
    count + 2 <= PARTITIONS_MAX
        && world.net.cluster_mut().grow_topic(&name, count as u32 + 2).is_ok()
}

fn broker_slow(world: &mut World) -> bool {
    let broker = random_broker(world);
    let rtt_us = pick(&mut world.rng, &[30_000, 700_000, 5_000_000]);
    world.net.cluster_mut().broker_mut(broker).unwrap().rtt_us = rtt_us;
    world.later(5_000_000, Event::Later(Later::BrokerFast(broker)));
    true
}

fn broker_moves(world: &mut World) -> bool {
    let broker = random_broker(world);
    world.ports_used += 1;
    let port = PORT_BASE + PORTS_DEAD + world.ports_used;
    let other = random_broker(world);
    let port_of = |world: &World, id| world.net.cluster().broker(id).unwrap().port;
    if other != broker && one_in(&mut world.rng, 2) {
        // Another one takes its place.
        let old = port_of(world, broker);
        move_to(world, broker, port);
        move_to(world, other, old);
    } else {
        move_to(world, broker, port);
    }
    true
}

fn move_to(world: &mut World, broker: i32, port: u16) {
    world.ports.retain(|_, &mut id| id != broker);
    world.ports.insert(port, broker);
    let host = world.plan.host().to_owned();
    world.net.cluster_mut().set_broker_address(broker, &host, port);
    world.log(format!("broker {broker} listens on {port}"));
}

fn spoil_any(world: &mut World, spoil: Spoil, metadata_too: bool) -> bool {
    // Metadata with a flipped bit may say anything, an epoch from the far future for one.
    let apis = [
        ApiKey::PRODUCE,
        ApiKey::PRODUCE,
        ApiKey::API_VERSIONS,
        ApiKey::INIT_PRODUCER_ID,
        ApiKey::METADATA,
    ];
    let api = apis[world.rng.below(if metadata_too { 5 } else { 4 }) as usize];
    world.spoils.push((api, spoil));
    true
}

fn lie(world: &mut World, lie: Lie) -> bool {
    world.spoils.push((ApiKey::METADATA, Spoil::Lie(lie)));
    // Somebody must ask.
    if one_in(&mut world.rng, 2) {
        strike_link(world, |world, conn| world.kill(conn, true));
    }
    true
}

fn dns(world: &mut World, dns: Dns) -> bool {
    world.dns = dns;
    let for_us = pick(&mut world.rng, &[500_000, 5_000_000]);
    world.later(for_us, Event::Later(Later::DnsWell));
    true
}

fn wall_clock_jumps(world: &mut World) -> bool {
    world.app.wall_offset_ms =
        pick(&mut world.rng, &[-1_600_000_000_000, -3_600_000, 0, 90_000_000]);
    true
}

/// Everything works from now on; links that died unnoticed stay dead.
pub fn calm(world: &mut World) {
    world.log("calm".into());
    world.calm = true;
    world.dns = Dns::Well;
    world.spoils.clear();
    world.repeats = 0;
    world.spare();
    for api in [ApiKey::PRODUCE, ApiKey::METADATA, ApiKey::API_VERSIONS, ApiKey::INIT_PRODUCER_ID] {
        world.net.cluster_mut().clear_faults(api);
    }
    for broker in 1..=world.plan.brokers as i32 {
        world.net.set_broker_up(broker, true);
        world.net.cluster_mut().broker_mut(broker).unwrap().rtt_us = 0;
        world.ports.entry(PORT_BASE + broker as u16).or_insert(broker);
    }
    for topic in 0..world.plan.partitions.len() {
        let name = topic_name(topic);
        // It may be deleted just now.
        let _ = world.net.cluster_mut().create_topic(&name, 3, 3);
        world.net.cluster_mut().topic_mut(&name).unwrap().error = ErrorCode::NONE;
        let count = world.net.cluster().topic(&name).unwrap().partitions.len() as i32;
        for partition in 0..count {
            if world.net.cluster().partition(&name, partition).unwrap().leader < 0 {
                world.net.cluster_mut().set_leader(&name, partition, 1);
            }
        }
    }
}
