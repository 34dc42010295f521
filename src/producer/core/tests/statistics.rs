//! The core's half of a statistics report, in virtual time.

use super::*;
use crate::producer::config::Idempotence;
use crate::stats::{BrokerReport, PartitionReport, Statistics};
use world::RTT_US;

fn measured(settings: Settings, partitions: usize) -> World {
    let mut world = World::new(settings, topic_settings(), partitions);
    world.core.enable_statistics();
    world
}

fn report(world: &mut World) -> Statistics {
    let mut statistics = world.core.statistics(true, world.now_us);
    statistics.sum_up();
    statistics
}

fn leader(statistics: &Statistics) -> &BrokerReport {
    statistics.brokers.iter().find(|broker| broker.nodeid == 0).unwrap()
}

fn partition(statistics: &Statistics) -> &PartitionReport {
    &statistics.topics[0].partitions[0]
}

#[test]
fn what_was_sent_and_acknowledged_is_counted_and_measured_once() {
    let mut world = measured(settings(), 1);
    world.run_for(SECOND_US);
    let mut batch = Batch::default();
    (0..3).for_each(|_| world.append(&mut batch));
    world.hand_in(0, batch);
    world.run_for(SECOND_US);
    let statistics = report(&mut world);
    let counted = partition(&statistics);
    assert_eq!((counted.txmsgs, counted.txbytes, counted.msgs), (3, 6, 3));
    assert_eq!((counted.msgs_inflight, counted.xmit_msgq_cnt, counted.broker), (0, 0, 0));
    let broker = leader(&statistics);
    assert_eq!((broker.state, broker.req.of(0), broker.toppars.len()), ("UP", 1, 1));
    assert_eq!((broker.tx, broker.rx), (statistics.tx, statistics.rx));
    // All three lingered from the same moment on.
    let latency = &broker.int_latency;
    assert_eq!((latency.cnt, latency.min, latency.max), (3, 5_000, 5_000));
    assert_eq!((broker.rtt.min, broker.rtt.max), (RTT_US, RTT_US));
    assert_eq!(broker.rtt.cnt, broker.rx);
    assert_eq!(statistics.topics[0].batchcnt.sum, 3);
    let again = report(&mut world);
    assert_eq!((leader(&again).int_latency.cnt, again.topics[0].batchcnt.cnt), (0, 0));
    assert_eq!((again.txmsgs, again.tx), (3, statistics.tx), "counters go on");
}

#[test]
fn without_statistics_windows_stay_empty_and_counters_count() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(SECOND_US);
    let statistics = report(&mut world);
    assert_eq!((statistics.txmsgs, leader(&statistics).rtt.cnt), (1, 0));
    assert_eq!(statistics.topics[0].batchsize.hdrsize, 0);
}

#[test]
fn what_the_kernel_does_not_take_waits_as_a_request_with_its_messages() {
    let mut world = measured(settings(), 1);
    world.run_for(SECOND_US);
    world.blocked = true;
    world.produce(0);
    world.run_for(SECOND_US);
    let statistics = report(&mut world);
    let broker = leader(&statistics);
    assert_eq!((broker.outbuf_cnt, broker.outbuf_msg_cnt), (1, 1));
    assert_eq!((broker.waitresp_cnt, broker.req.of(0)), (0, 0));
    assert_eq!(partition(&statistics).msgs_inflight, 1);
}

#[test]
fn a_retry_counts_as_one_and_its_messages_are_sent_again() {
    let mut world = measured(settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Refuse(ErrorCode::NOT_ENOUGH_REPLICAS.0));
    world.produce(0);
    world.run_for(SECOND_US);
    let statistics = report(&mut world);
    assert_eq!((leader(&statistics).txretries, leader(&statistics).req.of(0)), (1, 2));
    assert_eq!((partition(&statistics).txmsgs, partition(&statistics).msgs), (2, 1));
}

#[test]
fn a_lost_connection_is_down_and_shows_no_idle_times() {
    let mut world = measured(settings(), 1);
    world.run_for(SECOND_US);
    world.up.values_mut().for_each(|up| *up = false);
    world.cut(1);
    let statistics = report(&mut world);
    let broker = leader(&statistics);
    assert_eq!((broker.state, broker.stateage, broker.disconnects), ("DOWN", 0, 1));
    assert_eq!((broker.txidle, broker.rxidle, broker.connects), (-1, -1, 1));
    world.run_for(10 * SECOND_US);
    let connects = leader(&report(&mut world)).connects;
    assert!(connects > 1, "attempts that fail count: {connects}");
}

#[test]
fn a_request_without_answer_is_a_timeout() {
    let mut world = measured(settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Ignore);
    world.produce(0);
    world.run_for(70 * SECOND_US);
    assert_eq!(leader(&report(&mut world)).req_timeouts, 1);
}

#[test]
fn an_unreadable_answer_is_an_error_of_receiving() {
    let mut world = measured(settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::AppendAndBabble);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(leader(&report(&mut world)).rxerrs, 1);
}

#[test]
fn throttling_is_measured_and_its_end_is_told_once() {
    let mut world = measured(settings(), 1);
    world.run_for(SECOND_US);
    world.throttle_time_ms = 300;
    world.produce(0);
    world.run_for(SECOND_US);
    world.throttle_time_ms = 0;
    for _ in 0..3 {
        world.produce(0);
        world.run_for(SECOND_US);
    }
    let throttle = leader(&report(&mut world)).throttle.clone();
    assert_eq!((throttle.cnt, throttle.max), (1, 300));
    let told: Vec<_> = world.notices.iter().filter(|text| text.contains("Throttle")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("127.0.0.1:1\""), "{told:?}");
    assert!(told[0].contains("throttle_ms: 300") && told[1].contains("throttle_ms: 0"));
}

#[test]
fn an_idempotent_producer_tells_its_state_and_how_far_acknowledgements_came() {
    let idempotence = Some(Idempotence { gapless: false, first_sequence: 0 });
    let mut world = measured(Settings { idempotence, ..settings() }, 1);
    let before = report(&mut world).eos.unwrap();
    assert_eq!((before.idemp_state, before.producer_id), ("WaitTransport", -1));
    world.run_for(SECOND_US);
    for _ in 0..5 {
        world.produce(0);
        world.run_for(SECOND_US);
    }
    let statistics = report(&mut world);
    let eos = statistics.eos.as_ref().unwrap();
    assert_eq!((eos.idemp_state, eos.epoch_cnt, eos.txn_state), ("Assigned", 1, "Init"));
    assert!(eos.producer_id >= 0 && eos.idemp_stateage > 4_000);
    let counted = partition(&statistics);
    assert_eq!((counted.acked_msgid, counted.next_ack_seq, counted.next_err_seq), (5, 5, 5));
    world.core.handle_fatal(&mut world.source, world.now_us);
    let eos = report(&mut world).eos.unwrap();
    assert_eq!((eos.idemp_state, eos.idemp_stateage), ("FatalError", 0));
}
