//! The thread of the mock cluster: listeners, sockets, clock and waits around a sans-IO [`Network`].
//!
//! Sockets are edge-triggered. A socket that may have more to read stands in `readable`; one turn takes a bounded amount
//! from each, so that none starves the others, and answers leave in one write per turn.

use super::network::{ConnectionId, Network};
use super::server::Command;
use crossbeam_channel::Receiver;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const WAKER: Token = Token(0);
/// Listeners have the tokens below, connections those from here on.
const FIRST_CONNECTION: usize = 1 << 20;
/// Reads from one socket before the others have their turn.
const READS_PER_TURN: usize = 8;
/// How soon a broker that came up tries its port again if that was taken.
const RELISTEN_AFTER_US: u64 = 50_000;

/// What the thread and its owner both see.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) stopping: AtomicBool,
    waker: Waker,
}

impl Shared {
    /// Wakes the thread.
    pub(super) fn wake(&self) {
        // It can only fail when the thread's poll is gone, and then nobody is to be woken.
        let _ = self.waker.wake();
    }
}

/// A place for a listener; the next broker takes that of one that has left.
struct Listener {
    broker_id: Option<i32>,
    address: SocketAddr,
    socket: Option<TcpListener>,
}

struct Socket {
    stream: TcpStream,
    /// Stands in `readable`.
    queued: bool,
    /// The client sends faster than it reads: it is read from again when answers have left.
    paused: bool,
    /// The client has closed its side: the end is to be read even after a short read.
    ending: bool,
}

/// All that runs on the thread.
pub(super) struct Driver {
    poll: Poll,
    network: Network,
    listeners: Vec<Listener>,
    sockets: BTreeMap<ConnectionId, Socket>,
    readable: VecDeque<ConnectionId>,
    inbox: Receiver<Command>,
    shared: Arc<Shared>,
    started: Instant,
    relisten_at_us: Option<u64>,
}

impl Driver {
    /// Opens the listeners.
    #[allow(clippy::disallowed_methods, reason = "the mock's thread owns its clock")]
    pub(super) fn new(
        mut network: Network,
        inbox: Receiver<Command>,
    ) -> io::Result<(Self, Arc<Shared>)> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let shared = Arc::new(Shared { stopping: AtomicBool::new(false), waker });
        let ids: Vec<i32> = network.cluster().brokers().iter().map(|broker| broker.id).collect();
        let mut listeners = Vec::with_capacity(ids.len());
        for (index, broker_id) in ids.into_iter().enumerate() {
            listeners.push(new_listener(poll.registry(), index, broker_id, &mut network)?);
        }
        let driver = Self {
            poll,
            network,
            listeners,
            sockets: BTreeMap::new(),
            readable: VecDeque::new(),
            inbox,
            shared: Arc::clone(&shared),
            started: Instant::now(),
            relisten_at_us: None,
        };
        Ok((driver, shared))
    }

    /// `host:port` of each broker.
    pub(super) fn addresses(&self) -> Vec<String> {
        self.listeners.iter().map(|listener| listener.address.to_string()).collect()
    }

    /// Runs until told to stop.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(256);
        while !self.shared.stopping.load(Ordering::Acquire) {
            let timeout = self.timeout();
            match self.poll.poll(&mut events, timeout) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Without events there is nothing left to do for anyone.
                Err(_) => return,
            }
            for event in &events {
                match event.token().0 {
                    token if token == WAKER.0 => {}
                    token if token < FIRST_CONNECTION => self.accept(token - 1),
                    token => self.on_socket(connection_of(token), event),
                }
            }
            self.obey();
            self.read_turn();
            let now_us = self.now_us();
            if self.network.poll_timeout().is_some_and(|at_us| at_us <= now_us) {
                self.network.handle_timeout(now_us);
            }
            self.write_turn();
        }
    }

    #[allow(clippy::disallowed_methods, reason = "the mock's thread owns its clock")]
    fn now_us(&self) -> u64 {
        Instant::now().duration_since(self.started).as_micros() as u64
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.readable.is_empty() {
            return Some(Duration::ZERO);
        }
        let at_us =
            [self.network.poll_timeout(), self.relisten_at_us].into_iter().flatten().min()?;
        let wait_us = at_us.saturating_sub(self.now_us());
        // The wait itself counts in milliseconds and rounds up.
        Some(Duration::from_micros(wait_us))
    }

    fn accept(&mut self, index: usize) {
        while let Some(Listener { broker_id: Some(broker_id), socket: Some(listener), .. }) =
            self.listeners.get(index)
        {
            let mut stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            let Some(id) = self.network.connect(*broker_id) else { continue };
            // Answers must not wait for the client's acknowledgements; without it they are only slower.
            let _ = stream.set_nodelay(true);
            let token = Token(FIRST_CONNECTION + id.0 as usize);
            let interest = Interest::READABLE | Interest::WRITABLE;
            if self.poll.registry().register(&mut stream, token, interest).is_err() {
                self.network.disconnect(id);
                continue;
            }
            self.sockets.insert(id, Socket { stream, queued: false, paused: false, ending: false });
        }
    }

    fn on_socket(&mut self, id: ConnectionId, event: &mio::event::Event) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        socket.ending |= event.is_read_closed() || event.is_error();
        if (event.is_readable() || socket.ending) && !socket.queued {
            socket.queued = true;
            self.readable.push_back(id);
        }
        if event.is_writable() {
            self.write(id);
        }
    }

    /// Carries out what the owner wants, then opens and closes listeners and connections accordingly.
    fn obey(&mut self) {
        let mut done = Vec::new();
        while let Ok(command) = self.inbox.try_recv() {
            done.push(command(&mut self.network));
        }
        if !done.is_empty() || self.relisten_at_us.is_some() {
            self.relisten();
            self.listen_for_new_brokers();
            self.write_turn();
        }
        for tell in done {
            tell();
        }
    }

    fn listen_for_new_brokers(&mut self) {
        let ids: Vec<i32> = self.network.cluster().brokers().iter().map(|b| b.id).collect();
        for id in ids {
            if self.listeners.iter().any(|listener| listener.broker_id == Some(id)) {
                continue;
            }
            let free = self.listeners.iter().position(|listener| listener.broker_id.is_none());
            let index = free.unwrap_or(self.listeners.len());
            // Without one the broker has no port: whoever added it finds out.
            let registry = self.poll.registry();
            let Ok(listener) = new_listener(registry, index, id, &mut self.network) else { return };
            match free {
                Some(index) => self.listeners[index] = listener,
                None => self.listeners.push(listener),
            }
        }
    }

    fn relisten(&mut self) {
        self.relisten_at_us = None;
        for index in 0..self.listeners.len() {
            let listener = &mut self.listeners[index];
            let Some(id) = listener.broker_id else { continue };
            let broker = self.network.cluster().broker(id);
            if broker.is_none() {
                listener.broker_id = None;
            }
            if !broker.is_some_and(|broker| broker.up) {
                listener.socket = None;
            } else if listener.socket.is_none() {
                listener.socket = listen(self.poll.registry(), listener.address, index).ok();
                if listener.socket.is_none() {
                    self.relisten_at_us = Some(self.now_us() + RELISTEN_AFTER_US);
                }
            }
        }
    }

    fn read_turn(&mut self) {
        for _ in 0..self.readable.len() {
            let Some(id) = self.readable.pop_front() else { return };
            self.read(id);
        }
    }

    /// Reads from a socket until it has no more, its turn is over, or its answers pile up.
    fn read(&mut self, id: ConnectionId) {
        let now_us = self.now_us();
        for _ in 0..READS_PER_TURN {
            let Some(socket) = self.sockets.get_mut(&id) else { return };
            let space = self.network.input(id);
            if space.is_empty() {
                (socket.queued, socket.paused) = (false, true);
                return;
            }
            let offered = space.len();
            match socket.stream.read(space) {
                Ok(0) => return self.drop_connection(id),
                Ok(len) => {
                    self.network.handle_input(id, len, now_us);
                    // A short read has emptied the socket: the next bytes make a new event.
                    if len < offered && !socket.ending {
                        socket.queued = false;
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    socket.queued = false;
                    return;
                }
                Err(_) => return self.drop_connection(id),
            }
        }
        self.readable.push_back(id);
    }

    fn write_turn(&mut self) {
        while let Some(id) = self.network.poll_connection() {
            if self.network.closed(id).is_some() {
                self.drop_connection(id);
            } else {
                self.write(id);
            }
        }
    }

    fn write(&mut self, id: ConnectionId) {
        let now_us = self.now_us();
        while let Some(socket) = self.sockets.get_mut(&id) {
            let output = self.network.output(id);
            if output.is_empty() {
                break;
            }
            match socket.stream.write(output) {
                Ok(len) => self.network.handle_sent(id, len, now_us),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return self.drop_connection(id),
            }
        }
        if let Some(socket) = self.sockets.get_mut(&id)
            && socket.paused
            && !socket.queued
        {
            (socket.queued, socket.paused) = (true, false);
            self.readable.push_back(id);
        }
    }

    fn drop_connection(&mut self, id: ConnectionId) {
        self.network.disconnect(id);
        self.sockets.remove(&id);
    }
}

fn new_listener(
    registry: &Registry,
    index: usize,
    broker_id: i32,
    network: &mut Network,
) -> io::Result<Listener> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let socket = listen(registry, any_port, index)?;
    let address = socket.local_addr()?;
    network.cluster_mut().set_broker_address(broker_id, "127.0.0.1", address.port());
    Ok(Listener { broker_id: Some(broker_id), address, socket: Some(socket) })
}

fn listen(registry: &Registry, address: SocketAddr, index: usize) -> io::Result<TcpListener> {
    let mut listener = TcpListener::bind(address)?;
    registry.register(&mut listener, Token(1 + index), Interest::READABLE)?;
    Ok(listener)
}

fn connection_of(token: usize) -> ConnectionId {
    ConnectionId((token - FIRST_CONNECTION) as u64)
}
