//! The mock cluster's sockets and controls, by a client of plain sockets.

#![expect(clippy::disallowed_methods, reason = "these tests measure how long answers take")]

use rdkafka::mock::{Fault, MockOptions, MockServer};
use rdkafka::protocol::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use rdkafka::protocol::header::{ResponseHeader, encode_request};
use rdkafka::protocol::{ApiKey, ErrorCode, Message, Reader};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

fn start(brokers: u32) -> (MockServer, Vec<String>) {
    let server = MockServer::start(&MockOptions { brokers, ..Default::default() }).expect("starts");
    let addresses = server.bootstrap_servers().split(',').map(str::to_owned).collect();
    (server, addresses)
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    stream
}

fn ask(stream: &mut TcpStream, correlation_id: i32) {
    let mut bytes = Vec::new();
    encode_request(&ApiVersionsRequest::default(), 0, correlation_id, None, &mut bytes);
    stream.write_all(&bytes).expect("sends");
}

/// Correlation id and error code of the next response; `None` if the connection was closed.
fn answer(stream: &mut TcpStream) -> Option<(i32, ErrorCode)> {
    let mut size = [0; 4];
    if let Err(error) = stream.read_exact(&mut size) {
        assert!(error.kind() != ErrorKind::WouldBlock, "neither answered nor closed");
        return None;
    }
    let mut bytes = vec![0; i32::from_be_bytes(size) as usize];
    stream.read_exact(&mut bytes).ok()?;
    let mut reader = Reader::new(&bytes);
    let header = ResponseHeader::decode(&mut reader, ApiKey::API_VERSIONS, 0).expect("header");
    let response = ApiVersionsResponse::decode_all(reader.rest(), 0).expect("well-formed");
    Some((header.correlation_id, response.error_code))
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (_server, addresses) = start(1);
    let mut stream = connect(&addresses[0]);
    // More than one turn reads and more than the line of answers holds, from a client that does not read meanwhile.
    let mut sender = stream.try_clone().expect("cloned");
    let count = 50_000;
    let sending = std::thread::Builder::new().spawn(move || {
        for id in 0..count {
            ask(&mut sender, id);
        }
    });
    std::thread::sleep(Duration::from_millis(200));
    for id in 0..count {
        assert_eq!(answer(&mut stream), Some((id, ErrorCode::NONE)));
    }
    sending.expect("spawned").join().expect("sent");
}

#[test]
fn a_broker_that_goes_down_closes_its_connections_and_comes_back_on_its_port() {
    let (server, addresses) = start(2);
    let (mut one, mut two) = (connect(&addresses[0]), connect(&addresses[1]));
    ask(&mut one, 1);
    assert!(answer(&mut one).is_some());
    server.set_broker_down(1);
    assert_eq!(answer(&mut one), None);
    assert!(TcpStream::connect(&addresses[0]).is_err(), "refused");
    ask(&mut two, 2);
    assert!(answer(&mut two).is_some(), "the other one goes on");
    server.set_broker_up(1);
    let mut again = connect(&addresses[0]);
    ask(&mut again, 3);
    assert_eq!(answer(&mut again), Some((3, ErrorCode::NONE)));
}

#[test]
fn faults_and_round_trip_times_are_felt() {
    let (server, addresses) = start(1);
    let mut stream = connect(&addresses[0]);
    server.set_broker_rtt_ms(1, 50);
    let timed_out = Fault::error(ErrorCode::REQUEST_TIMED_OUT);
    server.push_faults(ApiKey::API_VERSIONS, vec![timed_out, Fault::disconnect()]);
    let asked = Instant::now();
    ask(&mut stream, 1);
    assert_eq!(answer(&mut stream), Some((1, ErrorCode::REQUEST_TIMED_OUT)));
    assert!(asked.elapsed() >= Duration::from_millis(50), "{:?}", asked.elapsed());
    ask(&mut stream, 2);
    assert_eq!(answer(&mut stream), None);
}

#[test]
fn garbage_and_early_ends_close_one_connection_and_no_other() {
    let (_server, addresses) = start(1);
    let mut good = connect(&addresses[0]);
    for garbage in [&[0xff; 64][..], &[0, 0, 0, 4, 0x7f, 0, 0, 0], b"GET / HTTP/1.1\r\n\r\n"] {
        let mut bad = connect(&addresses[0]);
        bad.write_all(garbage).expect("sends");
        assert_eq!(answer(&mut bad), None, "{garbage:?}");
    }
    let mut half = connect(&addresses[0]);
    half.write_all(&[0, 0, 1, 0, 0, 18]).expect("sends");
    half.shutdown(Shutdown::Write).expect("shut");
    assert_eq!(answer(&mut half), None);
    ask(&mut good, 1);
    assert!(answer(&mut good).is_some());
}

#[test]
fn fifty_brokers_are_one_thread_and_stop_at_once() {
    let threads = || std::fs::read_dir("/proc/self/task").expect("Linux").count();
    let named = || {
        let tasks = std::fs::read_dir("/proc/self/task").expect("Linux").flatten();
        let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm"));
        tasks.filter_map(|task| name(task).ok()).filter(|name| name.trim() == "rdk:mock").count()
    };
    let before = named();
    let (server, addresses) = start(50);
    assert_eq!(addresses.len(), 50);
    let _open: Vec<TcpStream> = addresses.iter().map(|address| connect(address)).collect();
    // Other tests of this process run their own clusters meanwhile, so the count is an upper bound.
    assert!(named() <= before + 1 + 4 && threads() > 1);
    let stopping = Instant::now();
    drop(server);
    assert!(stopping.elapsed() < Duration::from_secs(1), "{:?}", stopping.elapsed());
    assert!(TcpStream::connect(&addresses[0]).is_err());
}
