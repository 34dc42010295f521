//! Offsets that a producer may ask for: a partition's first and next, and those at a time. Runs on the thread that asks,
//! which waits for the answers.

use std::collections::HashMap;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::sync::Arc;
use std::time::Duration;

use crate::client::{Client, Deadline};
use crate::producer::question::{Question, Topics};
use crate::protocol::Message;
use crate::protocol::list_offsets::{EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, ListOffsetsResponse};
use crate::protocol::metadata::MetadataResponse;

use super::guard::guard;
use super::handle::client;
use super::structs::rd_kafka_topic_partition_list_t;
use super::topic_partition::elements;
use super::types::{RespErr, rd_kafka_t};

/// A topic and a partition.
type Place = (String, i32);

/// Leaders are looked for this often while an election goes on.
const ELECTION_PAUSE: Duration = Duration::from_millis(100);

/// Who leads these partitions, those that exist; waits while there is no leader.
fn leaders(
    client: &Arc<Client>,
    places: &[Place],
    limit: &Deadline,
) -> Result<HashMap<Place, i32>, RespErr> {
    loop {
        match leaders_now(client, places, limit) {
            Err(RespErr::LEADER_NOT_AVAILABLE) if limit.remaining_ms() != 0 => {
                std::thread::sleep(ELECTION_PAUSE);
            }
            result => return result,
        }
    }
}

fn leaders_now(
    client: &Arc<Client>,
    places: &[Place],
    limit: &Deadline,
) -> Result<HashMap<Place, i32>, RespErr> {
    let mut leaders = HashMap::new();
    let mut names: Vec<&str> = places.iter().map(|(topic, _)| topic.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let question = Question::Metadata(Topics::One(name.to_owned()));
        let answer = client.ask(question, limit.remaining_ms()).map_err(RespErr)?;
        let response = MetadataResponse::decode_all(&answer.body, answer.version)
            .map_err(|_| RespErr::_BAD_MSG)?;
        for topic in response.topics.iter().filter(|topic| topic.name == Some(name)) {
            if topic.error_code.is_error() {
                return Err(RespErr(topic.error_code.0.into()));
            }
            for partition in &topic.partitions {
                leaders.insert((name.to_owned(), partition.partition_index), partition.leader_id);
            }
        }
    }
    let mut known = places.iter().filter_map(|place| leaders.get(place)).peekable();
    if known.peek().is_none() {
        return Err(RespErr::_UNKNOWN_PARTITION);
    }
    match known.any(|&leader| leader < 0) {
        true => Err(RespErr::LEADER_NOT_AVAILABLE),
        false => Ok(leaders),
    }
}

/// Offsets at these times (or first, or next); each with its partition's error.
fn offsets(
    client: &Arc<Client>,
    wanted: &[(Place, i64)],
    limit: &Deadline,
) -> Result<HashMap<Place, Result<i64, RespErr>>, RespErr> {
    let places: Vec<Place> = wanted.iter().map(|(place, _)| place.clone()).collect();
    let leaders = leaders(client, &places, limit)?;
    let mut by_leader: HashMap<i32, Vec<(String, i32, i64)>> = HashMap::new();
    let mut found = HashMap::new();
    for (place, time) in wanted {
        match leaders.get(place) {
            Some(&leader) => {
                by_leader.entry(leader).or_default().push((place.0.clone(), place.1, *time));
            }
            None => {
                found.insert(place.clone(), Err(RespErr::_UNKNOWN_PARTITION));
            }
        }
    }
    for (leader, partitions) in by_leader {
        let question = Question::Offsets { leader, partitions };
        let answer = client.ask(question, limit.remaining_ms()).map_err(RespErr)?;
        let response = ListOffsetsResponse::decode_all(&answer.body, answer.version)
            .map_err(|_| RespErr::_BAD_MSG)?;
        for topic in &response.topics {
            for told in &topic.partitions {
                let offset = match told.error_code.is_error() {
                    true => Err(RespErr(told.error_code.0.into())),
                    false => Ok(told.offset),
                };
                found.insert((topic.name.to_owned(), told.partition_index), offset);
            }
        }
    }
    Ok(found)
}

fn watermark(
    client: &Arc<Client>,
    place: &Place,
    time: i64,
    limit: &Deadline,
) -> Result<i64, RespErr> {
    let found = offsets(client, &[(place.clone(), time)], limit)?;
    found.get(place).copied().unwrap_or(Err(RespErr::_FAIL))
}

/// Asks the leader for a partition's first offset and the one after its last.
///
/// @param low Set to the first offset.
/// @param high Set to the next offset.
/// @param timeout_ms How long to wait; -1: as long as it takes.
///
/// @returns the error of the partition or of the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_query_watermark_offsets(
    rk: *mut rd_kafka_t,
    topic: *const c_char,
    partition: i32,
    low: *mut i64,
    high: *mut i64,
    timeout_ms: c_int,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL, a live handle, the caller's variables.
        let (client, low, high) = unsafe { (client(rk), low.as_mut(), high.as_mut()) };
        let (Some(client), Some(low), Some(high)) = (client, low, high) else {
            return RespErr::_INVALID_ARG;
        };
        if topic.is_null() {
            return RespErr::_INVALID_ARG;
        }
        // SAFETY: a terminated string.
        let topic = unsafe { CStr::from_ptr(topic) }.to_string_lossy().into_owned();
        let (place, limit) = ((topic, partition), Deadline::after_ms(timeout_ms));
        let first = watermark(client, &place, EARLIEST_TIMESTAMP, &limit);
        match first
            .and_then(|first| Ok((first, watermark(client, &place, LATEST_TIMESTAMP, &limit)?)))
        {
            Ok((first, next)) => {
                (*low, *high) = (first, next);
                RespErr::NO_ERROR
            }
            Err(error) => error,
        }
    })
}

/// Looks up offsets by time: for each element the first message at or after the time in its offset field, which becomes that
/// message's offset; the next offset (-1: RD_KAFKA_OFFSET_END) if there is none.
///
/// @param timeout_ms How long to wait; -1: as long as it takes.
///
/// @returns the request's error, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION if none of the partitions exists; a partition's own is in
/// its element.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_offsets_for_times(
    rk: *mut rd_kafka_t,
    offsets: *mut rd_kafka_topic_partition_list_t,
    timeout_ms: c_int,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL, a live handle, a list that the caller owns.
        let (client, list) = unsafe { (client(rk), elements(offsets)) };
        let Some(client) = client.filter(|_| !list.is_empty()) else {
            return RespErr::_INVALID_ARG;
        };
        let place = |element: &super::structs::rd_kafka_topic_partition_t| {
            // A list's topics are terminated strings, or NULL.
            let topic = match element.topic.is_null() {
                true => String::new(),
                // SAFETY: not NULL: a terminated string.
                false => unsafe { CStr::from_ptr(element.topic) }.to_string_lossy().into_owned(),
            };
            (topic, element.partition)
        };
        let wanted: Vec<_> = list.iter().map(|element| (place(element), element.offset)).collect();
        match self::offsets(client, &wanted, &Deadline::after_ms(timeout_ms)) {
            Ok(found) => {
                for element in list {
                    match found.get(&place(element)) {
                        Some(Ok(offset)) => {
                            (element.offset, element.err) = (*offset, RespErr::NO_ERROR);
                        }
                        Some(Err(error)) => element.err = *error,
                        None => element.err = RespErr::_FAIL,
                    }
                }
                RespErr::NO_ERROR
            }
            Err(error) => error,
        }
    })
}
