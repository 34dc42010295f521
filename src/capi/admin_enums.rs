//! The enums of the admin and share consumer interfaces, for C only: Rust code uses the integers of `types.rs`.
#![allow(non_camel_case_types, dead_code)]

/// What becomes of an acknowledged record.
#[repr(C)]
pub enum rd_kafka_share_AcknowledgeType_t {
    /// Accept.
    RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_ACCEPT = 1,
    /// Release.
    RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_RELEASE = 2,
    /// Reject.
    RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_REJECT = 3,
}

/// A group's state.
#[repr(C)]
pub enum rd_kafka_consumer_group_state_t {
    /// Unknown.
    RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN = 0,
    /// Preparing rebalance.
    RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE = 1,
    /// Completing rebalance.
    RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE = 2,
    /// Stable.
    RD_KAFKA_CONSUMER_GROUP_STATE_STABLE = 3,
    /// Dead.
    RD_KAFKA_CONSUMER_GROUP_STATE_DEAD = 4,
    /// Empty.
    RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY = 5,
    /// Number of values.
    RD_KAFKA_CONSUMER_GROUP_STATE__CNT = 6,
}

/// A group's type.
#[repr(C)]
pub enum rd_kafka_consumer_group_type_t {
    /// Unknown.
    RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN = 0,
    /// Consumer.
    RD_KAFKA_CONSUMER_GROUP_TYPE_CONSUMER = 1,
    /// Classic.
    RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC = 2,
    /// Number of values.
    RD_KAFKA_CONSUMER_GROUP_TYPE__CNT = 3,
}

/// Admin requests, for rd_kafka_AdminOptions_new().
#[repr(C)]
pub enum rd_kafka_admin_op_t {
    /// Any.
    RD_KAFKA_ADMIN_OP_ANY = 0,
    /// Createtopics.
    RD_KAFKA_ADMIN_OP_CREATETOPICS = 1,
    /// Deletetopics.
    RD_KAFKA_ADMIN_OP_DELETETOPICS = 2,
    /// Createpartitions.
    RD_KAFKA_ADMIN_OP_CREATEPARTITIONS = 3,
    /// Alterconfigs.
    RD_KAFKA_ADMIN_OP_ALTERCONFIGS = 4,
    /// Describeconfigs.
    RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS = 5,
    /// Deleterecords.
    RD_KAFKA_ADMIN_OP_DELETERECORDS = 6,
    /// Deletegroups.
    RD_KAFKA_ADMIN_OP_DELETEGROUPS = 7,
    /// Deleteconsumergroupoffsets.
    RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS = 8,
    /// Createacls.
    RD_KAFKA_ADMIN_OP_CREATEACLS = 9,
    /// Describeacls.
    RD_KAFKA_ADMIN_OP_DESCRIBEACLS = 10,
    /// Deleteacls.
    RD_KAFKA_ADMIN_OP_DELETEACLS = 11,
    /// Listconsumergroups.
    RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS = 12,
    /// Describeconsumergroups.
    RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS = 13,
    /// Listconsumergroupoffsets.
    RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS = 14,
    /// Alterconsumergroupoffsets.
    RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS = 15,
    /// Incrementalalterconfigs.
    RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS = 16,
    /// Describeuserscramcredentials.
    RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS = 17,
    /// Alteruserscramcredentials.
    RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS = 18,
    /// Describetopics.
    RD_KAFKA_ADMIN_OP_DESCRIBETOPICS = 19,
    /// Describecluster.
    RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER = 20,
    /// Listoffsets.
    RD_KAFKA_ADMIN_OP_LISTOFFSETS = 21,
    /// Electleaders.
    RD_KAFKA_ADMIN_OP_ELECTLEADERS = 22,
    /// Number of values.
    RD_KAFKA_ADMIN_OP__CNT = 23,
}

/// Whether records of open transactions count.
#[repr(C)]
pub enum rd_kafka_IsolationLevel_t {
    /// Read uncommitted.
    RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED = 0,
    /// Read committed.
    RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED = 1,
}

/// What an access control entry is about.
#[repr(C)]
pub enum rd_kafka_AclOperation_t {
    /// Unknown.
    RD_KAFKA_ACL_OPERATION_UNKNOWN = 0,
    /// Any.
    RD_KAFKA_ACL_OPERATION_ANY = 1,
    /// All.
    RD_KAFKA_ACL_OPERATION_ALL = 2,
    /// Read.
    RD_KAFKA_ACL_OPERATION_READ = 3,
    /// Write.
    RD_KAFKA_ACL_OPERATION_WRITE = 4,
    /// Create.
    RD_KAFKA_ACL_OPERATION_CREATE = 5,
    /// Delete.
    RD_KAFKA_ACL_OPERATION_DELETE = 6,
    /// Alter.
    RD_KAFKA_ACL_OPERATION_ALTER = 7,
    /// Describe.
    RD_KAFKA_ACL_OPERATION_DESCRIBE = 8,
    /// Cluster action.
    RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION = 9,
    /// Describe configs.
    RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS = 10,
    /// Alter configs.
    RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS = 11,
    /// Idempotent write.
    RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE = 12,
    /// Number of values.
    RD_KAFKA_ACL_OPERATION__CNT = 13,
}

/// Where a configuration value comes from.
#[repr(C)]
pub enum rd_kafka_ConfigSource_t {
    /// Unknown config.
    RD_KAFKA_CONFIG_SOURCE_UNKNOWN_CONFIG = 0,
    /// Dynamic topic config.
    RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG = 1,
    /// Dynamic broker config.
    RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG = 2,
    /// Dynamic default broker config.
    RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG = 3,
    /// Static broker config.
    RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG = 4,
    /// Default config.
    RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG = 5,
    /// Group config.
    RD_KAFKA_CONFIG_SOURCE_GROUP_CONFIG = 8,
    /// Number of values.
    RD_KAFKA_CONFIG_SOURCE__CNT = 9,
}

/// Kinds of resources.
#[repr(C)]
pub enum rd_kafka_ResourceType_t {
    /// Unknown.
    RD_KAFKA_RESOURCE_UNKNOWN = 0,
    /// Any.
    RD_KAFKA_RESOURCE_ANY = 1,
    /// Topic.
    RD_KAFKA_RESOURCE_TOPIC = 2,
    /// Group.
    RD_KAFKA_RESOURCE_GROUP = 3,
    /// Broker.
    RD_KAFKA_RESOURCE_BROKER = 4,
    /// Transactional id.
    RD_KAFKA_RESOURCE_TRANSACTIONAL_ID = 5,
    /// Number of values.
    RD_KAFKA_RESOURCE__CNT = 6,
}

/// How a resource's name is compared.
#[repr(C)]
pub enum rd_kafka_ResourcePatternType_t {
    /// Unknown.
    RD_KAFKA_RESOURCE_PATTERN_UNKNOWN = 0,
    /// Any.
    RD_KAFKA_RESOURCE_PATTERN_ANY = 1,
    /// Match.
    RD_KAFKA_RESOURCE_PATTERN_MATCH = 2,
    /// Literal.
    RD_KAFKA_RESOURCE_PATTERN_LITERAL = 3,
    /// Prefixed.
    RD_KAFKA_RESOURCE_PATTERN_PREFIXED = 4,
    /// Number of values.
    RD_KAFKA_RESOURCE_PATTERN_TYPE__CNT = 5,
}

/// How a value is to be changed.
#[repr(C)]
pub enum rd_kafka_AlterConfigOpType_t {
    /// Set.
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET = 0,
    /// Delete.
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE = 1,
    /// Append.
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_APPEND = 2,
    /// Subtract.
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_SUBTRACT = 3,
    /// Number of values.
    RD_KAFKA_ALTER_CONFIG_OP_TYPE__CNT = 4,
}

/// Offsets to ask for, in place of a time stamp.
#[repr(C)]
pub enum rd_kafka_OffsetSpec_t {
    /// Max timestamp.
    RD_KAFKA_OFFSET_SPEC_MAX_TIMESTAMP = -3,
    /// Earliest.
    RD_KAFKA_OFFSET_SPEC_EARLIEST = -2,
    /// Latest.
    RD_KAFKA_OFFSET_SPEC_LATEST = -1,
}

/// SCRAM mechanisms.
#[repr(C)]
pub enum rd_kafka_ScramMechanism_t {
    /// Unknown.
    RD_KAFKA_SCRAM_MECHANISM_UNKNOWN = 0,
    /// Sha 256.
    RD_KAFKA_SCRAM_MECHANISM_SHA_256 = 1,
    /// Sha 512.
    RD_KAFKA_SCRAM_MECHANISM_SHA_512 = 2,
    /// Number of values.
    RD_KAFKA_SCRAM_MECHANISM__CNT = 3,
}

/// Whether an access control entry allows or denies.
#[repr(C)]
pub enum rd_kafka_AclPermissionType_t {
    /// Unknown.
    RD_KAFKA_ACL_PERMISSION_TYPE_UNKNOWN = 0,
    /// Any.
    RD_KAFKA_ACL_PERMISSION_TYPE_ANY = 1,
    /// Deny.
    RD_KAFKA_ACL_PERMISSION_TYPE_DENY = 2,
    /// Allow.
    RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW = 3,
    /// Number of values.
    RD_KAFKA_ACL_PERMISSION_TYPE__CNT = 4,
}

/// How a leader is elected.
#[repr(C)]
pub enum rd_kafka_ElectionType_t {
    /// Preferred.
    RD_KAFKA_ELECTION_TYPE_PREFERRED = 0,
    /// Unclean.
    RD_KAFKA_ELECTION_TYPE_UNCLEAN = 1,
}
