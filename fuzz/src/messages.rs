//! Every message in every version, both headers: what can be read is written and read again, and is the same.
//! Input: message, version, the bytes.

use std::fmt::Debug;

use super::input::Input;
use rdkafka::protocol::{
    ApiKey, Message, Reader, RequestHeader, ResponseHeader, add_offsets_to_txn::*,
    add_partitions_to_txn::*, api_versions::*, end_txn::*, fetch::*, find_coordinator::*,
    init_producer_id::*, list_offsets::*, metadata::*, offset_for_leader_epoch::*, produce::*,
    sasl_authenticate::*, sasl_handshake::*, txn_offset_commit::*,
};

type Check = fn(&[u8], i16);

/// Memory that a message may take for each of its bytes: the largest structure that can stand for one byte, and room for
/// vectors that grow by doubling.
fn check<'a, M: Message<'a> + Debug + PartialEq + 'a>(bytes: &'a [u8], version: i16) {
    let span = M::VERSIONS.end() - M::VERSIONS.start() + 1;
    let version = M::VERSIONS.start() + version.rem_euclid(span);
    let mut reader = Reader::new(bytes);
    let Ok(message) = M::decode(&mut reader, version) else { return };
    let mut written = Vec::new();
    message.encode(version, &mut written);
    // Unknown tagged fields are dropped, and a length may have been written longer than it need be.
    assert!(written.len() <= bytes.len() - reader.remaining() + 64, "{message:?}");
    // The message borrows from what it was read from.
    let again: &'a [u8] = unsafe { std::slice::from_raw_parts(written.as_ptr(), written.len()) };
    let read = M::decode_all(again, version).expect("what was written can be read");
    assert_eq!(read, message);
}

fn check_headers(bytes: &[u8], version: i16) {
    let api = ApiKey(version / 16);
    let _ = ResponseHeader::decode(&mut Reader::new(bytes), api, version % 16);
    if let Ok(header) = RequestHeader::decode(&mut Reader::new(bytes)) {
        let mut written = Vec::new();
        header.encode(&mut written);
        assert_eq!(RequestHeader::decode(&mut Reader::new(&written)), Ok(header));
    }
    let _ = ApiVersionsResponse::decode_answer(&mut Reader::new(bytes), version % 5);
}

macro_rules! checks {
    ($($message:ident $(<$lifetime:lifetime>)?,)*) => {
        &[check_headers, $(|bytes, version| check::<$message $(<$lifetime>)?>(bytes, version),)*]
    };
}

const CHECKS: &[Check] = checks![
    ApiVersionsRequest<'_>,
    ApiVersionsResponse<'_>,
    MetadataRequest<'_>,
    MetadataResponse<'_>,
    ProduceRequest<'_>,
    ProduceResponse<'_>,
    FetchRequest<'_>,
    FetchResponse<'_>,
    ListOffsetsRequest<'_>,
    ListOffsetsResponse<'_>,
    InitProducerIdRequest<'_>,
    InitProducerIdResponse,
    FindCoordinatorRequest<'_>,
    FindCoordinatorResponse<'_>,
    AddPartitionsToTxnRequest<'_>,
    AddPartitionsToTxnResponse<'_>,
    AddOffsetsToTxnRequest<'_>,
    AddOffsetsToTxnResponse,
    EndTxnRequest<'_>,
    EndTxnResponse,
    TxnOffsetCommitRequest<'_>,
    TxnOffsetCommitResponse<'_>,
    OffsetForLeaderEpochRequest<'_>,
    OffsetForLeaderEpochResponse<'_>,
    SaslHandshakeRequest<'_>,
    SaslHandshakeResponse<'_>,
    SaslAuthenticateRequest<'_>,
    SaslAuthenticateResponse<'_>,
];

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let check = CHECKS[input.below(CHECKS.len())];
    let version = i16::from(input.u8());
    check(input.rest(), version);
}
