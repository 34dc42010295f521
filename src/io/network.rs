//! All connections of a handle, its resolver, and the wait for either. IO thread. Executes the core's actions about the
//! outside world and reports what happens there to a [`NetworkInput`], which is the core.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Poll, Token};

use super::connection::{Connection, IoOptions, Received};
use super::resolver::{Resolved, Resolver};
use super::short_wait;
use super::waker::{Poller, WAKER_TOKEN};
use crate::producer::action::{ConnId, Disconnect, ResolveId, Segment};
use crate::producer::core::Core;

/// One read takes at most this; shared by all connections, so an idle one holds no buffer.
const RECEIVE_BUFFER_LEN: usize = 1 << 16;
const EVENTS_PER_WAIT: usize = 256;

/// Where the network's news goes: the core's inputs, by the same names.
pub(super) trait NetworkInput {
    fn handle_resolved(&mut self, query: ResolveId, result: Resolved, now_us: u64);
    fn handle_connected(&mut self, conn: ConnId, now_us: u64);
    fn handle_disconnected(&mut self, conn: ConnId, reason: &Disconnect, now_us: u64);
    fn handle_frame(&mut self, conn: ConnId, frame: &[u8], now_us: u64);
    fn handle_transmitted(&mut self, conn: ConnId, now_us: u64);
}

impl NetworkInput for Core {
    fn handle_resolved(&mut self, query: ResolveId, result: Resolved, now_us: u64) {
        Core::handle_resolved(self, query, result, now_us);
    }
    fn handle_connected(&mut self, conn: ConnId, now_us: u64) {
        Core::handle_connected(self, conn, now_us);
    }
    fn handle_disconnected(&mut self, conn: ConnId, reason: &Disconnect, now_us: u64) {
        if reason.garbled {
            Core::handle_garbled(self, conn, &reason.reason, now_us);
        } else {
            Core::handle_disconnected(self, conn, &reason.reason, now_us);
        }
    }
    fn handle_frame(&mut self, conn: ConnId, frame: &[u8], now_us: u64) {
        Core::handle_frame(self, conn, frame, now_us);
    }
    fn handle_transmitted(&mut self, conn: ConnId, now_us: u64) {
        Core::handle_transmitted(self, conn, now_us);
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Network {
    poll: Poll,
    events: Events,
    resolver: Resolver,
    options: IoOptions,
    buffer: Box<[u8]>,
    connections: BTreeMap<ConnId, Connection>,
    /// Connections with frames queued since the last flush, or that can be written to again.
    unflushed: Vec<ConnId>,
    /// Connections that used up their share of the last turn's reading.
    unread: Vec<ConnId>,
}

fn token(conn: ConnId) -> Token {
    Token(conn.0 as usize)
}

impl Network {
    pub(super) fn new(poller: Poller, options: IoOptions) -> Self {
        Self {
            resolver: Resolver::new(poller.waker(), options.calls.clone()),
            poll: poller.poll,
            events: Events::with_capacity(EVENTS_PER_WAIT),
            options,
            buffer: vec![0; RECEIVE_BUFFER_LEN].into_boxed_slice(),
            connections: BTreeMap::new(),
            unflushed: Vec::new(),
            unread: Vec::new(),
        }
    }

    pub(super) fn resolve(
        &mut self,
        query: ResolveId,
        host: String,
        port: u16,
        input: &mut impl NetworkInput,
        now_us: u64,
    ) {
        if let Some(result) = self.resolver.resolve(query, host, port) {
            input.handle_resolved(query, result, now_us);
        }
    }

    pub(super) fn connect(
        &mut self,
        conn: ConnId,
        (address, name): (SocketAddr, &str),
        input: &mut impl NetworkInput,
        now_us: u64,
    ) {
        let registry = self.poll.registry();
        match Connection::open(address, name, &self.options, registry, token(conn)) {
            Ok(connection) => {
                self.connections.insert(conn, connection);
            }
            Err(reason) => input.handle_disconnected(conn, &reason, now_us),
        }
    }

    /// Queues a frame for the next flush. Of a connection that is gone, the core has been or will be told.
    pub(super) fn transmit(&mut self, conn: ConnId, segments: Vec<Segment>) {
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.queue_frame(segments);
            if self.unflushed.last() != Some(&conn) {
                self.unflushed.push(conn);
            }
        }
    }

    /// The descriptor of a connection's socket; -1 if it is gone.
    pub(super) fn descriptor(&self, conn: ConnId) -> i32 {
        self.connections.get(&conn).map_or(-1, Connection::descriptor)
    }

    pub(super) fn close(&mut self, conn: ConnId) {
        if let Some(connection) = self.connections.remove(&conn) {
            connection.close(self.poll.registry(), &self.options);
        }
    }

    pub(super) fn close_all(&mut self) {
        while let Some((_, connection)) = self.connections.pop_first() {
            connection.close(self.poll.registry(), &self.options);
        }
    }

    /// Sends what is queued, as far as the kernel takes it. Returns whether the core was told something.
    pub(super) fn flush(&mut self, input: &mut impl NetworkInput, now_us: u64) -> bool {
        let mut told = false;
        while let Some(conn) = self.unflushed.pop() {
            let Some(connection) = self.connections.get_mut(&conn) else { continue };
            let sent = connection.send(|| {
                input.handle_transmitted(conn, now_us);
                told = true;
            });
            if let Err(reason) = sent {
                // Responses that arrived before the connection broke still count.
                let received = drain(connection, &mut self.buffer, conn, input, now_us);
                let reason = received.err().unwrap_or(reason);
                self.disconnect(conn, &reason, input, now_us);
                told = true;
            }
        }
        told
    }

    /// Whether data already received waits to be read.
    pub(super) fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Waits for sockets, the resolver or the waker; `None` is for ever.
    pub(super) fn wait(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.events.clear();
        match self.wait_for_events(timeout) {
            // Stopped and continued: the caller finds nothing to do and waits again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.events.clear();
                Ok(())
            }
            result => result,
        }
    }

    fn wait_for_events(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        match timeout {
            Some(short) if !short.is_zero() && short < Duration::from_millis(1) => {
                if short_wait::wait(self.poll.registry(), short)? {
                    self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
                }
                Ok(())
            }
            _ => self.poll.poll(&mut self.events, timeout),
        }
    }

    /// Passes on what the last wait brought and what was left unread.
    pub(super) fn deliver(&mut self, input: &mut impl NetworkInput, now_us: u64) {
        for conn in std::mem::take(&mut self.unread) {
            self.receive(conn, input, now_us);
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in events.iter().filter(|event| event.token() != WAKER_TOKEN) {
            self.handle_event(event, input, now_us);
        }
        self.events = events;
        self.events.clear();
        for (query, result) in self.resolver.take_results() {
            input.handle_resolved(query, result, now_us);
        }
    }

    fn handle_event(&mut self, event: &Event, input: &mut impl NetworkInput, now_us: u64) {
        let conn = ConnId(event.token().0 as u64);
        // An event of a connection closed earlier in this turn finds none: ids are not reused.
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        if !connection.is_connected() {
            match connection.finish_connect(event.is_writable()) {
                Ok(true) => input.handle_connected(conn, now_us),
                Ok(false) => return,
                Err(reason) => return self.disconnect(conn, &reason, input, now_us),
            }
        }
        if event.is_writable() {
            connection.handle_writable();
            if connection.has_unsent() {
                self.unflushed.push(conn);
            }
        }
        let closed = event.is_read_closed() || event.is_write_closed() || event.is_error();
        if closed {
            connection.handle_read_closed();
        }
        if closed || event.is_readable() {
            self.receive(conn, input, now_us);
        }
    }

    fn receive(&mut self, conn: ConnId, input: &mut impl NetworkInput, now_us: u64) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        let on_frame = |frame: &[u8]| input.handle_frame(conn, frame, now_us);
        match connection.receive(&mut self.buffer, on_frame) {
            Ok(Received::All) => {}
            Ok(Received::Some) => self.unread.push(conn),
            Err(reason) => self.disconnect(conn, &reason, input, now_us),
        }
    }

    fn disconnect(
        &mut self,
        conn: ConnId,
        reason: &Disconnect,
        input: &mut impl NetworkInput,
        now_us: u64,
    ) {
        self.close(conn);
        input.handle_disconnected(conn, reason, now_us);
    }
}

/// Reads to the end, a few turns' shares at most: the peer may still be sending.
fn drain(
    connection: &mut Connection,
    buffer: &mut [u8],
    conn: ConnId,
    input: &mut impl NetworkInput,
    now_us: u64,
) -> Result<(), Disconnect> {
    connection.handle_read_closed();
    for _ in 0..4 {
        let on_frame = |frame: &[u8]| input.handle_frame(conn, frame, now_us);
        if connection.receive(buffer, on_frame)? == Received::All {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
