//! The IO thread of a handle: the only place with sockets, waits and the resolver. See [`host`] for its other side.

pub mod host;
