//! For the tests of this module: builds batches, and a client that talks to broker 1 over bytes.

use super::cluster::Cluster;
use super::network::{ConnectionId, Network};
use super::options::ClusterOptions;
use crate::protocol::header::{RequestHeader, begin_frame, encode_request, end_frame};
use crate::protocol::{ApiKey, Message, Reader, ResponseHeader};
use crate::record::batch::{Attributes, BATCH_HEADER_LEN_BYTES, BatchHeader};
use crate::record::{Codec, Compressor, RecordEncoder};

/// Builds a batch.
#[derive(Clone)]
pub(crate) struct BatchBuilder {
    records: Vec<(i64, Vec<u8>)>,
    codec: Codec,
    max_timestamp: Option<i64>,
    header: BatchHeader,
    patch: Option<fn(&mut BatchHeader)>,
}

impl BatchBuilder {
    pub(crate) fn new() -> Self {
        Self {
            records: Vec::new(),
            codec: Codec::None,
            max_timestamp: None,
            header: BatchHeader::default(),
            patch: None,
        }
    }

    pub(crate) fn values(self, values: &[&str]) -> Self {
        values.iter().fold(self, |builder, value| builder.at(1000, value))
    }

    pub(crate) fn at(mut self, timestamp_ms: i64, value: &str) -> Self {
        self.records.push((timestamp_ms, value.as_bytes().to_vec()));
        self
    }

    pub(crate) fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    pub(crate) fn max_timestamp(mut self, timestamp_ms: i64) -> Self {
        self.max_timestamp = Some(timestamp_ms);
        self
    }

    pub(crate) fn producer(mut self, id: i64, epoch: i16, sequence: i32) -> Self {
        self.header.producer_id = id;
        self.header.producer_epoch = epoch;
        self.header.base_sequence = sequence;
        self
    }

    pub(crate) fn patch(mut self, patch: fn(&mut BatchHeader)) -> Self {
        self.patch = Some(patch);
        self
    }

    pub(crate) fn build(self) -> Vec<u8> {
        let base = self.records.first().map_or(0, |record| record.0);
        let mut section = Vec::new();
        for (index, (timestamp, value)) in self.records.iter().enumerate() {
            let record =
                RecordEncoder::new(timestamp - base, index as i32, None, Some(value.as_slice()));
            let at = section.len();
            section.resize(at + record.encoded_len(), 0);
            record.encode_into(&mut section[at..]);
        }
        if self.codec != Codec::None {
            let mut compressed = Vec::new();
            let level = self.codec.level_max().min(1);
            Compressor::new()
                .compress(self.codec, level, &section, &mut compressed)
                .expect("compresses");
            section = compressed;
        }
        let mut header = self.header;
        header.attributes = Attributes::new(self.codec.id(), false);
        header.base_timestamp = base;
        let max = self.records.iter().map(|record| record.0).max();
        header.max_timestamp = self.max_timestamp.or(max).unwrap_or(-1);
        header.record_count = self.records.len() as i32;
        header.last_offset_delta = header.record_count - 1;
        if let Some(patch) = self.patch {
            patch(&mut header);
        }
        let mut batch = [0; BATCH_HEADER_LEN_BYTES];
        header.seal([section.as_slice()].into_iter(), &mut batch);
        [&batch[..], &section].concat()
    }
}

/// A client with one connection to broker 1.
pub(crate) struct Client {
    pub(crate) network: Network,
    pub(crate) connection: ConnectionId,
    pub(crate) now_us: u64,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::with(ClusterOptions::default())
    }

    pub(crate) fn with(options: ClusterOptions) -> Self {
        let mut network = Network::new(options);
        let connection = network.connect(1).expect("broker 1 is up");
        Self { network, connection, now_us: 0 }
    }

    pub(crate) fn cluster(&mut self) -> &mut Cluster {
        self.network.cluster_mut()
    }

    /// Sends a request.
    pub(crate) fn send<'a, M: Message<'a>>(&mut self, request: &M, version: i16) {
        let mut bytes = Vec::new();
        encode_request(request, version, 7, Some("test"), &mut bytes);
        assert_eq!(self.network.handle_bytes(self.connection, &bytes, self.now_us), bytes.len());
    }

    /// The body of the response that has arrived, if any.
    pub(crate) fn receive(&mut self, api: ApiKey, version: i16) -> Option<Vec<u8>> {
        let bytes = self.network.poll_output(self.connection, self.now_us);
        if bytes.is_empty() {
            return None;
        }
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.i32().expect("size") as usize, bytes.len() - 4, "one response");
        let header = ResponseHeader::decode(&mut reader, api, version).expect("header");
        assert_eq!(header.correlation_id, 7);
        Some(reader.rest().to_vec())
    }

    /// Sends a request and returns the body of its response.
    pub(crate) fn call<'a, M: Message<'a>>(&mut self, request: &M, version: i16) -> Vec<u8> {
        self.send(request, version);
        assert_eq!(self.network.closed(self.connection), None);
        self.receive(M::API, version).expect("answered at once")
    }

    /// Like [`Client::call`], with a body of any bytes.
    pub(crate) fn call_raw(&mut self, api: ApiKey, version: i16, body: &[u8]) -> Vec<u8> {
        self.try_call_raw(api, version, body).expect("connection stays open")
    }

    /// `None` if the broker closed the connection.
    pub(crate) fn try_call_raw(
        &mut self,
        api_key: ApiKey,
        api_version: i16,
        body: &[u8],
    ) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let start = begin_frame(&mut bytes);
        RequestHeader { api_key, api_version, correlation_id: 7, client_id: None }
            .encode(&mut bytes);
        bytes.extend_from_slice(body);
        end_frame(&mut bytes, start, 0);
        self.network.handle_bytes(self.connection, &bytes, self.now_us);
        match self.network.closed(self.connection) {
            Some(_) => None,
            None => self.receive(api_key, api_version),
        }
    }

    /// Reads the body of a response.
    pub(crate) fn decode<'a, M: Message<'a>>(bytes: &'a [u8], version: i16) -> M {
        M::decode_all(bytes, version).expect("well-formed")
    }
}
