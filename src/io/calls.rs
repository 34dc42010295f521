//! The application's functions in place of the system's: for making, connecting and closing sockets, and for looking up names.
//! Implemented by `capi`.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{OwnedFd, RawFd};

/// The addresses, or why there are none.
pub type Resolved = Result<Vec<SocketAddr>, String>;

/// See the module. For each, `None` (or false) says that the application has no such function. They run on the IO thread, but for
/// `resolve`, which runs on a helper thread and may take its time.
pub trait SystemCalls: Send + Sync {
    /// Makes a TCP socket for addresses of the kind of `address`.
    fn open(&self, address: SocketAddr) -> Option<io::Result<OwnedFd>>;
    /// Connects a non-blocking socket to `address`, of a broker called `name`; going on in the background is no error.
    fn connect(&self, socket: RawFd, address: SocketAddr, name: &str) -> Option<io::Result<()>>;
    /// Whether the application closes sockets.
    fn closes(&self) -> bool;
    /// Closes a socket, which is its own from then on.
    fn close(&self, socket: OwnedFd);
    /// Whether the application looks up names, addresses written as text included.
    fn resolves(&self) -> bool;
    /// Looks up a name.
    fn resolve(&self, host: &str, port: u16) -> Resolved;
}
