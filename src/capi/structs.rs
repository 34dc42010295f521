//! The header's public structs. Their layout is part of the ABI: the asserts beside each are it.
#![allow(non_camel_case_types)]

use std::mem::{offset_of, size_of};
use std::os::raw::{c_char, c_int, c_void};

use super::types::{RespErr, VType, rd_kafka_headers_t, rd_kafka_topic_t};

/// Asserts offsets of fields and the size of a struct on 64-bit targets, where they are the ABI
/// that existing programs were compiled against.
macro_rules! layout {
    ($name:ident, $size:expr, $($field:ident = $offset:expr),*) => {
        #[cfg(target_pointer_width = "64")]
        const _: () = {
            assert!(size_of::<$name>() == $size);
            $(assert!(offset_of!($name, $field) == $offset);)*
        };
    };
}

/// Code, name and description of an error; see rd_kafka_get_err_descs().
#[repr(C)]
pub struct rd_kafka_err_desc {
    /// Error code.
    pub code: RespErr,
    /// Its name without the prefix RD_KAFKA_RESP_ERR_, or NULL for an unused code.
    pub name: *const c_char,
    /// What it means, or NULL.
    pub desc: *const c_char,
}
layout!(rd_kafka_err_desc, 24, code = 0, name = 8, desc = 16);

// SAFETY: the pointers are to immutable statics.
unsafe impl Sync for rd_kafka_err_desc {}
// SAFETY: as above.
unsafe impl Send for rd_kafka_err_desc {}

/// A topic and partition, with an offset and an error.
#[repr(C)]
pub struct rd_kafka_topic_partition_s {
    /// Topic name.
    pub topic: *mut c_char,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Metadata.
    pub metadata: *mut c_void,
    /// Size of the metadata in bytes.
    pub metadata_size: usize,
    /// For the application.
    pub opaque: *mut c_void,
    /// Error code, depending on use.
    pub err: RespErr,
    /// Internal: set to NULL by whoever makes one himself.
    pub _private: *mut c_void,
}
/// A topic and partition, with an offset and an error.
pub type rd_kafka_topic_partition_t = rd_kafka_topic_partition_s;
layout!(
    rd_kafka_topic_partition_s,
    64,
    topic = 0,
    partition = 8,
    offset = 16,
    metadata = 24,
    metadata_size = 32,
    opaque = 40,
    err = 48,
    _private = 56
);

/// A growable list of topic partitions.
#[repr(C)]
pub struct rd_kafka_topic_partition_list_s {
    /// Number of elements.
    pub cnt: c_int,
    /// Number of elements there is room for.
    pub size: c_int,
    /// The elements.
    pub elems: *mut rd_kafka_topic_partition_t,
}
/// A growable list of topic partitions.
pub type rd_kafka_topic_partition_list_t = rd_kafka_topic_partition_list_s;
layout!(rd_kafka_topic_partition_list_s, 16, cnt = 0, size = 4, elems = 8);

/// Pointer and size, in rd_kafka_vu_t.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_vu_mem_s {
    /// First byte.
    pub ptr: *mut c_void,
    /// Size in bytes.
    pub size: usize,
}

/// A header, in rd_kafka_vu_t.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_vu_header_s {
    /// Name.
    pub name: *const c_char,
    /// Value, or NULL.
    pub val: *const c_void,
    /// Size of the value in bytes; -1: the value is a string.
    pub size: libc::ssize_t,
}

/// The value in a rd_kafka_vu_t; its tag says which.
#[repr(C)]
#[derive(Clone, Copy)]
pub union rd_kafka_vu_u {
    /// RD_KAFKA_VTYPE_TOPIC
    pub cstr: *const c_char,
    /// RD_KAFKA_VTYPE_RKT
    pub rkt: *mut rd_kafka_topic_t,
    /// RD_KAFKA_VTYPE_MSGFLAGS
    pub i: c_int,
    /// RD_KAFKA_VTYPE_PARTITION
    pub i32: i32,
    /// RD_KAFKA_VTYPE_TIMESTAMP
    pub i64: i64,
    /// RD_KAFKA_VTYPE_VALUE, RD_KAFKA_VTYPE_KEY
    pub mem: rd_kafka_vu_mem_s,
    /// RD_KAFKA_VTYPE_HEADER
    pub header: rd_kafka_vu_header_s,
    /// RD_KAFKA_VTYPE_HEADERS
    pub headers: *mut rd_kafka_headers_t,
    /// RD_KAFKA_VTYPE_OPAQUE
    pub ptr: *mut c_void,
    /// Room for later.
    pub _pad: [c_char; 64],
}

/// One argument of rd_kafka_produceva().
#[repr(C)]
pub struct rd_kafka_vu_s {
    /// Says which member of u is meant.
    pub vtype: VType,
    /// The value.
    pub u: rd_kafka_vu_u,
}
/// One argument of rd_kafka_produceva().
pub type rd_kafka_vu_t = rd_kafka_vu_s;
layout!(rd_kafka_vu_s, 72, vtype = 0, u = 8);

/// A message: given to delivery report callbacks, to consumers, and by the application to
/// rd_kafka_produce_batch().
#[repr(C)]
pub struct rd_kafka_message_s {
    /// Error, or RD_KAFKA_RESP_ERR_NO_ERROR.
    pub err: RespErr,
    /// Topic.
    pub rkt: *mut rd_kafka_topic_t,
    /// Partition.
    pub partition: i32,
    /// Value.
    pub payload: *mut c_void,
    /// Size of the value in bytes.
    pub len: usize,
    /// Key, or NULL.
    pub key: *mut c_void,
    /// Size of the key in bytes.
    pub key_len: usize,
    /// Offset in the partition, or RD_KAFKA_OFFSET_INVALID.
    pub offset: i64,
    /// In delivery reports the message's opaque; given to rd_kafka_produce_batch(): the same.
    /// Of consumed messages: internal.
    pub _private: *mut c_void,
}
/// A message.
pub type rd_kafka_message_t = rd_kafka_message_s;
layout!(
    rd_kafka_message_s,
    72,
    err = 0,
    rkt = 8,
    partition = 16,
    payload = 24,
    len = 32,
    key = 40,
    key_len = 48,
    offset = 56,
    _private = 64
);

/// A broker.
#[repr(C)]
pub struct rd_kafka_metadata_broker {
    /// Broker id.
    pub id: i32,
    /// Host name.
    pub host: *mut c_char,
    /// Port.
    pub port: c_int,
}
/// A broker.
pub type rd_kafka_metadata_broker_t = rd_kafka_metadata_broker;
layout!(rd_kafka_metadata_broker, 24, id = 0, host = 8, port = 16);

/// A partition.
#[repr(C)]
pub struct rd_kafka_metadata_partition {
    /// Partition id.
    pub id: i32,
    /// Error the broker reports for the partition.
    pub err: RespErr,
    /// Broker id of the leader.
    pub leader: i32,
    /// Number of replicas.
    pub replica_cnt: c_int,
    /// Broker ids of the replicas.
    pub replicas: *mut i32,
    /// Number of in-sync replicas.
    pub isr_cnt: c_int,
    /// Broker ids of the in-sync replicas.
    pub isrs: *mut i32,
}
/// A partition.
pub type rd_kafka_metadata_partition_t = rd_kafka_metadata_partition;
layout!(
    rd_kafka_metadata_partition,
    40,
    id = 0,
    err = 4,
    leader = 8,
    replica_cnt = 12,
    replicas = 16,
    isr_cnt = 24,
    isrs = 32
);

/// A topic.
#[repr(C)]
pub struct rd_kafka_metadata_topic {
    /// Topic name.
    pub topic: *mut c_char,
    /// Number of partitions.
    pub partition_cnt: c_int,
    /// The partitions.
    pub partitions: *mut rd_kafka_metadata_partition,
    /// Error the broker reports for the topic.
    pub err: RespErr,
}
/// A topic.
pub type rd_kafka_metadata_topic_t = rd_kafka_metadata_topic;
layout!(rd_kafka_metadata_topic, 32, topic = 0, partition_cnt = 8, partitions = 16, err = 24);

/// What a broker knows of the cluster.
#[repr(C)]
pub struct rd_kafka_metadata {
    /// Number of brokers.
    pub broker_cnt: c_int,
    /// The brokers.
    pub brokers: *mut rd_kafka_metadata_broker,
    /// Number of topics.
    pub topic_cnt: c_int,
    /// The topics.
    pub topics: *mut rd_kafka_metadata_topic,
    /// Id of the broker that answered.
    pub orig_broker_id: i32,
    /// Its name.
    pub orig_broker_name: *mut c_char,
}
/// What a broker knows of the cluster.
pub type rd_kafka_metadata_t = rd_kafka_metadata;
layout!(
    rd_kafka_metadata,
    48,
    broker_cnt = 0,
    brokers = 8,
    topic_cnt = 16,
    topics = 24,
    orig_broker_id = 32,
    orig_broker_name = 40
);

/// A member of a group.
#[repr(C)]
pub struct rd_kafka_group_member_info {
    /// Its id, which the broker gave.
    pub member_id: *mut c_char,
    /// Its `client.id`.
    pub client_id: *mut c_char,
    /// Its host.
    pub client_host: *mut c_char,
    /// What it told of itself, in binary.
    pub member_metadata: *mut c_void,
    /// Bytes of that.
    pub member_metadata_size: c_int,
    /// What it was assigned, in binary.
    pub member_assignment: *mut c_void,
    /// Bytes of that.
    pub member_assignment_size: c_int,
}

/// A group.
#[repr(C)]
pub struct rd_kafka_group_info {
    /// The broker that told of it.
    pub broker: rd_kafka_metadata_broker_t,
    /// Its name.
    pub group: *mut c_char,
    /// The broker's error for it.
    pub err: RespErr,
    /// Its state.
    pub state: *mut c_char,
    /// Type of its protocol.
    pub protocol_type: *mut c_char,
    /// Its protocol.
    pub protocol: *mut c_char,
    /// Its members.
    pub members: *mut rd_kafka_group_member_info,
    /// Number of members.
    pub member_cnt: c_int,
}

/// Groups.
#[repr(C)]
pub struct rd_kafka_group_list {
    /// The groups.
    pub groups: *mut rd_kafka_group_info,
    /// Number of groups.
    pub group_cnt: c_int,
}
