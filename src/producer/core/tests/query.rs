//! Questions of the application: answered, asked again when the connection is lost, ended at their deadline.

use super::SECOND_US;
use super::world::{World, settings, topic_settings};
use crate::producer::question::{Question, QuestionId, Topics};

fn ask(world: &mut World, id: u64, wait_us: u64) {
    let question = Question::Metadata(Topics::One("t".into()));
    let deadline_us = world.now_us + wait_us;
    world.core.handle_question(QuestionId(id), question, deadline_us, world.now_us);
}

/// The ends of questions, in order: id and error.
fn ends(world: &World) -> Vec<String> {
    let answers = world.notices.iter().filter(|notice| notice.starts_with("Answer"));
    answers
        .map(|notice| {
            let id = notice.split("QuestionId(").nth(1).unwrap().split(')').next().unwrap();
            let error = notice.split("Err(").nth(1).map(|rest| rest.split(')').next().unwrap());
            format!("{id} {}", error.unwrap_or("answered"))
        })
        .collect()
}

#[test]
fn a_question_is_answered_once() {
    let mut world = World::new(settings(), topic_settings(), 1);
    ask(&mut world, 1, SECOND_US);
    world.run_for(SECOND_US / 2);
    assert_eq!(ends(&world), ["1 answered"]);
    ask(&mut world, 2, SECOND_US);
    world.run_for(100 * SECOND_US);
    assert_eq!(ends(&world), ["1 answered", "2 answered"]);
    // And then nothing wakes.
    let idle_until_us = world.core.poll_timeout().unwrap_or(u64::MAX);
    assert!(idle_until_us > world.now_us + 30 * SECOND_US, "woken at {idle_until_us}");
}

#[test]
fn without_a_broker_a_question_ends_at_its_deadline() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.up.values_mut().for_each(|up| *up = false);
    ask(&mut world, 1, 3 * SECOND_US);
    world.run_for(2_999_000);
    assert!(ends(&world).is_empty());
    world.run_for(2_000);
    assert_eq!(ends(&world), ["1 -195"]);
}

#[test]
fn a_broker_that_comes_back_in_time_is_asked() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.up.values_mut().for_each(|up| *up = false);
    ask(&mut world, 1, 60 * SECOND_US);
    world.run_for(5 * SECOND_US);
    world.up.values_mut().for_each(|up| *up = true);
    world.run_for(30 * SECOND_US);
    assert_eq!(ends(&world), ["1 answered"]);
}

#[test]
fn a_question_without_an_answer_times_out_and_leaves_the_connection() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.blocked = true;
    ask(&mut world, 1, SECOND_US);
    let connections = world.conns.len();
    world.run_for(2 * SECOND_US);
    assert_eq!(ends(&world), ["1 -185"]);
    assert_eq!(world.conns.len(), connections);
}

#[test]
fn a_lost_connection_is_no_reason_to_give_up() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.blocked = true;
    ask(&mut world, 1, 30 * SECOND_US);
    world.run_for(SECOND_US);
    world.blocked = false;
    world.up.keys().copied().collect::<Vec<_>>().into_iter().for_each(|port| world.cut(port));
    world.run_for(20 * SECOND_US);
    assert_eq!(ends(&world), ["1 answered"]);
}

#[test]
fn an_answer_that_cannot_be_read_closes_the_connection_and_another_is_asked() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.blocked = true;
    ask(&mut world, 1, 30 * SECOND_US);
    let conn = *world.conns.keys().next().unwrap();
    let index = world.core.by_conn[&conn];
    world.core.drain(&mut world.source, world.now_us);
    while world.core.poll_action().is_some() {}
    let correlation_id = world.core.brokers[index].in_flight.back().unwrap().correlation_id;
    let mut frame = correlation_id.to_be_bytes().to_vec();
    frame.extend_from_slice(&[0, 1, 2]);
    world.blocked = false;
    world.core.handle_frame(conn, &frame, world.now_us);
    assert!(!world.core.by_conn.contains_key(&conn));
    assert!(ends(&world).is_empty());
    world.run_for(20 * SECOND_US);
    assert_eq!(ends(&world), ["1 answered"]);
}

#[test]
fn offsets_are_asked_of_the_leader_alone() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    let question = Question::Offsets { leader: 77, partitions: vec![("t".into(), 0, -1)] };
    let deadline_us = world.now_us + 5 * SECOND_US;
    world.core.handle_question(QuestionId(1), question, deadline_us, world.now_us);
    world.run_for(10 * SECOND_US);
    assert_eq!(ends(&world), ["1 -195"]);
}

#[test]
fn a_question_that_no_broker_can_be_asked_ends_and_those_behind_it_go_on() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.up.values_mut().for_each(|up| *up = false);
    let deadline_us = world.now_us + 60 * SECOND_US;
    // The scripted brokers speak no ListOffsets.
    let offsets = Question::Offsets { leader: 0, partitions: vec![("t".into(), 0, -1)] };
    world.core.handle_question(QuestionId(1), offsets.clone(), deadline_us, world.now_us);
    world.core.handle_question(QuestionId(2), offsets, deadline_us, world.now_us);
    ask(&mut world, 3, 60 * SECOND_US);
    world.up.values_mut().for_each(|up| *up = true);
    world.run_for(50 * SECOND_US);
    let mut ends = ends(&world);
    ends.sort();
    assert_eq!(ends, ["1 -165", "2 -165", "3 answered"]);
}
