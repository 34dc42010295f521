//! What a scripted broker knows of an idempotent producer, and how it answers for that.

use std::collections::VecDeque;

use super::world::World;
use crate::protocol::ErrorCode;
use crate::protocol::header::encode_response;
use crate::protocol::init_producer_id::InitProducerIdResponse;
use crate::protocol::produce::ProducePartitionResponse;
use crate::record::batch::BatchHeader;

/// The last five batches of one producer in one partition: as a broker does it, any number is taken from one it does not know.
#[derive(Debug, Default)]
pub struct KnownProducer {
    ids: Option<(i64, i16)>,
    /// First number, number after the last, offset.
    batches: VecDeque<(i32, i32, i64)>,
}

impl KnownProducer {
    /// The offset of a batch that was appended before; an error; or nothing against it.
    fn check(&self, header: &BatchHeader) -> Result<Option<i64>, ErrorCode> {
        let Some((id, epoch)) = self.ids.filter(|(id, _)| *id == header.producer_id) else {
            return Ok(None);
        };
        assert_eq!(id, header.producer_id);
        if header.producer_epoch < epoch {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if header.producer_epoch > epoch {
            let begins = header.base_sequence == 0;
            return if begins { Ok(None) } else { Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER) };
        }
        let known = self.batches.iter().find(|known| known.0 == header.base_sequence);
        match (known, self.batches.back()) {
            (Some(&(_, after, offset)), _) if after == after_last(header) => Ok(Some(offset)),
            (_, Some(last)) if last.1 != header.base_sequence => {
                Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER)
            }
            _ => Ok(None),
        }
    }

    pub fn append(&mut self, header: &BatchHeader, offset: i64) {
        let ids = (header.producer_id, header.producer_epoch);
        if self.ids != Some(ids) {
            *self = Self { ids: Some(ids), batches: VecDeque::new() };
        }
        self.batches.push_back((header.base_sequence, after_last(header), offset));
        if self.batches.len() > 5 {
            self.batches.pop_front();
        }
    }
}

fn after_last(header: &BatchHeader) -> i32 {
    ((i64::from(header.base_sequence) + i64::from(header.record_count)) & 0x7fff_ffff) as i32
}

impl World {
    pub fn serve_init_producer_id(&mut self, version: i16, id: i32, out: &mut Vec<u8>) {
        let code = self.init_errors.pop_front().unwrap_or(0);
        let mut response = InitProducerIdResponse { producer_epoch: -1, ..Default::default() };
        response.error_code = ErrorCode(code);
        if code == 0 {
            (response.producer_id, response.producer_epoch) = (self.next_producer_id, 0);
            self.next_producer_id += 1;
        }
        encode_response(&response, version, id, out);
    }

    pub fn note_sequence(&mut self, partition: i32, records: &[u8]) {
        let header = BatchHeader::parse(records).unwrap();
        if header.producer_id >= 0 {
            let (id, epoch) = (header.producer_id, header.producer_epoch);
            self.sequenced.push((partition, id, epoch, header.base_sequence));
        }
    }

    /// Appends as a broker does that remembers the last five batches.
    pub fn append_checked(
        &mut self,
        partition: i32,
        records: &[u8],
        response: &mut ProducePartitionResponse<'_>,
    ) {
        let header = BatchHeader::parse(records).unwrap();
        let known = self.producers.entry(partition).or_default();
        match known.check(&header) {
            _ if header.producer_id < 0 => self.append_records(partition, records),
            Ok(None) => self.append_records(partition, records),
            Ok(Some(offset)) => response.base_offset = offset,
            Err(code) => {
                response.error_code = code;
                response.base_offset = -1;
            }
        }
    }
}
