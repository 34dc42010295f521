//! What the simulator found: the state of the world that led to it, in the fewest steps.

use super::*;
use crate::cluster::broker::READY_LEN_MIN;
use crate::producer::core::metadata::{ALL_PARTITIONS_MAX, PARTITIONS_MAX};

#[test]
fn an_older_leader_epoch_is_believed_when_it_is_told_again_and_again() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.epoch = 7;
    world.run_for(SECOND_US);
    // Created anew by a cluster without topic ids: the epochs begin anew, and the old leader is none any more.
    (world.leaders, world.epoch) = (vec![1], 0);
    world.produce(0);
    world.run_for(5 * SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
    assert_eq!(world.reports[0].broker_id, 1);
}

#[test]
fn a_broker_that_has_moved_is_not_spoken_to_at_its_old_address() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(SECOND_US);
    let index = world.core.by_node[&0];
    let old = world.core.brokers[index].conn().expect("connected");
    let now_us = world.now_us;
    world.core.move_broker(index, "127.0.0.1", 99, now_us);
    world.run_for(0);
    assert!(!world.conns.contains_key(&old), "another broker may answer there now");
}

#[test]
fn a_connection_to_an_old_address_is_kept_until_its_answers_are_there() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(5_000);
    let index = world.core.by_node[&0];
    let (old, now_us) = (world.core.brokers[index].conn().expect("connected"), world.now_us);
    assert_eq!(world.core.held_count(), 1, "in flight");
    world.core.move_broker(index, "127.0.0.1", 99, now_us);
    world.run_for(0);
    assert!(world.conns.contains_key(&old));
    world.run_for(world::RTT_US);
    assert_eq!(outcomes(&world), [(1, 0, Persistence::Persisted)]);
    assert!(!world.conns.contains_key(&old));
}

#[test]
fn configured_addresses_are_kept_when_their_brokers_move() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    let now_us = world.now_us;
    for port in [98, 99] {
        for index in 0..world.core.brokers.len() {
            world.core.move_broker(index, "127.0.0.1", port, now_us);
        }
    }
    for (host, port) in settings().bootstrap {
        let kept = world.core.brokers.iter().any(|b| b.host == host && b.port == port);
        assert!(kept, "{host}:{port}");
    }
}

#[test]
fn a_missing_topic_is_looked_for_soon_whatever_else_is_asked_meanwhile() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.topic_error = ErrorCode::TOPIC_AUTHORIZATION_FAILED.0;
    for _ in 0..30 {
        world.run_for(30_000);
        world.core.want_metadata_at_once(world.now_us);
        world.core.topics[0].refresh = true;
    }
    world.topic_error = 0;
    world.run_for(3 * SECOND_US);
    assert_eq!(world.core.topics[0].partitions.len(), 1);
}

#[test]
fn a_batch_that_is_too_large_ends_after_a_fatal_error() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Refuse(ErrorCode::MESSAGE_TOO_LARGE.0));
    let mut batch = Batch::default();
    world.append(&mut batch);
    world.append(&mut batch);
    world.hand_in(0, batch);
    world.run_for(5_000);
    assert_eq!(world.core.held_count(), 2, "in flight");
    world.core.handle_fatal(&mut world.source, world.now_us);
    world.run_for(SECOND_US);
    assert_eq!(world.core.held_count(), 0);
    assert_eq!(outcomes(&world).iter().map(|(count, ..)| count).sum::<usize>(), 2);
}

#[test]
fn what_comes_back_while_its_topic_fails_expires_in_time() {
    let topic = TopicSettings { message_timeout_us: 2 * SECOND_US, ..topic_settings() };
    let mut world = World::new(settings(), topic, 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Ignore);
    world.produce(0);
    world.run_for(5_100);
    world.produce(0);
    assert_eq!(world.core.held_count(), 1, "in flight");
    let (index, now_us) = (world.core.by_node[&0], world.now_us);
    // Both in one turn.
    world.up = std::collections::BTreeMap::from([(1, false), (2, false)]);
    world.core.fail_partition((0, 0), 29);
    world.core.close_link(index, local_error::TRANSPORT, "gone", now_us);
    world.run_for(3 * SECOND_US);
    assert_eq!(world.core.held_count(), 0);
    assert_eq!(world.reports.len(), 2);
}

#[test]
fn a_leader_that_dies_is_replaced_as_soon_as_the_cluster_tells_of_another() {
    let mut world = World::new(settings(), topic_settings(), 2);
    world.run_for(SECOND_US);
    world.up.insert(1, false);
    world.produce(0);
    world.cut(1);
    // By now the next attempt to connect is many seconds away.
    world.run_for(14 * SECOND_US);
    assert!(world.log.is_empty());
    (world.leaders, world.epoch) = (vec![1, 0], 2);
    world.run_for(SECOND_US + 100_000);
    assert_eq!(world.log[&0], values(0..1));
    // Nothing waits for it any more, so nobody asks; then something does.
    world.leaders = vec![1, 1];
    world.epoch = 3;
    world.run_for(SECOND_US);
    world.produce(1);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&1], values(1..2));
}

#[test]
fn metadata_is_asked_for_ever_less_often_while_a_leader_cannot_be_reached() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.up.insert(1, false);
    world.produce(0);
    world.cut(1);
    world.run_for(10 * SECOND_US);
    let before = world.metadata_requests;
    world.run_for(60 * SECOND_US);
    let asked = world.metadata_requests - before;
    assert!((50..=90).contains(&asked), "{asked} times in a minute");
}

#[test]
fn a_partition_that_metadata_names_twice_is_one() {
    let mut world = World::new(settings(), topic_settings(), 2);
    world.partitions_told = Some(vec![0, 1, 0, 1]);
    world.run_for(SECOND_US);
    assert_eq!(world.core.topics[0].partitions.len(), 2);
}

#[test]
fn what_waits_in_a_partition_that_metadata_leaves_out_is_asked_about_again() {
    let mut world = World::new(settings(), topic_settings(), 3);
    world.partitions_told = Some(vec![0, 2]);
    world.run_for(SECOND_US);
    world.produce(1);
    world.run_for(SECOND_US);
    world.partitions_told = None;
    world.run_for(SECOND_US);
    assert_eq!(world.log[&1], values(0..1));
}

#[test]
fn an_attempt_to_connect_for_something_else_does_not_keep_metadata_from_being_asked_for() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.up = std::collections::BTreeMap::from([(1, false), (2, false)]);
    let now_us = world.now_us;
    // Its timer is earlier than that of the next refresh.
    world.core.connect_any(now_us);
    world.up = std::collections::BTreeMap::from([(1, true), (2, true)]);
    let before = world.metadata_requests;
    world.run_for(302 * SECOND_US);
    assert!(world.metadata_requests > before);
}

#[test]
fn metadata_of_more_partitions_than_a_topic_has_is_not_believed() {
    let mut world = World::new(settings(), topic_settings(), 2);
    world.partitions_told = Some([0, 1].repeat(PARTITIONS_MAX / 2 + 1));
    world.run_for(SECOND_US);
    assert_eq!(world.core.topics[0].partitions.len(), 0);
    assert!(world.notices.iter().any(|notice| notice.contains("too many partitions (100002)")));
    assert!(world.metadata_requests < 10, "asked {} times", world.metadata_requests);
    // A believable answer ends it.
    world.partitions_told = None;
    world.run_for(5 * SECOND_US);
    world.produce(1);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&1], values(0..1));
    assert_eq!(world.core.refresh.partition_count, 2);
}

#[test]
fn as_many_partitions_as_a_topic_can_have_are_believed() {
    let mut world = World::new(settings(), topic_settings(), 2);
    world.partitions_told = Some([0, 1].repeat(PARTITIONS_MAX / 2));
    world.run_for(SECOND_US);
    assert_eq!(world.core.topics[0].partitions.len(), 2);
}

#[test]
fn all_topics_together_have_no_more_partitions_than_is_believed() {
    for (others, expected) in [(ALL_PARTITIONS_MAX - 1, 0), (ALL_PARTITIONS_MAX - 2, 2)] {
        let mut world = World::new(settings(), topic_settings(), 2);
        world.core.refresh.partition_count = others;
        world.run_for(SECOND_US);
        assert_eq!(world.core.topics[0].partitions.len(), expected);
    }
}

#[test]
fn a_leader_that_flaps_does_not_fill_the_list_of_a_broker_out_of_reach() {
    let mut world = World::new(settings(), topic_settings(), 2);
    world.run_for(SECOND_US);
    world.up = std::collections::BTreeMap::from([(1, false), (2, false)]);
    [1, 2].iter().for_each(|&port| world.cut(port));
    world.produce(0);
    world.produce(1);
    world.run_for(SECOND_US / 100);
    let mut longest = 0;
    for number in 0..1_000 {
        let now_us = world.now_us;
        world.core.set_leader((0, 0), number % 2, number + 2, now_us);
        longest = world.core.brokers.iter().map(|b| b.ready.len()).max().unwrap().max(longest);
    }
    assert!(longest > 2 && longest <= READY_LEN_MIN, "{longest} entries for 2 partitions");
    // Each partition is still in the list of its leader, once.
    for index in 0..world.core.brokers.len() {
        world.core.drop_stale_ready(index);
    }
    let listed = |node_id: i32| &world.core.brokers[world.core.by_node[&node_id]].ready;
    assert_eq!((listed(0).len(), listed(1).len()), (1, 1));
    (world.leaders[0], world.epoch) = (1, 1_002);
    world.up = std::collections::BTreeMap::from([(1, true), (2, true)]);
    world.run_for(20 * SECOND_US);
    assert_eq!((&world.log[&0], &world.log[&1]), (&values(0..1), &values(1..2)));
}

#[test]
fn a_broker_that_is_gone_is_free_when_what_waited_for_it_went_elsewhere() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.void_from = 1_000;
    (world.ports_told, world.leaders) = (Some(vec![1, 1_000]), vec![999]);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(500_000);
    let gone = world.core.by_node[&999];
    assert_eq!(world.core.brokers[gone].ready.len(), 1);
    (world.leaders, world.epoch, world.ports_told) = (vec![0], 2, Some(vec![1]));
    world.run_for(40 * SECOND_US);
    for _ in 0..2 {
        world.core.want_metadata(world.now_us, true);
        world.run_for(SECOND_US);
    }
    assert_eq!(world.log[&0], values(0..1));
    assert_eq!(world.core.brokers[gone].ready.len(), 0);
}
