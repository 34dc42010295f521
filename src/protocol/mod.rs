//! The wire: Kafka's messages, read and written by client and mock alike.
//!
//! One file per message, one definition for all its versions ([`message`]); primitives and their limits in [`wire`].
//! Pure functions over bytes: no state, no I/O, no clock.

pub mod api_key;
pub mod api_versions;
pub mod error_code;
pub mod header;
pub mod message;
pub mod metadata;
pub mod produce;
pub mod wire;

pub use api_key::ApiKey;
pub use error_code::ErrorCode;
pub use header::{RequestHeader, ResponseHeader};
pub use message::Message;
pub use wire::{DecodeError, Put, Reader};
