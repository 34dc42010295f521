//! One non-blocking TCP connection: its socket, what is to be sent, and the frame being received. IO thread.
//!
//! ```text
//!  open() -> Connecting --handle_writable--> Open --send/receive--> Err(reason)
//! ```
//!
//! The socket is watched edge-triggered, so readiness is remembered here: sending is attempted until the kernel takes
//! less than offered (`send_blocked`), reading goes on until a read does not fill the buffer.

use std::io::{self, ErrorKind, IoSlice, Read};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::calls::SystemCalls;
use super::error_text;
use super::frame_reader::{FrameReader, InvalidLength};
use super::send_queue::{SLICES_PER_SEND, SendQueue};
use crate::producer::action::{Disconnect, Segment};

/// What the configuration says about sockets.
#[derive(Clone)]
pub struct IoOptions {
    /// `socket.nagle.disable`.
    pub nagle_disable: bool,
    /// `socket.keepalive.enable`.
    pub keepalive_enable: bool,
    /// `socket.send.buffer.bytes`, 0 for the system's choice.
    pub send_buffer_bytes: usize,
    /// `socket.receive.buffer.bytes`, 0 for the system's choice.
    pub receive_buffer_bytes: usize,
    /// `receive.message.max.bytes`.
    pub receive_message_max_bytes: i32,
    /// `socket_cb`, `connect_cb`, `closesocket_cb`, `resolve_cb`, if there is any.
    pub calls: Option<Arc<dyn SystemCalls>>,
}

impl std::fmt::Debug for IoOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IoOptions").finish_non_exhaustive()
    }
}

impl Default for IoOptions {
    fn default() -> Self {
        Self {
            nagle_disable: true,
            keepalive_enable: false,
            send_buffer_bytes: 0,
            receive_buffer_bytes: 0,
            receive_message_max_bytes: 100_000_000,
            calls: None,
        }
    }
}

/// Reads in one turn before the other connections get theirs.
const READS_PER_TURN: usize = 16;

/// How a round of reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// The next data makes the socket readable anew.
    All,
    /// The turn's share is used up, there may be more.
    Some,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    connected: bool,
    send_blocked: bool,
    /// The other side sent its FIN: a read that does not fill the buffer is no proof that nothing more is to be read.
    read_closed: bool,
    send_queue: SendQueue,
    frame_reader: FrameReader,
    receive_max_bytes: i32,
}

/// As librdkafka writes addresses in its texts.
struct Shown(SocketAddr);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ipv{}#{}", if self.0.is_ipv4() { 4 } else { 6 }, self.0)
    }
}

fn open_socket(address: SocketAddr, options: &IoOptions) -> io::Result<Socket> {
    let given = options.calls.as_ref().and_then(|calls| calls.open(address));
    let socket = match given {
        Some(given) => Socket::from(given?),
        None => Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?,
    };
    if let Err(error) = socket.set_nonblocking(true) {
        close_descriptor(OwnedFd::from(socket), options);
        return Err(error);
    }
    // What follows tunes; a system that refuses still connects. Buffers before connect: they decide the window scale.
    if options.send_buffer_bytes > 0 {
        let _ = socket.set_send_buffer_size(options.send_buffer_bytes);
    }
    if options.receive_buffer_bytes > 0 {
        let _ = socket.set_recv_buffer_size(options.receive_buffer_bytes);
    }
    if options.keepalive_enable {
        let _ = socket.set_keepalive(true);
    }
    if options.nagle_disable {
        let _ = socket.set_tcp_nodelay(true);
    }
    Ok(socket)
}

/// Closes a socket, by the application's function if it has one.
fn close_descriptor(socket: OwnedFd, options: &IoOptions) {
    if let Some(calls) = options.calls.as_ref().filter(|calls| calls.closes()) {
        calls.close(socket);
    }
}

fn start_connect(
    socket: &Socket,
    address: SocketAddr,
    name: &str,
    options: &IoOptions,
) -> io::Result<()> {
    let calls = options.calls.as_ref();
    let result = calls.and_then(|calls| calls.connect(socket.as_raw_fd(), address, name));
    match result.unwrap_or_else(|| socket.connect(&address.into())) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(()),
    }
}

impl Connection {
    /// Begins to connect to the broker called `name`; the socket becomes writable when that is decided.
    pub(super) fn open(
        address: SocketAddr,
        name: &str,
        options: &IoOptions,
        registry: &Registry,
        token: Token,
    ) -> Result<Self, Disconnect> {
        let socket = open_socket(address, options)
            .map_err(|error| format!("Failed to create socket: {}", error_text(&error)))?;
        let failed = |error: &io::Error| {
            let address = Shown(address);
            format!("Failed to connect to broker at {address}: {}", error_text(error))
        };
        if let Err(error) = start_connect(&socket, address, name, options) {
            close_descriptor(OwnedFd::from(socket), options);
            return Err(failed(&error).into());
        }
        let mut stream = TcpStream::from_std(socket.into());
        // Registered after connect: an unconnected socket would be reported as hung up.
        if let Err(error) =
            registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
        {
            close_descriptor(OwnedFd::from(stream), options);
            return Err(failed(&error).into());
        }
        Ok(Self {
            stream,
            address,
            connected: false,
            send_blocked: false,
            read_closed: false,
            send_queue: SendQueue::default(),
            frame_reader: FrameReader::default(),
            receive_max_bytes: options.receive_message_max_bytes,
        })
    }

    pub(super) fn descriptor(&self) -> i32 {
        self.stream.as_raw_fd()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }

    pub(super) fn has_unsent(&self) -> bool {
        !self.send_queue.is_empty()
    }

    /// Frames go out in the order of these calls, with the next [`Connection::send`].
    pub(super) fn queue_frame(&mut self, frame: Vec<Segment>) {
        self.send_queue.push(frame);
    }

    /// While connecting, the socket showed a sign of life: whether it is connected now, or why it never will be.
    pub(super) fn finish_connect(&mut self, writable: bool) -> Result<bool, Disconnect> {
        let failed =
            |error| format!("Connect to {} failed: {}", Shown(self.address), error_text(&error));
        if let Some(error) = self.stream.take_error().unwrap_or_else(Some) {
            return Err(failed(error).into());
        }
        self.connected = writable;
        Ok(writable)
    }

    /// The kernel has room again.
    pub(super) fn handle_writable(&mut self) {
        self.send_blocked = false;
    }

    /// The other side will send nothing more.
    pub(super) fn handle_read_closed(&mut self) {
        self.read_closed = true;
    }

    /// Sends until nothing is left or the kernel takes no more; calls `on_transmitted` for each frame finished.
    pub(super) fn send(&mut self, mut on_transmitted: impl FnMut()) -> Result<(), Disconnect> {
        while self.connected && !self.send_blocked && !self.send_queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES_PER_SEND];
            let (count, offered) = self.send_queue.gather(&mut slices);
            // Not `write_vectored`, which raises SIGPIPE in the host process.
            let sent = SockRef::from(&self.stream)
                .send_vectored_with_flags(&slices[..count], libc::MSG_NOSIGNAL);
            match sent {
                Ok(sent) => {
                    // Taking less than offered, the kernel has noted that someone waits for room.
                    self.send_blocked = sent < offered;
                    (0..self.send_queue.advance(sent)).for_each(|_| on_transmitted());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.send_blocked = true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    return Err("Disconnected: connection reset by peer".into());
                }
                Err(error) => return Err(format!("Send failed: {}", error_text(&error)).into()),
            }
        }
        Ok(())
    }

    /// Reads what is there into `buffer`, a turn's share at most; calls `on_frame` for each frame finished.
    pub(super) fn receive(
        &mut self,
        buffer: &mut [u8],
        mut on_frame: impl FnMut(&[u8]),
    ) -> Result<Received, Disconnect> {
        for _ in 0..READS_PER_TURN {
            match self.stream.read(buffer) {
                Ok(0) => {
                    let text = "Disconnected: connection closed by peer: receive 0 after POLLIN";
                    return Err(text.into());
                }
                Ok(len) => {
                    self.frame_reader
                        .push(&buffer[..len], self.receive_max_bytes, &mut on_frame)
                        .map_err(|invalid| self.invalid_length(invalid))?;
                    if len < buffer.len() && !self.read_closed {
                        return Ok(Received::All);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Received::All),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    return Err("Disconnected: connection reset by peer".into());
                }
                Err(error) => return Err(format!("Receive failed: {}", error_text(&error)).into()),
            }
        }
        Ok(Received::Some)
    }

    fn invalid_length(&self, InvalidLength(len): InvalidLength) -> Disconnect {
        let reason = format!(
            "Receive failed: Invalid response size {len} (0..{}): increase receive.message.max.bytes",
            self.receive_max_bytes
        );
        Disconnect { reason, garbled: true }
    }

    /// Closes the socket, also if a forked child still holds its descriptor.
    pub(super) fn close(mut self, registry: &Registry, options: &IoOptions) {
        let _ = registry.deregister(&mut self.stream);
        let _ = self.stream.shutdown(Shutdown::Both);
        close_descriptor(OwnedFd::from(self.stream), options);
    }
}
