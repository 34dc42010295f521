//! What C sees of our types: opaque handles, and integers where the header has enums.
//!
//! An enum value from C may be any integer, and an unlisted value in a Rust `enum` is undefined
//! behaviour; so signatures name the transparent integers below, which cbindgen renames to the
//! enums of `enums.rs`.

use std::os::raw::c_int;

/// A C handle, and the Rust value behind it.
pub trait Opaque: Sized {
    /// What the handle points to.
    type Inner;
}

/// Declares opaque handles; the header's prelude has their `typedef`s. (cbindgen doesn't see
/// through the macro, which is the purpose.)
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[allow(non_camel_case_types)]
        #[repr(C)]
        pub struct $name {
            _opaque: [u8; 0],
            // Neither Send, Sync nor Unpin: C decides what may be done with what is behind it.
            _marker: std::marker::PhantomData<(*mut u8, std::marker::PhantomPinned)>,
        }
    )*};
}

handles! {
    /// A client instance.
    rd_kafka_t;
    /// A topic handle of a client instance.
    rd_kafka_topic_t;
    /// A configuration.
    rd_kafka_conf_t;
    /// A topic's configuration.
    rd_kafka_topic_conf_t;
    /// A queue of events.
    rd_kafka_queue_t;
    /// An event.
    rd_kafka_event_t;
    /// An error with its description.
    rd_kafka_error_t;
    /// A list of message headers.
    rd_kafka_headers_t;
    /// A 128-bit identifier.
    rd_kafka_Uuid_t;
    /// A consumer group's metadata.
    rd_kafka_consumer_group_metadata_t;
    /// Admin and share consumer interface: share.
    rd_kafka_share_t;
    /// Admin and share consumer interface: messages.
    rd_kafka_messages_t;
    /// Admin and share consumer interface: share partition offsets.
    rd_kafka_share_partition_offsets_t;
    /// Admin and share consumer interface: share partition offsets list.
    rd_kafka_share_partition_offsets_list_t;
    /// Admin and share consumer interface: node.
    rd_kafka_Node_t;
    /// Admin and share consumer interface: admin options.
    rd_kafka_AdminOptions_t;
    /// Admin and share consumer interface: new topic.
    rd_kafka_NewTopic_t;
    /// Admin and share consumer interface: delete topic.
    rd_kafka_DeleteTopic_t;
    /// Admin and share consumer interface: new partitions.
    rd_kafka_NewPartitions_t;
    /// Admin and share consumer interface: config entry.
    rd_kafka_ConfigEntry_t;
    /// Admin and share consumer interface: config resource.
    rd_kafka_ConfigResource_t;
    /// Admin and share consumer interface: delete records.
    rd_kafka_DeleteRecords_t;
    /// Admin and share consumer interface: topic collection.
    rd_kafka_TopicCollection_t;
    /// Admin and share consumer interface: topic partition info.
    rd_kafka_TopicPartitionInfo_t;
    /// Admin and share consumer interface: topic description.
    rd_kafka_TopicDescription_t;
    /// Admin and share consumer interface: consumer group listing.
    rd_kafka_ConsumerGroupListing_t;
    /// Admin and share consumer interface: consumer group description.
    rd_kafka_ConsumerGroupDescription_t;
    /// Admin and share consumer interface: member description.
    rd_kafka_MemberDescription_t;
    /// Admin and share consumer interface: member assignment.
    rd_kafka_MemberAssignment_t;
    /// Admin and share consumer interface: delete group.
    rd_kafka_DeleteGroup_t;
    /// Admin and share consumer interface: list consumer group offsets.
    rd_kafka_ListConsumerGroupOffsets_t;
    /// Admin and share consumer interface: alter consumer group offsets.
    rd_kafka_AlterConsumerGroupOffsets_t;
    /// Admin and share consumer interface: delete consumer group offsets.
    rd_kafka_DeleteConsumerGroupOffsets_t;
    /// Admin and share consumer interface: list offsets result info.
    rd_kafka_ListOffsetsResultInfo_t;
    /// Admin and share consumer interface: scram credential info.
    rd_kafka_ScramCredentialInfo_t;
    /// Admin and share consumer interface: user scram credentials description.
    rd_kafka_UserScramCredentialsDescription_t;
    /// Admin and share consumer interface: user scram credential alteration.
    rd_kafka_UserScramCredentialAlteration_t;
    /// Admin and share consumer interface: alter user scram credentials result response.
    rd_kafka_AlterUserScramCredentials_result_response_t;
    /// Admin and share consumer interface: acl binding.
    rd_kafka_AclBinding_t;
    /// Admin and share consumer interface: delete acls result response.
    rd_kafka_DeleteAcls_result_response_t;
    /// Admin and share consumer interface: elect leaders.
    rd_kafka_ElectLeaders_t;
    /// Admin and share consumer interface: topic result.
    rd_kafka_topic_result_t;
    /// Admin and share consumer interface: group result.
    rd_kafka_group_result_t;
    /// Admin and share consumer interface: acl result.
    rd_kafka_acl_result_t;
    /// Admin and share consumer interface: topic partition result.
    rd_kafka_topic_partition_result_t;
    /// An embedded cluster.
    rd_kafka_mock_cluster_t;
    /// A request that came to an embedded cluster.
    rd_kafka_mock_request_t;
    /// Partitions of a group's members in an embedded cluster.
    rd_kafka_mock_cgrp_consumer_target_assignment_t;
}

/// Gives an inner value to C.
pub fn into_c<T: Opaque>(inner: Box<T::Inner>) -> *mut T {
    Box::into_raw(inner).cast()
}

/// Looks at what is behind a handle; `None` for NULL.
///
/// # Safety
/// `handle` is NULL or came from [`into_c`] of the same type and wasn't taken back; nobody
/// changes the value while the borrow lives.
pub unsafe fn borrow<'a, T: Opaque>(handle: *const T) -> Option<&'a T::Inner> {
    // SAFETY: the contract above.
    unsafe { handle.cast::<T::Inner>().as_ref() }
}

/// Like [`borrow`], to change it.
///
/// # Safety
/// As for [`borrow`], and nobody else looks at the value while the borrow lives.
pub unsafe fn borrow_mut<'a, T: Opaque>(handle: *mut T) -> Option<&'a mut T::Inner> {
    // SAFETY: the contract above.
    unsafe { handle.cast::<T::Inner>().as_mut() }
}

/// Takes a value back from C; `None` for NULL.
///
/// # Safety
/// `handle` is NULL or came from [`into_c`] of the same type, and C doesn't use it any more.
pub unsafe fn take<T: Opaque>(handle: *mut T) -> Option<Box<T::Inner>> {
    if handle.is_null() {
        return None;
    }
    // SAFETY: the contract above.
    Some(unsafe { Box::from_raw(handle.cast::<T::Inner>()) })
}

/// Declares a C integer with named values.
macro_rules! c_ints {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $number:expr;)* })*) => {$(
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct $name(pub c_int);

        impl $name {
            $($(#[$value_doc])* pub const $value: $name = $name($number);)*
        }
    )*};
}

c_ints! {
    /// `rd_kafka_resp_err_t`: an error code, the broker's (positive) or ours (negative). Codes that
    /// no table names survive as themselves. The named values are in `error_code.rs`.
    RespErr {}
    /// `rd_kafka_type_t`
    ClientType {
        /// Produces messages.
        PRODUCER = 0;
        /// Consumes messages.
        CONSUMER = 1;
    }
    /// `rd_kafka_timestamp_type_t`
    TimestampType {
        /// No timestamp.
        NOT_AVAILABLE = 0;
        /// Set by the producer.
        CREATE_TIME = 1;
        /// Set by the broker.
        LOG_APPEND_TIME = 2;
    }
    /// `rd_kafka_msg_status_t`
    MsgStatus {
        /// Never sent, or known not to be written.
        NOT_PERSISTED = 0;
        /// Sent, outcome unknown.
        POSSIBLY_PERSISTED = 1;
        /// Acknowledged.
        PERSISTED = 2;
    }
    /// `rd_kafka_conf_res_t`
    ConfRes {
        /// Unknown property.
        UNKNOWN = -2;
        /// Value not accepted.
        INVALID = -1;
        /// Done.
        OK = 0;
    }
    /// `rd_kafka_vtype_t`
    VType {
        /// End of the arguments.
        END = 0;
        /// `const char *`: topic name.
        TOPIC = 1;
        /// `rd_kafka_topic_t *`.
        RKT = 2;
        /// `int32_t`.
        PARTITION = 3;
        /// `void *, size_t`.
        VALUE = 4;
        /// `void *, size_t`.
        KEY = 5;
        /// `void *`.
        OPAQUE = 6;
        /// `int`: `RD_KAFKA_MSG_F_*`.
        MSGFLAGS = 7;
        /// `int64_t`: milliseconds since 1970.
        TIMESTAMP = 8;
        /// `const char *, const void *, ssize_t`.
        HEADER = 9;
        /// `rd_kafka_headers_t *`.
        HEADERS = 10;
    }
    /// `rd_kafka_cert_type_t`
    CertType {}
    /// `rd_kafka_cert_enc_t`
    CertEnc {}
    /// `rd_kafka_thread_type_t`
    ThreadType {
        /// The handle's main thread.
        MAIN = 0;
        /// Runs the background event callback.
        BACKGROUND = 1;
    }
    /// `rd_kafka_share_AcknowledgeType_t`
    AcknowledgeType {}
    /// `rd_kafka_consumer_group_state_t`
    GroupState {}
    /// `rd_kafka_consumer_group_type_t`
    GroupType {}
    /// `rd_kafka_admin_op_t`
    AdminOp {
        /// Any.
        ANY = 0;
        /// Createtopics.
        CREATETOPICS = 1;
        /// Deletetopics.
        DELETETOPICS = 2;
        /// Createpartitions.
        CREATEPARTITIONS = 3;
        /// Alterconfigs.
        ALTERCONFIGS = 4;
        /// Describeconfigs.
        DESCRIBECONFIGS = 5;
        /// Deleterecords.
        DELETERECORDS = 6;
        /// Deletegroups.
        DELETEGROUPS = 7;
        /// Deleteconsumergroupoffsets.
        DELETECONSUMERGROUPOFFSETS = 8;
        /// Createacls.
        CREATEACLS = 9;
        /// Describeacls.
        DESCRIBEACLS = 10;
        /// Deleteacls.
        DELETEACLS = 11;
        /// Listconsumergroups.
        LISTCONSUMERGROUPS = 12;
        /// Describeconsumergroups.
        DESCRIBECONSUMERGROUPS = 13;
        /// Listconsumergroupoffsets.
        LISTCONSUMERGROUPOFFSETS = 14;
        /// Alterconsumergroupoffsets.
        ALTERCONSUMERGROUPOFFSETS = 15;
        /// Incrementalalterconfigs.
        INCREMENTALALTERCONFIGS = 16;
        /// Describeuserscramcredentials.
        DESCRIBEUSERSCRAMCREDENTIALS = 17;
        /// Alteruserscramcredentials.
        ALTERUSERSCRAMCREDENTIALS = 18;
        /// Describetopics.
        DESCRIBETOPICS = 19;
        /// Describecluster.
        DESCRIBECLUSTER = 20;
        /// Listoffsets.
        LISTOFFSETS = 21;
        /// Electleaders.
        ELECTLEADERS = 22;
    }
    /// `rd_kafka_IsolationLevel_t`
    IsolationLevel {}
    /// `rd_kafka_AclOperation_t`
    AclOperation {
        /// Unknown.
        UNKNOWN = 0;
    }
    /// `rd_kafka_ConfigSource_t`
    ConfigSource {
        /// Unknown config.
        UNKNOWN = 0;
    }
    /// `rd_kafka_ResourceType_t`
    ResourceType {
        /// Unknown.
        UNKNOWN = 0;
    }
    /// `rd_kafka_ResourcePatternType_t`
    PatternType {
        /// Unknown.
        UNKNOWN = 0;
        /// Match.
        MATCH = 2;
    }
    /// `rd_kafka_AlterConfigOpType_t`
    AlterConfigOpType {
        /// Delete.
        DELETE = 1;
    }
    /// `rd_kafka_ScramMechanism_t`
    ScramMechanism {}
    /// `rd_kafka_AclPermissionType_t`
    AclPermissionType {
        /// Unknown.
        UNKNOWN = 0;
    }
    /// `rd_kafka_ElectionType_t`
    ElectionType {}
    /// `rd_kafka_event_type_t`
    EventType {
        /// No event.
        NONE = 0;
        /// Delivery reports.
        DR = 0x1;
        /// A consumed message.
        FETCH = 0x2;
        /// A log line.
        LOG = 0x4;
        /// An error.
        ERROR = 0x8;
        /// Statistics.
        STATS = 0x40;
        /// Result of an admin request.
        CREATETOPICS = 100;
        /// Result of an admin request.
        DELETETOPICS = 101;
        /// Result of an admin request.
        CREATEPARTITIONS = 102;
        /// Result of an admin request.
        ALTERCONFIGS = 103;
        /// Result of an admin request.
        DESCRIBECONFIGS = 104;
        /// Result of an admin request.
        DELETERECORDS = 105;
        /// Result of an admin request.
        DELETEGROUPS = 106;
        /// Result of an admin request.
        DELETECONSUMERGROUPOFFSETS = 107;
        /// Result of an admin request.
        CREATEACLS = 0x400;
        /// Result of an admin request.
        DESCRIBEACLS = 0x800;
        /// Result of an admin request.
        DELETEACLS = 0x1000;
        /// Result of an admin request.
        LISTCONSUMERGROUPS = 0x2000;
        /// Result of an admin request.
        DESCRIBECONSUMERGROUPS = 0x4000;
        /// Result of an admin request.
        LISTCONSUMERGROUPOFFSETS = 0x8000;
        /// Result of an admin request.
        ALTERCONSUMERGROUPOFFSETS = 0x10000;
        /// Result of an admin request.
        INCREMENTALALTERCONFIGS = 0x20000;
        /// Result of an admin request.
        DESCRIBEUSERSCRAMCREDENTIALS = 0x40000;
        /// Result of an admin request.
        ALTERUSERSCRAMCREDENTIALS = 0x80000;
        /// Result of an admin request.
        DESCRIBETOPICS = 0x100000;
        /// Result of an admin request.
        DESCRIBECLUSTER = 0x200000;
        /// Result of an admin request.
        LISTOFFSETS = 0x400000;
        /// Result of an admin request.
        ELECTLEADERS = 0x800000;
    }
}

/// Declares names for handles of another type; the header's prelude has their `typedef`s.
macro_rules! aliases {
    ($($alias:ident = $name:ident;)*) => {$(
        #[allow(non_camel_case_types, missing_docs)]
        pub type $alias = $name;
    )*};
}

aliases! {
    rd_kafka_AclBindingFilter_t = rd_kafka_AclBinding_t;
    rd_kafka_AlterConfigs_result_t = rd_kafka_event_t;
    rd_kafka_AlterConsumerGroupOffsets_result_t = rd_kafka_event_t;
    rd_kafka_AlterUserScramCredentials_result_t = rd_kafka_event_t;
    rd_kafka_CreateAcls_result_t = rd_kafka_event_t;
    rd_kafka_CreatePartitions_result_t = rd_kafka_event_t;
    rd_kafka_CreateTopics_result_t = rd_kafka_event_t;
    rd_kafka_DeleteAcls_result_t = rd_kafka_event_t;
    rd_kafka_DeleteConsumerGroupOffsets_result_t = rd_kafka_event_t;
    rd_kafka_DeleteGroups_result_t = rd_kafka_event_t;
    rd_kafka_DeleteRecords_result_t = rd_kafka_event_t;
    rd_kafka_DeleteTopics_result_t = rd_kafka_event_t;
    rd_kafka_DescribeAcls_result_t = rd_kafka_event_t;
    rd_kafka_DescribeCluster_result_t = rd_kafka_event_t;
    rd_kafka_DescribeConfigs_result_t = rd_kafka_event_t;
    rd_kafka_DescribeConsumerGroups_result_t = rd_kafka_event_t;
    rd_kafka_DescribeTopics_result_t = rd_kafka_event_t;
    rd_kafka_DescribeUserScramCredentials_result_t = rd_kafka_event_t;
    rd_kafka_ElectLeaders_result_t = rd_kafka_event_t;
    rd_kafka_IncrementalAlterConfigs_result_t = rd_kafka_event_t;
    rd_kafka_ListConsumerGroupOffsets_result_t = rd_kafka_event_t;
    rd_kafka_ListConsumerGroups_result_t = rd_kafka_event_t;
    rd_kafka_ListOffsets_result_t = rd_kafka_event_t;
}

/// Number of values of an enum.
macro_rules! counts {
    ($($name:ident = $count:expr;)*) => {$(
        impl $name {
            /// Number of values: the first that is none.
            pub const COUNT: c_int = $count;
        }
    )*};
}

counts! {
    GroupState = 6;
    GroupType = 3;
    AdminOp = 23;
    AclOperation = 13;
    ResourceType = 6;
    PatternType = 5;
    AlterConfigOpType = 4;
    AclPermissionType = 4;
}
