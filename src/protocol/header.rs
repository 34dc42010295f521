//! Request and response headers, and the size in front of every frame.

use super::api_key::ApiKey;
use super::message::Message;
use super::wire::{Put, Reader, Result};

/// Header of a request (v1, and v2 with tagged fields).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHeader<'a> {
    /// Which API.
    pub api_key: ApiKey,
    /// Which version of it.
    pub api_version: i16,
    /// Comes back in the response.
    pub correlation_id: i32,
    /// `client.id`.
    pub client_id: Option<&'a str>,
}

impl<'a> RequestHeader<'a> {
    /// Appends the header.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_i16(self.api_key.0);
        out.put_i16(self.api_version);
        out.put_i32(self.correlation_id);
        // The client id stays a classic string in v2.
        out.put_nullable_string(self.client_id, false);
        if self.api_key.request_header_version(self.api_version) >= 2 {
            out.put_uvarint(0);
        }
    }

    /// Reads the header. For an API or version unknown here the rest cannot be read, but the header can.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self> {
        let header = Self {
            api_key: ApiKey(reader.i16()?),
            api_version: reader.i16()?,
            correlation_id: reader.i32()?,
            client_id: reader.nullable_string(false)?,
        };
        if header.api_key.request_header_version(header.api_version) >= 2 {
            reader.skip_tagged_fields()?;
        }
        Ok(header)
    }
}

/// Header of a response (v0, and v1 with tagged fields).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseHeader {
    /// That of the request.
    pub correlation_id: i32,
}

impl ResponseHeader {
    /// Appends the header for a response of `api_key` in `api_version`.
    pub fn encode(self, api_key: ApiKey, api_version: i16, out: &mut Vec<u8>) {
        out.put_i32(self.correlation_id);
        if api_key.response_header_version(api_version) >= 1 {
            out.put_uvarint(0);
        }
    }

    /// Reads the header of a response to a request of `api_key` in `api_version`.
    pub fn decode(reader: &mut Reader<'_>, api_key: ApiKey, api_version: i16) -> Result<Self> {
        let header = Self { correlation_id: reader.i32()? };
        if api_key.response_header_version(api_version) >= 1 {
            reader.skip_tagged_fields()?;
        }
        Ok(header)
    }
}

/// Leaves room for the size of a frame; [`end_frame`] fills it in.
#[must_use]
pub fn begin_frame(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.put_i32(0);
    start
}

/// Fills in the size of the frame begun at `start`, `extra_len_bytes` of which stand outside `out`.
pub fn end_frame(out: &mut [u8], start: usize, extra_len_bytes: usize) {
    let size = out.len() - start - 4 + extra_len_bytes;
    out[start..start + 4].copy_from_slice(&(size as i32).to_be_bytes());
}

/// Appends a whole request: size, header, body.
pub fn encode_request<'a, M: Message<'a>>(
    request: &M,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
    out: &mut Vec<u8>,
) {
    let start = begin_frame(out);
    RequestHeader { api_key: M::API, api_version: version, correlation_id, client_id }.encode(out);
    request.encode(version, out);
    end_frame(out, start, 0);
}

/// Appends a whole response: size, header, body.
pub fn encode_response<'a, M: Message<'a>>(
    response: &M,
    version: i16,
    correlation_id: i32,
    out: &mut Vec<u8>,
) {
    let start = begin_frame(out);
    ResponseHeader { correlation_id }.encode(M::API, version, out);
    response.encode(version, out);
    end_frame(out, start, 0);
}
