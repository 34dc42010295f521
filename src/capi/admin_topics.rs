//! Topics of admin requests (new ones, ones to be deleted, more partitions): objects in memory, checked as they are made.

use std::ffi::CString;
use std::os::raw::{c_char, c_int};
use std::ptr;

use super::admin::{destroy_array, invalid, owned};
use super::guard::guard;
use super::types::{
    Opaque, RespErr, borrow_mut, into_c, rd_kafka_DeleteTopic_t, rd_kafka_NewPartitions_t,
    rd_kafka_NewTopic_t, rd_kafka_TopicCollection_t, take,
};

const PARTITIONS_MAX: c_int = 100_000;
const BROKERS_MAX: c_int = 10_000;

/// What is behind a `rd_kafka_NewTopic_t`.
pub struct NewTopic {
    _name: CString,
    partitions: c_int,
    replication_factor: c_int,
    assigned: Vec<Vec<i32>>,
    config: Vec<(CString, Option<CString>)>,
}

/// What is behind a `rd_kafka_NewPartitions_t`.
pub struct NewPartitions {
    _name: CString,
    _count: usize,
    assigned: Vec<Vec<i32>>,
}

/// What is behind a `rd_kafka_DeleteTopic_t`.
pub struct DeleteTopic {
    _name: CString,
}

/// What is behind a `rd_kafka_TopicCollection_t`.
pub struct TopicCollection {
    _names: Vec<CString>,
}

impl Opaque for rd_kafka_NewTopic_t {
    type Inner = NewTopic;
}

impl Opaque for rd_kafka_NewPartitions_t {
    type Inner = NewPartitions;
}

impl Opaque for rd_kafka_DeleteTopic_t {
    type Inner = DeleteTopic;
}

impl Opaque for rd_kafka_TopicCollection_t {
    type Inner = TopicCollection;
}

/// Adds the replicas of the next partition.
///
/// # Safety
/// `broker_ids` is NULL or has `count` elements.
unsafe fn assign(
    assigned: &mut Vec<Vec<i32>>,
    partition: i32,
    (broker_ids, count): (*const i32, usize),
    what: &str,
) -> Result<(), String> {
    if usize::try_from(partition) != Ok(assigned.len()) {
        return Err(format!(
            "Partitions must be added in order, starting at 0: expecting {what} {}, not {partition}",
            assigned.len()
        ));
    }
    if count > BROKERS_MAX as usize {
        return Err(format!("Too many brokers specified (RD_KAFKAP_BROKERS_MAX={BROKERS_MAX})"));
    }
    let ids = match broker_ids.is_null() || count == 0 {
        true => Vec::new(),
        // SAFETY: the contract above.
        false => unsafe { std::slice::from_raw_parts(broker_ids, count) }.to_vec(),
    };
    assigned.push(ids);
    Ok(())
}

/// Makes a topic to be created.
///
/// @param num_partitions -1 for the broker's default.
/// @param replication_factor -1 for the broker's default, or with a replica assignment.
///
/// @returns a topic, which the caller destroys; NULL, and the reason in errstr, if an argument is out of its range.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewTopic_new(
    topic: *const c_char,
    num_partitions: c_int,
    replication_factor: c_int,
    errstr: *mut c_char,
    errstr_size: usize,
) -> *mut rd_kafka_NewTopic_t {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let problem = match unsafe { owned(topic) } {
            None => "Invalid topic name".to_owned(),
            Some(_) if !(-1..=PARTITIONS_MAX).contains(&num_partitions) => format!(
                "num_partitions out of expected range 1..{PARTITIONS_MAX} or -1 for broker default"
            ),
            Some(_) if !(-1..=BROKERS_MAX).contains(&replication_factor) => {
                format!("replication_factor out of expected range -1..{BROKERS_MAX}")
            }
            Some(name) => {
                return into_c(Box::new(NewTopic {
                    _name: name,
                    partitions: num_partitions,
                    replication_factor,
                    assigned: Vec::new(),
                    config: Vec::new(),
                }));
            }
        };
        // SAFETY: NULL or that many writable bytes.
        unsafe { invalid(errstr, errstr_size, &problem) };
        ptr::null_mut()
    })
}

/// Destroys a new topic; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewTopic_destroy(new_topic: *mut rd_kafka_NewTopic_t) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(new_topic) }))
}

/// Destroys the new topics of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewTopic_destroy_array(
    new_topics: *mut *mut rd_kafka_NewTopic_t,
    new_topic_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(new_topics, new_topic_cnt) })
}

/// Tells which brokers shall have a partition's replicas. Partitions follow each other, from 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewTopic_set_replica_assignment(
    new_topic: *mut rd_kafka_NewTopic_t,
    partition: i32,
    broker_ids: *mut i32,
    broker_id_cnt: usize,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live object.
        let result = match unsafe { borrow_mut(new_topic) } {
            None => Err("A topic is required".to_owned()),
            Some(topic) if topic.replication_factor != -1 => Err(
                "Specifying a replication factor and a replica assignment are mutually exclusive"
                    .to_owned(),
            ),
            Some(topic) if topic.partitions == -1 => {
                Err("Specifying a default partition count and a replica assignment are mutually \
                     exclusive"
                    .to_owned())
            }
            // SAFETY: the caller's array.
            Some(topic) => unsafe {
                assign(&mut topic.assigned, partition, (broker_ids, broker_id_cnt), "partition")
            },
        };
        match result {
            Ok(()) => RespErr::NO_ERROR,
            // SAFETY: NULL or that many writable bytes.
            Err(text) => unsafe { invalid(errstr, errstr_size, &text) },
        }
    })
}

/// Sets a configuration value of a new topic.
///
/// @returns RD_KAFKA_RESP_ERR__INVALID_ARG without a name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewTopic_set_config(
    new_topic: *mut rd_kafka_NewTopic_t,
    name: *const c_char,
    value: *const c_char,
) -> RespErr {
    // SAFETY: NULL, a live object, terminated strings.
    guard(|| match unsafe { (borrow_mut(new_topic), owned(name), owned(value)) } {
        (Some(topic), Some(name), value) => {
            topic.config.push((name, value));
            RespErr::NO_ERROR
        }
        _ => RespErr::_INVALID_ARG,
    })
}

/// Makes a topic to be deleted.
///
/// @returns an object, which the caller destroys; NULL without a name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteTopic_new(
    topic: *const c_char,
) -> *mut rd_kafka_DeleteTopic_t {
    // SAFETY: NULL or a terminated string.
    guard(|| match unsafe { owned(topic) } {
        Some(name) => into_c(Box::new(DeleteTopic { _name: name })),
        None => ptr::null_mut(),
    })
}

/// Destroys a topic to be deleted; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteTopic_destroy(del_topic: *mut rd_kafka_DeleteTopic_t) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(del_topic) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteTopic_destroy_array(
    del_topics: *mut *mut rd_kafka_DeleteTopic_t,
    del_topic_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(del_topics, del_topic_cnt) })
}

/// Makes a request for more partitions.
///
/// @param new_total_cnt How many the topic shall have.
///
/// @returns an object, which the caller destroys; NULL, and the reason in errstr, if an argument is out of its range.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewPartitions_new(
    topic: *const c_char,
    new_total_cnt: usize,
    errstr: *mut c_char,
    errstr_size: usize,
) -> *mut rd_kafka_NewPartitions_t {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let problem = match unsafe { owned(topic) } {
            None => "Invalid topic name".to_owned(),
            Some(_) if !(1..=PARTITIONS_MAX as usize).contains(&new_total_cnt) => {
                format!("new_total_cnt out of expected range 1..{PARTITIONS_MAX}")
            }
            Some(name) => {
                let (count, assigned) = (new_total_cnt, Vec::new());
                return into_c(Box::new(NewPartitions { _name: name, _count: count, assigned }));
            }
        };
        // SAFETY: NULL or that many writable bytes.
        unsafe { invalid(errstr, errstr_size, &problem) };
        ptr::null_mut()
    })
}

/// Destroys a request for partitions; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewPartitions_destroy(new_parts: *mut rd_kafka_NewPartitions_t) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(new_parts) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewPartitions_destroy_array(
    new_parts: *mut *mut rd_kafka_NewPartitions_t,
    new_parts_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(new_parts, new_parts_cnt) })
}

/// Tells which brokers shall have a new partition's replicas. New partitions follow each other, from 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_NewPartitions_set_replica_assignment(
    new_parts: *mut rd_kafka_NewPartitions_t,
    new_partition_idx: i32,
    broker_ids: *mut i32,
    broker_id_cnt: usize,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live object.
        let Some(parts) = (unsafe { borrow_mut(new_parts) }) else {
            return RespErr::_INVALID_ARG;
        };
        let ids = (broker_ids.cast_const(), broker_id_cnt);
        // SAFETY: the caller's array, and NULL or that many writable bytes.
        unsafe {
            match assign(&mut parts.assigned, new_partition_idx, ids, "partition index") {
                Ok(()) => RespErr::NO_ERROR,
                Err(text) => invalid(errstr, errstr_size, &text),
            }
        }
    })
}

/// Makes a collection of topics, by their names.
///
/// @returns a collection, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_TopicCollection_of_topic_names(
    topics: *mut *const c_char,
    topics_cnt: usize,
) -> *mut rd_kafka_TopicCollection_t {
    guard(|| {
        let count = if topics.is_null() { 0 } else { topics_cnt };
        // SAFETY: the caller's array of terminated strings.
        let names = (0..count).filter_map(|index| unsafe { owned(*topics.add(index)) }).collect();
        into_c(Box::new(TopicCollection { _names: names }))
    })
}

/// Destroys a collection of topics; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_TopicCollection_destroy(topics: *mut rd_kafka_TopicCollection_t) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(topics) }))
}
