//! The wire: Kafka's messages, read and written by client and mock alike.
//!
//! One file per message, one definition for all its versions ([`message`]); primitives and their limits in [`wire`].
//! Pure functions over bytes: no state, no I/O, no clock.

pub mod add_offsets_to_txn;
pub mod add_partitions_to_txn;
pub mod api_key;
pub mod api_versions;
pub mod end_txn;
pub mod error_code;
pub mod fetch;
pub mod find_coordinator;
pub mod header;
pub mod init_producer_id;
pub mod list_offsets;
pub mod message;
pub mod metadata;
pub mod offset_for_leader_epoch;
pub mod produce;
pub mod sasl_authenticate;
pub mod sasl_handshake;
pub mod txn_offset_commit;
pub mod wire;

#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod sample;

pub use api_key::ApiKey;
pub use error_code::ErrorCode;
pub use header::{RequestHeader, ResponseHeader};
pub use message::Message;
pub use wire::{DecodeError, Put, Reader};
