//! Every message in every version against the crate `kafka-protocol`, an independent reading of Kafka's schemas.
//!
//! A value of ours is written, read by the other side, written by it (the bytes must be equal), and read by us (the value
//! must be equal). That the two mean the same fields is seen by comparing the names under which the values are printed.

use super::api_key::ApiKey;
use super::header::{RequestHeader, ResponseHeader, encode_request};
use super::message::Message;
use super::sample::Sampler;
use super::wire::Reader;
use super::{
    add_offsets_to_txn::*, add_partitions_to_txn::*, api_versions::*, end_txn::*, fetch::*,
    find_coordinator::*, init_producer_id::*, list_offsets::*, metadata::*,
    offset_for_leader_epoch::*, produce::*, sasl_authenticate::*, sasl_handshake::*,
    txn_offset_commit::*,
};
use bytes::{Bytes, BytesMut};
use kafka_protocol::messages as theirs;
use kafka_protocol::protocol::{Decodable, Encodable};
use std::fmt::Debug;

/// What we call a field that the other side calls differently.
const RENAMED: &[(&str, &str)] = &[
    ("v3_and_below_transactional_id", "transactional_id"),
    ("v3_and_below_producer_id", "producer_id"),
    ("v3_and_below_producer_epoch", "producer_epoch"),
    ("partition_error_code", "error_code"),
    ("batch_index_error_message", "message"),
];

/// Names and values printed by `Debug`: every number of four digits or more, with the field it stands in.
fn named_numbers(value: &impl Debug) -> Vec<(String, String)> {
    let text = format!("{value:?}");
    let mut numbers = Vec::new();
    let mut field = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphabetic() || c == '_';
        let end = |accept: &dyn Fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
        let len = if first.is_ascii_digit() {
            let len = end(&|c| c.is_ascii_digit());
            let digits = &rest[..len];
            let is_default = ["2147483647", "2147483648", "9223372036854775807"].contains(&digits);
            // A number that begins with zero is part of an absent UUID.
            if len >= 4 && !is_default && first != '0' {
                numbers.push((field.clone(), digits.to_owned()));
            }
            len
        } else if is_word(first) {
            let len = end(&|c| is_word(c) || c.is_ascii_digit());
            if rest[len..].starts_with(": ") {
                field = rest[..len].to_owned();
                for (their_name, our_name) in RENAMED {
                    if field == *their_name {
                        field = (*our_name).to_owned();
                    }
                }
                len
            } else {
                // A word and the number it ends in stand for a value: leave the number to the next round.
                end(&is_word)
            }
        } else {
            first.len_utf8()
        };
        rest = &rest[len..];
    }
    numbers.sort();
    numbers
}

fn agree<'a, Ours, Theirs>(fix: impl Fn(&mut Ours, i16))
where
    Ours: Message<'a> + Debug + PartialEq + 'a,
    Theirs: Encodable + Decodable + Debug,
{
    for version in Ours::VERSIONS {
        let mut sampler = Sampler::new(version as u64);
        for _ in 0..50 {
            let mut ours = Ours::sample(&mut sampler, Ours::API.version(version));
            fix(&mut ours, version);
            agree_on::<Ours, Theirs>(&ours, version);
        }
    }
}

fn agree_on<'a, Ours, Theirs>(ours: &Ours, version: i16)
where
    Ours: Message<'a> + Debug + PartialEq + 'a,
    Theirs: Encodable + Decodable + Debug,
{
    let what = format!("{:?} v{version} {ours:?}", Ours::API);
    let mut written = Vec::new();
    ours.encode(version, &mut written);
    let mut bytes = Bytes::from(written.clone());
    let theirs = Theirs::decode(&mut bytes, version).unwrap_or_else(|e| panic!("{e} {what}"));
    assert!(bytes.is_empty(), "{} bytes not read by the other: {what}", bytes.len());
    assert_eq!(named_numbers(ours), named_numbers(&theirs), "{what}\n{theirs:?}");
    let mut rewritten = BytesMut::new();
    theirs.encode(&mut rewritten, version).unwrap_or_else(|e| panic!("{e} {what}"));
    assert_eq!(written, rewritten, "{what}");
    let read = Ours::decode_all(Box::leak(written.into_boxed_slice()), version);
    assert_eq!(read.as_ref(), Ok(ours), "{what}");
}

macro_rules! agreements {
    ($($name:ident: $ours:ty, $theirs:ident $(, $fix:expr)?;)*) => {$(
        #[test]
        fn $name() {
            agree::<$ours, theirs::$theirs>(agreements!(@fix $($fix)?));
            survives_damage::<$ours>();
        }
    )*};
    (@fix) => { |_, _| () };
    (@fix $fix:expr) => { $fix };
}

agreements! {
    api_versions_request: ApiVersionsRequest<'_>, ApiVersionsRequest;
    api_versions_response: ApiVersionsResponse<'_>, ApiVersionsResponse;
    metadata_request: MetadataRequest<'_>, MetadataRequest, |request, version| {
        if version == 0 {
            request.topics.get_or_insert_default();
        }
        for topic in request.topics.iter_mut().flatten().filter(|_| version < 10) {
            topic.name.get_or_insert_default();
        }
    };
    metadata_response: MetadataResponse<'_>, MetadataResponse, |response, version| {
        for topic in response.topics.iter_mut().filter(|_| version < 12) {
            topic.name.get_or_insert_default();
        }
    };
    produce_request: ProduceRequest<'_>, ProduceRequest;
    produce_response: ProduceResponse<'_>, ProduceResponse;
    fetch_request: FetchRequest<'_>, FetchRequest;
    fetch_response: FetchResponse<'_>, FetchResponse;
    list_offsets_request: ListOffsetsRequest<'_>, ListOffsetsRequest;
    list_offsets_response: ListOffsetsResponse<'_>, ListOffsetsResponse;
    init_producer_id_request: InitProducerIdRequest<'_>, InitProducerIdRequest;
    init_producer_id_response: InitProducerIdResponse, InitProducerIdResponse;
    find_coordinator_request: FindCoordinatorRequest<'_>, FindCoordinatorRequest;
    find_coordinator_response: FindCoordinatorResponse<'_>, FindCoordinatorResponse;
    add_partitions_to_txn_request: AddPartitionsToTxnRequest<'_>, AddPartitionsToTxnRequest;
    add_partitions_to_txn_response: AddPartitionsToTxnResponse<'_>, AddPartitionsToTxnResponse;
    add_offsets_to_txn_request: AddOffsetsToTxnRequest<'_>, AddOffsetsToTxnRequest;
    add_offsets_to_txn_response: AddOffsetsToTxnResponse, AddOffsetsToTxnResponse;
    txn_offset_commit_request: TxnOffsetCommitRequest<'_>, TxnOffsetCommitRequest;
    txn_offset_commit_response: TxnOffsetCommitResponse<'_>, TxnOffsetCommitResponse;
    end_txn_request: EndTxnRequest<'_>, EndTxnRequest;
    end_txn_response: EndTxnResponse, EndTxnResponse;
    offset_for_leader_epoch_request: OffsetForLeaderEpochRequest<'_>, OffsetForLeaderEpochRequest;
    offset_for_leader_epoch_response: OffsetForLeaderEpochResponse<'_>, OffsetForLeaderEpochResponse;
    sasl_handshake_request: SaslHandshakeRequest<'_>, SaslHandshakeRequest;
    sasl_handshake_response: SaslHandshakeResponse<'_>, SaslHandshakeResponse;
    sasl_authenticate_request: SaslAuthenticateRequest<'_>, SaslAuthenticateRequest;
    sasl_authenticate_response: SaslAuthenticateResponse<'_>, SaslAuthenticateResponse;
}

/// Cut bytes are refused; changed bytes may mean something else, but never panic.
fn survives_damage<'a, Ours: Message<'a> + Debug + PartialEq + 'a>() {
    for version in Ours::VERSIONS {
        let mut sampler = Sampler::new(1_000 + version as u64);
        for _ in 0..5 {
            let ours = Ours::sample(&mut sampler, Ours::API.version(version));
            let mut written = Vec::new();
            ours.encode(version, &mut written);
            assert!(written.len() >= Ours::min_len_bytes(Ours::API.version(version)));
            let written: &'a [u8] = Box::leak(written.into_boxed_slice());
            for len in 0..written.len() {
                assert!(
                    Ours::decode(&mut Reader::new(&written[..len]), version).is_err(),
                    "{:?} v{version} cut at {len} of {}",
                    Ours::API,
                    written.len()
                );
            }
            let noise: Vec<u8> = (0..300).map(|_| sampler.random() as u8 >> 4).collect();
            for start in (0..noise.len()).step_by(9) {
                let noise: &'a [u8] = Box::leak(noise[start..].to_vec().into_boxed_slice());
                let _ = Ours::decode(&mut Reader::new(noise), version);
            }
            for index in 0..written.len() {
                for value in [0xff, 0x7f, 0x80] {
                    let mut changed = written.to_vec();
                    changed[index] = value;
                    let changed: &'a [u8] = Box::leak(changed.into_boxed_slice());
                    let _ = Ours::decode(&mut Reader::new(changed), version);
                }
            }
        }
    }
}

#[test]
fn headers_agree_for_every_api_and_version() {
    for key in (0..100).map(ApiKey) {
        let Ok(their_key) = theirs::ApiKey::try_from(key.0) else { continue };
        if key.name().is_none() {
            continue;
        }
        let versions = their_key.valid_versions();
        for version in versions.min..=versions.max {
            let what = format!("{key} v{version}");
            assert_eq!(
                key.request_header_version(version),
                their_key.request_header_version(version),
                "{what}"
            );
            assert_eq!(
                key.response_header_version(version),
                their_key.response_header_version(version),
                "{what}"
            );
            header_agrees(key, version);
        }
    }
}

fn header_agrees(key: ApiKey, version: i16) {
    for client_id in [None, Some(""), Some("client")] {
        let ours = RequestHeader {
            api_key: key,
            api_version: version,
            correlation_id: 0x0102_0304,
            client_id,
        };
        let mut written = Vec::new();
        ours.encode(&mut written);
        let mut bytes = Bytes::from(written.clone());
        let header_version = key.request_header_version(version);
        let their = theirs::RequestHeader::decode(&mut bytes, header_version).expect("decodes");
        assert!(bytes.is_empty());
        assert_eq!((their.request_api_key, their.request_api_version), (key.0, version));
        assert_eq!(their.correlation_id, 0x0102_0304);
        assert_eq!(their.client_id.as_deref(), client_id);
        let mut reader = Reader::new(&written);
        assert_eq!(RequestHeader::decode(&mut reader), Ok(ours));
        assert!(reader.is_empty());
    }
    let mut written = Vec::new();
    ResponseHeader { correlation_id: 77 }.encode(key, version, &mut written);
    let mut rewritten = BytesMut::new();
    theirs::ResponseHeader::default()
        .with_correlation_id(77)
        .encode(&mut rewritten, key.response_header_version(version))
        .expect("encodes");
    assert_eq!(written, rewritten);
    let read = ResponseHeader::decode(&mut Reader::new(&written), key, version);
    assert_eq!(read, Ok(ResponseHeader { correlation_id: 77 }));
}

#[test]
fn a_count_that_would_need_gigabytes_is_refused() {
    // Metadata v3: no throttle, 2^31-1 brokers announced, four bytes left.
    let hostile = [0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1];
    assert!(MetadataResponse::decode(&mut Reader::new(&hostile), 3).is_err());
}

#[test]
fn unknown_tagged_fields_are_skipped_and_bad_versions_refused() {
    // InitProducerId v4 response with a tagged field 9 of three bytes.
    let mut bytes = Vec::new();
    InitProducerIdResponse { producer_id: 5, ..Default::default() }.encode(4, &mut bytes);
    bytes.pop();
    bytes.extend_from_slice(&[1, 9, 3, 1, 2, 3]);
    let read = InitProducerIdResponse::decode_all(&bytes, 4).expect("well-formed");
    assert_eq!(read.producer_id, 5);
    assert!(InitProducerIdResponse::decode_all(&bytes, 6).is_err());
    assert!(InitProducerIdResponse::decode_all(&bytes, -1).is_err());
}

#[test]
fn a_whole_request_is_preceded_by_its_size() {
    let mut out = b"before".to_vec();
    let request = InitProducerIdRequest { transactional_id: Some("tx"), ..Default::default() };
    encode_request(&request, 4, 9, Some("me"), &mut out);
    let mut reader = Reader::new(&out[6..]);
    assert_eq!(reader.i32(), Ok(reader.remaining() as i32));
    let header = RequestHeader::decode(&mut reader).expect("header");
    assert_eq!((header.api_key, header.correlation_id), (ApiKey::INIT_PRODUCER_ID, 9));
    assert_eq!(InitProducerIdRequest::decode_all(reader.rest(), 4), Ok(request));
}
