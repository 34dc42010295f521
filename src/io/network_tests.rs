//! [`Network`] against real sockets of this machine.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use super::*;
use crate::io::clock::Clock;
use crate::producer::batch::{Batch, FreshChunks, NewMessage, Sealing};

const CONN: ConnId = ConnId(7);

#[derive(Debug, PartialEq)]
enum Told {
    Resolved(ResolveId, Resolved),
    Connected,
    Disconnected(String),
    Frame(Vec<u8>),
    Transmitted,
}

#[derive(Default)]
struct Recorder(Vec<Told>);

impl NetworkInput for Recorder {
    fn handle_resolved(&mut self, query: ResolveId, result: Resolved, _now_us: u64) {
        self.0.push(Told::Resolved(query, result));
    }
    fn handle_connected(&mut self, conn: ConnId, _now_us: u64) {
        assert_eq!(conn, CONN);
        self.0.push(Told::Connected);
    }
    fn handle_disconnected(&mut self, conn: ConnId, reason: &Disconnect, _now_us: u64) {
        assert_eq!(conn, CONN);
        self.0.push(Told::Disconnected(reason.reason.clone()));
    }
    fn handle_frame(&mut self, conn: ConnId, frame: &[u8], _now_us: u64) {
        assert_eq!(conn, CONN);
        self.0.push(Told::Frame(frame.to_vec()));
    }
    fn handle_transmitted(&mut self, conn: ConnId, _now_us: u64) {
        assert_eq!(conn, CONN);
        self.0.push(Told::Transmitted);
    }
}

struct Bench {
    network: Network,
    recorder: Recorder,
    waits: usize,
}

impl Bench {
    fn new(options: IoOptions) -> Self {
        let network = Network::new(Poller::new().unwrap(), options);
        Self { network, recorder: Recorder::default(), waits: 0 }
    }

    /// A network with one established connection, and the other end of that.
    fn connected(options: IoOptions) -> (Self, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut bench = Self::new(options);
        let address = listener.local_addr().unwrap();
        bench.network.connect(CONN, (address, ""), &mut bench.recorder, 1);
        let (peer, _) = listener.accept().unwrap();
        assert!(bench.run_until(|told| told.contains(&Told::Connected)));
        bench.recorder.0.clear();
        bench.waits = 0;
        (bench, peer)
    }

    /// Turns until `done`; false after a second without it.
    fn run_until(&mut self, done: impl Fn(&[Told]) -> bool) -> bool {
        let clock = Clock::new();
        let end_us = clock.now_us() + 1_000_000;
        while !done(&self.recorder.0) {
            if clock.now_us() > end_us {
                return false;
            }
            let timeout = if self.network.has_unread() { 0 } else { 100 };
            self.network.wait(Some(Duration::from_millis(timeout))).unwrap();
            self.waits += 1;
            self.network.deliver(&mut self.recorder, 1);
            self.network.flush(&mut self.recorder, 1);
        }
        true
    }

    fn disconnect_reason(&mut self) -> String {
        assert!(self.run_until(|told| matches!(told.last(), Some(Told::Disconnected(_)))));
        match self.recorder.0.pop() {
            Some(Told::Disconnected(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }
}

fn response(len: usize, fill: u8) -> Vec<u8> {
    let mut frame = (len as i32).to_be_bytes().to_vec();
    frame.resize(4 + len, fill);
    frame
}

fn sealed_batch() -> Arc<Batch> {
    let mut batch = Batch::default();
    for opaque in 0..20_000 {
        let message = NewMessage {
            key: None,
            value: Some(&[opaque as u8; 1_000][..]),
            headers: std::iter::empty(),
            timestamp_ms: 1,
            enqueued_us: 1,
            opaque,
            tag: 0,
            borrowed_value: 0,
        };
        batch.append(&message, &mut FreshChunks);
    }
    batch.seal(Sealing::plain());
    Arc::new(batch)
}

#[test]
fn a_frame_larger_than_the_kernel_takes_goes_out_whole_as_the_peer_reads() {
    let (mut bench, mut peer) = Bench::connected(IoOptions::default());
    let batch = sealed_batch();
    let mut wanted = vec![1, 2, 3];
    (0..).map_while(|i| batch.wire_slice(i)).for_each(|slice| wanted.extend_from_slice(slice));
    wanted.extend([4; 10]);
    let segments = vec![Segment::Bytes(vec![1, 2, 3]), Segment::Batch(batch)];
    bench.network.transmit(CONN, segments);
    bench.network.transmit(CONN, vec![Segment::Bytes(vec![4; 10])]);
    assert!(!bench.network.flush(&mut bench.recorder, 1));
    assert!(!bench.run_until(|told| !told.is_empty()), "the peer has not read anything yet");
    let wanted_len = wanted.len();
    let reader = crate::io::thread::spawn("peer", move || {
        let mut got = vec![0; wanted_len];
        peer.read_exact(&mut got).unwrap();
        (got, peer)
    });
    assert!(bench.run_until(|told| told == [Told::Transmitted, Told::Transmitted]));
    assert!(reader.unwrap().join().unwrap().0 == wanted);
}

#[test]
fn a_request_and_its_response_take_one_wait_and_no_wait_for_writability() {
    let (mut bench, mut peer) = Bench::connected(IoOptions::default());
    bench.network.transmit(CONN, vec![Segment::Bytes(vec![9; 100])]);
    assert!(bench.network.flush(&mut bench.recorder, 1));
    assert_eq!(bench.recorder.0, [Told::Transmitted]);
    peer.read_exact(&mut [0; 100]).unwrap();
    peer.write_all(&response(50, 3)).unwrap();
    assert!(bench.run_until(|told| told.last() == Some(&Told::Frame(vec![3; 50]))));
    assert_eq!(bench.waits, 1);
}

#[test]
fn responses_cut_anywhere_arrive_whole() {
    let (mut bench, mut peer) = Bench::connected(IoOptions::default());
    peer.set_nodelay(true).unwrap();
    let wire = [response(4, 1), response(9, 2)].concat();
    for cut in 1..wire.len() {
        peer.write_all(&wire[..cut]).unwrap();
        bench.run_until(|told| !told.is_empty() || cut < 8);
        bench.network.wait(Some(Duration::from_millis(2))).unwrap();
        bench.network.deliver(&mut bench.recorder, 1);
        peer.write_all(&wire[cut..]).unwrap();
        assert!(bench.run_until(|told| told.len() == 2));
        assert_eq!(bench.recorder.0, [Told::Frame(vec![1; 4]), Told::Frame(vec![2; 9])]);
        bench.recorder.0.clear();
    }
}

#[test]
fn a_flood_is_read_in_shares_and_to_the_end() {
    let (mut bench, mut peer) = Bench::connected(IoOptions::default());
    let writer = crate::io::thread::spawn("peer", move || {
        for fill in 0..40 {
            peer.write_all(&response(300_000, fill)).unwrap();
        }
        peer
    });
    assert!(bench.run_until(|told| told.len() == 40));
    let frames = bench.recorder.0.iter().enumerate();
    for (i, told) in frames {
        assert!(*told == Told::Frame(vec![i as u8; 300_000]), "frame {i}");
    }
    drop(writer.unwrap().join().unwrap());
    assert!(bench.disconnect_reason().starts_with("Disconnected: connection closed by peer"));
}

#[test]
fn a_length_prefix_out_of_range_disconnects() {
    for len in [-1, 1_001, i32::MAX] {
        let options = IoOptions { receive_message_max_bytes: 1_000, ..IoOptions::default() };
        let (mut bench, mut peer) = Bench::connected(options);
        peer.write_all(&response(1_000, 5)).unwrap();
        peer.write_all(&len.to_be_bytes()).unwrap();
        let reason = bench.disconnect_reason();
        let wanted = format!(
            "Receive failed: Invalid response size {len} (0..1000): increase receive.message.max.bytes"
        );
        assert_eq!(reason, wanted);
        assert_eq!(bench.recorder.0, [Told::Frame(vec![5; 1_000])]);
        assert_eq!(peer.read(&mut [0; 1]).unwrap_or(0), 0, "our end is closed");
    }
}

#[test]
fn frames_before_the_peer_closes_still_count() {
    let (mut bench, mut peer) = Bench::connected(IoOptions::default());
    peer.write_all(&response(10, 1)).unwrap();
    drop(peer);
    assert!(bench.disconnect_reason().starts_with("Disconnected: connection closed by peer"));
    assert_eq!(bench.recorder.0, [Told::Frame(vec![1; 10])]);
    assert!(bench.network.connections.is_empty());
}

#[test]
fn a_response_that_arrived_before_sending_failed_still_counts() {
    let (mut bench, mut peer) = Bench::connected(IoOptions::default());
    peer.write_all(&response(10, 1)).unwrap();
    drop(peer);
    std::thread::sleep(Duration::from_millis(20));
    // The first write after the FIN provokes a reset, a later one fails.
    for _ in 0..3 {
        bench.network.transmit(CONN, vec![Segment::Bytes(vec![0; 10])]);
        bench.network.flush(&mut bench.recorder, 1);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(matches!(bench.recorder.0.pop(), Some(Told::Disconnected(_))));
    assert!(bench.recorder.0.contains(&Told::Frame(vec![1; 10])));
}

#[test]
fn a_refused_connection_says_so_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut bench = Bench::new(IoOptions::default());
    bench.network.connect(CONN, (address, ""), &mut bench.recorder, 1);
    let wanted = format!("Connect to ipv4#{address} failed: Connection refused");
    assert_eq!(bench.disconnect_reason(), wanted);
    assert!(!bench.run_until(|told| !told.is_empty()));
}

#[test]
fn nothing_is_heard_of_a_closed_connection_and_the_peer_sees_it_end() {
    let (mut bench, mut peer) = Bench::connected(IoOptions::default());
    peer.write_all(&response(10, 1)).unwrap();
    bench.network.transmit(CONN, vec![Segment::Bytes(vec![1])]);
    bench.network.wait(Some(Duration::from_secs(1))).unwrap();
    bench.network.close(CONN);
    bench.network.deliver(&mut bench.recorder, 1);
    bench.network.transmit(CONN, vec![Segment::Bytes(vec![1])]);
    assert!(!bench.network.flush(&mut bench.recorder, 1));
    assert_eq!(bench.recorder.0, []);
    assert_eq!(peer.read(&mut [0; 10]).unwrap_or(0), 0);
}

#[test]
fn names_and_literals_are_resolved() {
    let mut bench = Bench::new(IoOptions::default());
    bench.network.resolve(ResolveId(1), "::1".into(), 5, &mut bench.recorder, 1);
    let answer = Told::Resolved(ResolveId(1), Ok(vec!["[::1]:5".parse().unwrap()]));
    assert_eq!(bench.recorder.0, [answer]);
    bench.network.resolve(ResolveId(2), "localhost".into(), 5, &mut bench.recorder, 1);
    assert!(
        bench.run_until(|told| matches!(told.last(), Some(Told::Resolved(ResolveId(2), Ok(_)))))
    );
}
