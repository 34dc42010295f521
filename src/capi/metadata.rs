//! Metadata for applications (`struct rd_kafka_metadata`), and what else is known of the cluster. Runs on the thread that
//! asks, which waits for the answer.

use std::os::raw::{c_char, c_int};
use std::ptr;

use crate::producer::question::{Answer, Question, Topics};
use crate::protocol::Message;
use crate::protocol::metadata::{MetadataPartition, MetadataResponse};

use super::guard::{guard, guard_or};
use super::handle::client;
use super::memory::{memdup, strdup_bytes};
use super::structs::{
    rd_kafka_metadata, rd_kafka_metadata_broker, rd_kafka_metadata_partition,
    rd_kafka_metadata_topic,
};
use super::types::{RespErr, borrow, rd_kafka_t, rd_kafka_topic_t};

/// What C gets, and what its pointers point into. (The strings are in `texts`, which nobody grows any more.)
#[repr(C)]
struct MetadataObject {
    public: rd_kafka_metadata,
    brokers: Vec<rd_kafka_metadata_broker>,
    topics: Vec<rd_kafka_metadata_topic>,
    partitions: Vec<Vec<rd_kafka_metadata_partition>>,
    ids: Vec<Vec<i32>>,
    texts: Vec<Box<[u8]>>,
}

impl MetadataObject {
    fn text(&mut self, text: &str) -> *mut c_char {
        let mut bytes: Vec<u8> = text.bytes().take_while(|&byte| byte != 0).collect();
        bytes.push(0);
        let mut bytes = bytes.into_boxed_slice();
        let address = bytes.as_mut_ptr().cast();
        self.texts.push(bytes);
        address
    }

    fn ids(&mut self, ids: &[i32]) -> (c_int, *mut i32) {
        let mut ids = ids.to_vec();
        let (count, address) = (ids.len() as c_int, ids.as_mut_ptr());
        self.ids.push(ids);
        (count, address)
    }

    fn partition(&mut self, told: &MetadataPartition) -> rd_kafka_metadata_partition {
        let (replica_cnt, replicas) = self.ids(&told.replica_nodes);
        let (isr_cnt, isrs) = self.ids(&told.isr_nodes);
        rd_kafka_metadata_partition {
            id: told.partition_index,
            err: RespErr(told.error_code.0.into()),
            leader: told.leader_id,
            replica_cnt,
            replicas,
            isr_cnt,
            isrs,
        }
    }

    fn new(answer: &Answer) -> Option<Box<MetadataObject>> {
        let response = MetadataResponse::decode_all(&answer.body, answer.version).ok()?;
        let mut object = Box::new(MetadataObject {
            public: rd_kafka_metadata {
                broker_cnt: response.brokers.len() as c_int,
                brokers: ptr::null_mut(),
                topic_cnt: response.topics.len() as c_int,
                topics: ptr::null_mut(),
                orig_broker_id: answer.broker_id,
                orig_broker_name: ptr::null_mut(),
            },
            brokers: Vec::with_capacity(response.brokers.len()),
            topics: Vec::with_capacity(response.topics.len()),
            partitions: Vec::with_capacity(response.topics.len()),
            ids: Vec::new(),
            texts: Vec::new(),
        });
        for broker in &response.brokers {
            let host = object.text(broker.host);
            let told = rd_kafka_metadata_broker { id: broker.node_id, host, port: broker.port };
            object.brokers.push(told);
        }
        for told in &response.topics {
            let mut partitions: Vec<_> =
                told.partitions.iter().map(|partition| object.partition(partition)).collect();
            partitions.sort_by_key(|partition| partition.id);
            let topic = rd_kafka_metadata_topic {
                topic: object.text(told.name.unwrap_or_default()),
                partition_cnt: partitions.len() as c_int,
                partitions: partitions.as_mut_ptr(),
                err: RespErr(told.error_code.0.into()),
            };
            object.topics.push(topic);
            object.partitions.push(partitions);
        }
        object.public.orig_broker_name = object.text(&answer.broker);
        object.public.brokers = object.brokers.as_mut_ptr();
        object.public.topics = object.topics.as_mut_ptr();
        Some(object)
    }
}

/// Asks a broker about the cluster.
///
/// @param all_topics Not 0: about all topics; 0: about only_rkt or, if that is NULL, those that the instance knows.
/// @param metadatap Set to the answer, which the caller destroys with rd_kafka_metadata_destroy().
/// @param timeout_ms How long to wait; -1: as long as it takes.
///
/// @returns RD_KAFKA_RESP_ERR__TRANSPORT if no broker was connected in that time, RD_KAFKA_RESP_ERR__TIMED_OUT if none answered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_metadata(
    rk: *mut rd_kafka_t,
    all_topics: c_int,
    only_rkt: *mut rd_kafka_topic_t,
    metadatap: *mut *const rd_kafka_metadata,
    timeout_ms: c_int,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL, live objects, the caller's variable.
        let (client, topic, out) = unsafe { (client(rk), borrow(only_rkt), metadatap.as_mut()) };
        let (Some(client), Some(out)) = (client, out) else {
            return RespErr::_INVALID_ARG;
        };
        let topics = match topic {
            _ if all_topics != 0 => Topics::All,
            Some(topic) => Topics::One(topic.name().to_owned()),
            None => Topics::Known,
        };
        match client.ask(Question::Metadata(topics), timeout_ms) {
            Ok(answer) => match MetadataObject::new(&answer) {
                Some(object) => {
                    *out = Box::into_raw(object).cast();
                    RespErr::NO_ERROR
                }
                None => RespErr::_BAD_MSG,
            },
            Err(error) => RespErr(error),
        }
    })
}

/// Destroys metadata; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_metadata_destroy(metadata: *const rd_kafka_metadata) {
    guard(|| {
        if !metadata.is_null() {
            // SAFETY: it came from rd_kafka_metadata(): the first field of such an object.
            drop(unsafe { Box::from_raw(metadata.cast_mut().cast::<MetadataObject>()) });
        }
    })
}

/// Id of the cluster, as the brokers told.
///
/// @param timeout_ms How long to wait for that; -1: as long as it takes.
///
/// @returns a string, which the caller frees with rd_kafka_mem_free(); NULL if it isn't known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_clusterid(rk: *mut rd_kafka_t, timeout_ms: c_int) -> *mut c_char {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let cluster = unsafe { client(rk) }.and_then(|client| client.cluster(timeout_ms));
        match cluster.and_then(|cluster| cluster.id) {
            Some(id) => strdup_bytes(id.as_bytes()),
            None => ptr::null_mut(),
        }
    })
}

/// Broker id of the cluster's controller, as the brokers told.
///
/// @param timeout_ms How long to wait for that; -1: as long as it takes.
///
/// @returns -1 if it isn't known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_controllerid(rk: *mut rd_kafka_t, timeout_ms: c_int) -> i32 {
    guard_or(-1, || {
        // SAFETY: NULL or a live handle.
        let cluster = unsafe { client(rk) }.and_then(|client| client.cluster(timeout_ms));
        cluster.map_or(-1, |cluster| cluster.controller_id)
    })
}

/// Ids of the brokers that are known by now.
///
/// @param cntp Set to how many there are.
///
/// @returns an array, which the caller free()s; NULL if there are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_brokers_learned_ids(
    rk: *mut rd_kafka_t,
    cntp: *mut usize,
) -> *mut i32 {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let cluster = unsafe { client(rk) }.and_then(|client| client.cluster(0));
        let mut ids = cluster.map(|cluster| cluster.broker_ids).unwrap_or_default();
        ids.sort_unstable();
        // SAFETY: NULL or the caller's variable.
        if let Some(count) = unsafe { cntp.as_mut() } {
            *count = ids.len();
        }
        let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_ne_bytes()).collect();
        if ids.is_empty() { ptr::null_mut() } else { memdup(&bytes, 0).cast() }
    })
}
