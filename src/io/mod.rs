//! The IO thread of a handle: the only place with sockets, waits and the resolver. See [`host`] for its other side.

pub mod calls;
pub mod clock;
mod compression;
mod connection;
mod driver;
#[doc(hidden)]
pub mod frame_reader;
mod handle;
pub mod host;
mod network;
mod pacer;
mod resolver;
mod send_queue;
mod short_wait;
pub mod thread;
mod tsc;
mod waker;

pub use connection::IoOptions;
pub use handle::IoThread;
pub use waker::{Poller, Waker};

/// What the system says about an error, without the number that the standard library adds.
fn error_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" (os error ") {
        Some((text, _)) => text.to_owned(),
        None => text,
    }
}
