//! What is counted of a broker, a topic, a partition while it goes on. Written by the core, on the IO thread.

use std::collections::VecDeque;

use super::requests::RequestCounts;
use super::window::Window;

/// A request that the driver has, but not yet the kernel.
#[derive(Clone, Copy, Debug)]
pub struct QueuedFrame {
    /// Number of its API.
    pub api_key: i16,
    /// Its length, length field included.
    pub len_bytes: usize,
    /// Messages in it.
    pub messages: usize,
    /// When the driver got it.
    pub queued_us: u64,
}

/// Windows of a broker.
#[derive(Debug, Default)]
pub struct BrokerWindows {
    /// From produce() to the request, of each message.
    pub int_latency_us: Window,
    /// From the request to the kernel.
    pub outbuf_latency_us: Window,
    /// From the kernel to the response.
    pub rtt_us: Window,
    /// What responses asked for.
    pub throttle_ms: Window,
}

/// Windows of a topic.
#[derive(Debug, Default)]
pub struct TopicWindows {
    /// Bytes on the wire of each batch sent.
    pub batch_bytes: Window,
    /// Messages of each batch sent.
    pub batch_messages: Window,
}

/// What goes to a broker and comes from it.
#[derive(Debug, Default)]
pub struct Traffic {
    /// When its state changed.
    pub state_us: u64,
    /// Requests wholly handed to the kernel, and their bytes.
    pub tx: u64,
    /// See `tx`.
    pub tx_bytes: u64,
    /// Connections that sending broke.
    pub tx_errors: u64,
    /// Requests with something that was sent before.
    pub tx_retries: u64,
    /// When the last one was sent on this connection.
    pub sent_us: Option<u64>,
    /// Requests that nobody answered in time.
    pub request_timeouts: u64,
    /// Responses, and their bytes.
    pub rx: u64,
    /// See `rx`.
    pub rx_bytes: u64,
    /// Responses that could not be read, and connections that reading broke.
    pub rx_errors: u64,
    /// Responses to no request.
    pub rx_unmatched: u64,
    /// When the last one came on this connection.
    pub received_us: Option<u64>,
    /// Attempts to connect, failed ones included.
    pub connects: u64,
    /// Connections that ended after they were of use.
    pub disconnects: u64,
    /// Requests sent.
    pub requests: RequestCounts,
    /// Requests that the kernel does not have yet.
    pub queued: VecDeque<QueuedFrame>,
    /// Present where statistics are wanted.
    pub windows: Option<Box<BrokerWindows>>,
}

impl Traffic {
    /// The kernel has the oldest queued request.
    pub fn on_transmitted(&mut self, now_us: u64) {
        let Some(frame) = self.queued.pop_front() else { return };
        self.tx += 1;
        self.tx_bytes += frame.len_bytes as u64;
        self.requests.count(frame.api_key);
        self.sent_us = Some(now_us);
        if let Some(windows) = &mut self.windows {
            windows.outbuf_latency_us.record(now_us.saturating_sub(frame.queued_us));
        }
    }

    /// A response came, `frame_len` bytes without the length field.
    pub fn on_received(&mut self, frame_len: usize, now_us: u64) {
        const LENGTH_FIELD_BYTES: u64 = 4;
        self.rx += 1;
        self.rx_bytes += frame_len as u64 + LENGTH_FIELD_BYTES;
        self.received_us = Some(now_us);
    }

    /// A response belongs to the request that was sent at `sent_us`.
    pub fn on_answered(&mut self, sent_us: u64, now_us: u64) {
        if let Some(windows) = &mut self.windows {
            windows.rtt_us.record(now_us.saturating_sub(sent_us));
        }
    }

    /// What belonged to a connection that is gone.
    pub fn on_gone(&mut self) {
        self.queued.clear();
        self.sent_us = None;
        self.received_us = None;
    }

    /// Messages of requests that the kernel does not have yet.
    pub fn queued_messages(&self) -> usize {
        self.queued.iter().map(|frame| frame.messages).sum()
    }
}

/// What is counted of a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartitionCounters {
    /// Messages put in requests.
    pub tx_messages: u64,
    /// Bytes of their values; of their keys too where statistics are wanted.
    pub tx_bytes: u64,
    /// Number, from 1, of the youngest message acknowledged; of an idempotent producer.
    pub acked_msgid: u64,
    /// Sequence number of the next message to be acknowledged.
    pub next_ack_seq: i32,
    /// Sequence number after the last message that ended, one way or the other.
    pub next_err_seq: i32,
}

impl PartitionCounters {
    /// A batch of an idempotent producer was acknowledged: its last message, and the sequence number after it.
    pub fn on_acknowledged(&mut self, last_msgid: u64, next_seq: i32) {
        self.acked_msgid = self.acked_msgid.max(last_msgid);
        if self.next_err_seq == self.next_ack_seq {
            self.next_err_seq = next_seq;
        }
        self.next_ack_seq = next_seq;
    }

    /// The sequence begins anew.
    pub fn on_restart(&mut self) {
        (self.next_ack_seq, self.next_err_seq) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_when_the_kernel_has_it() {
        let mut traffic = Traffic { windows: Some(Box::default()), ..Traffic::default() };
        let frame = QueuedFrame { api_key: 0, len_bytes: 100, messages: 3, queued_us: 1_000 };
        traffic.queued.extend([frame, QueuedFrame { api_key: 3, queued_us: 1_500, ..frame }]);
        assert_eq!((traffic.tx, traffic.queued_messages()), (0, 6));
        traffic.on_transmitted(2_000);
        assert_eq!((traffic.tx, traffic.tx_bytes, traffic.queued_messages()), (1, 100, 3));
        assert_eq!((traffic.requests.of(0), traffic.requests.of(3)), (1, 0));
        traffic.on_gone();
        traffic.on_transmitted(3_000);
        assert_eq!((traffic.tx, traffic.sent_us), (1, None));
        let latency = traffic.windows.unwrap().outbuf_latency_us.report(true);
        assert_eq!((latency.cnt, latency.max), (1, 1_000));
    }

    #[test]
    fn an_acknowledgement_never_goes_back() {
        let mut counters = PartitionCounters::default();
        counters.on_acknowledged(10, 10);
        counters.on_acknowledged(5, 5);
        assert_eq!(counters.acked_msgid, 10);
        counters.on_restart();
        assert_eq!((counters.next_ack_seq, counters.acked_msgid), (0, 10));
    }
}
