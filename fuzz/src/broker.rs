//! The embedded brokers, fed with what clients may send. Input: steps (what, connection, bytes).

use super::input::Input;
use rdkafka::mock::{ClusterOptions, Network};

const FRAME_MAX: usize = 1 << 16;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let options = ClusterOptions {
        brokers: 2,
        default_partitions: 3,
        retention_bytes: 1 << 16,
        max_batch_bytes: FRAME_MAX,
        max_request_bytes: FRAME_MAX,
        ..ClusterOptions::default()
    };
    let mut network = Network::new(options);
    for id in 1..=2 {
        network.cluster_mut().set_broker_address(id, "127.0.0.1", 9_000 + id as u16);
    }
    network.cluster_mut().create_topic("t", 2, 1).expect("a valid topic");
    let mut connections = vec![network.connect(1).expect("up")];
    let mut now_us = 1;
    for _ in 0..100 {
        if input.is_empty() {
            break;
        }
        let connection = connections[input.below(connections.len())];
        match input.below(8) {
            0 => connections.extend(network.connect(1 + i32::from(input.bool()))),
            1 => network.disconnect(connection),
            2 => {
                now_us += input.u64() >> 24;
                network.handle_timeout(now_us);
            }
            3 => drop(network.handle_bytes(connection, input.bytes(), now_us)),
            // A frame with the right size in front.
            4 | 5 => {
                let len = usize::from(input.u16());
                let frame = input.take(len);
                let bytes = [&(frame.len() as i32).to_be_bytes(), frame].concat();
                network.handle_bytes(connection, &bytes, now_us);
            }
            6 => network.set_broker_up(1 + i32::from(input.bool()), input.bool()),
            _ => drop(network.poll_output(connection, now_us)),
        }
        while let Some(announced) = network.poll_connection() {
            let _ = network.closed(announced);
        }
    }
    network.handle_timeout(u64::MAX / 2);
}
