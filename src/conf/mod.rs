//! Configuration: the table of properties, the objects that hold what an application set, and the typed form the rest of
//! the library reads. Sans-IO; used by the application thread that makes a handle.

mod brokers;
pub mod docs;
mod finalize;
pub mod hooks;
pub mod property;
mod resolved;
mod set;
pub mod state;
mod suggest;
pub mod table;
mod value;
mod warnings;

pub use brokers::{BrokerAddress, DEFAULT_PORT, parse_broker_list};
pub use finalize::{finalize, finalize_topic};
pub use resolved::{
    AddressFamily, Compression, DebugContexts, Partitioner, ProducerConfig, TopicConfig,
};
pub use set::{GlobalConf, SetError, SetErrorCode, TopicConf};
pub use warnings::{Warning, warnings};
