//! A batch of messages of one partition: written record by record in wire form by producing threads (under their
//! partition's lock), then taken whole by the IO thread, sealed, sent, and read back for the delivery reports.
//!
//! Records lie in chunks, none crossing a chunk's end, so a chunk list goes out with one vectored write and a report can
//! point into it. What is not on the wire (opaque, enqueue time) lies in 16-byte slots, one for each record: records
//! grow from the chunk's start, slots from its end downwards.
//! [`Batch::pack`] settles what the records look like on the wire, [`Batch::seal`] writes the header. After that nothing
//! changes any more: the batch is shared and resent byte for byte.

use super::memory::{BORROWED_GROWTH_MAX, Charge};
use super::prefetch::{LINE_LEN, fetch, fetch_behind};
use crate::cluster::planted::{Bug, is_planted};
use crate::record::batch::{Attributes, BATCH_HEADER_LEN_BYTES, BatchHeader};
use crate::record::record::{HeaderRef, PlainRecord, RecordEncoder, RecordView};

/// A stretch of memory that records are appended to. The default has no memory.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Box<[u8]>,
    /// Bytes of records at the start.
    filled_len: usize,
    /// Where the slots begin.
    slots_at: usize,
}

impl Chunk {
    /// An empty chunk over `bytes`, whose content does not matter.
    pub fn new(bytes: Box<[u8]>) -> Self {
        let slots_at = bytes.len();
        Self { bytes, filled_len: 0, slots_at }
    }

    /// Its memory, to be used again.
    pub fn into_bytes(self) -> Box<[u8]> {
        self.bytes
    }

    fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled_len]
    }

    /// Bytes between records and slots.
    #[inline]
    fn room(&self) -> usize {
        self.slots_at - self.filled_len
    }

    /// Takes `len` bytes as a record's, which the caller has written at the start of the room.
    #[inline]
    fn push(&mut self, len: usize, slot: Slot) {
        self.filled_len += len;
        self.slots_at -= Slot::LEN_BYTES;
        if let Some(place) = self.bytes[self.slots_at..].first_chunk_mut() {
            *place = slot.to_bytes();
        }
        // The next record's, which is as long, most of the time.
        fetch_behind(&self.bytes, self.filled_len, len);
        fetch(&self.bytes, self.slots_at.wrapping_sub(LINE_LEN));
    }

    /// The slot of this chunk's record number `index`.
    #[inline]
    fn slot(&self, index: usize) -> Option<Slot> {
        let at = self.bytes.len().checked_sub((index + 1) * Slot::LEN_BYTES)?;
        if at < self.slots_at {
            return None;
        }
        self.bytes.get(at..)?.first_chunk().map(Slot::read)
    }

    fn slots(&self) -> impl Iterator<Item = Slot> {
        (0..).map_while(|index| self.slot(index))
    }
}

/// Where the memory of chunks comes from.
pub trait ChunkSource {
    /// Memory of at least `min_len` bytes, preferably `wanted_len`.
    fn chunk(&mut self, min_len: usize, wanted_len: usize) -> Box<[u8]>;

    /// Counts what a batch made of it holds; by default nothing does.
    fn charge(&self) -> Charge {
        Charge::default()
    }
}

/// Fresh memory for each chunk: for tests and rare paths.
#[derive(Debug, Default)]
pub struct FreshChunks;

impl ChunkSource for FreshChunks {
    fn chunk(&mut self, min_len: usize, wanted_len: usize) -> Box<[u8]> {
        vec![0; min_len.max(wanted_len)].into_boxed_slice()
    }
}

/// What is kept of a message beside its record.
#[derive(Clone, Copy, Debug)]
struct Slot {
    opaque: usize,
    enqueued_delta_us: u32,
    tag: i32,
}

impl Slot {
    const LEN_BYTES: usize = 16;

    #[inline]
    fn to_bytes(self) -> [u8; Self::LEN_BYTES] {
        let word = u128::from(self.enqueued_delta_us) | u128::from(self.tag as u32) << 32;
        (self.opaque as u128 | word << 64).to_le_bytes()
    }

    #[inline]
    fn read(bytes: &[u8; Self::LEN_BYTES]) -> Self {
        let word = u128::from_le_bytes(*bytes);
        Self {
            opaque: word as u64 as usize,
            enqueued_delta_us: (word >> 64) as u32,
            tag: (word >> 96) as i32,
        }
    }
}

/// A message about to be appended.
#[derive(Clone, Debug)]
pub struct NewMessage<'a, H> {
    /// Key, `None` for null.
    pub key: Option<&'a [u8]>,
    /// Value, `None` for null.
    pub value: Option<&'a [u8]>,
    /// Headers; the iterator runs twice.
    pub headers: H,
    /// Create time, milliseconds since 1970.
    pub timestamp_ms: i64,
    /// When produce() was called, on the handle's clock.
    pub enqueued_us: u64,
    /// The application's pointer, returned in the report.
    pub opaque: usize,
    /// Free for the owner of the batch; un-assigned messages keep the wanted partition here.
    pub tag: i32,
    /// Address of the application's own value bytes where the report must return that very pointer, else 0.
    pub borrowed_value: usize,
}

/// A message read back.
#[derive(Clone, Debug)]
pub struct MessageView<'a> {
    /// Its place in the batch: its offset is the batch's base offset plus this.
    pub index: usize,
    /// The record.
    pub record: RecordView<'a>,
    /// Create time, milliseconds since 1970.
    pub timestamp_ms: i64,
    /// When produce() was called, on the handle's clock.
    pub enqueued_us: u64,
    /// The application's pointer.
    pub opaque: usize,
    /// As appended.
    pub tag: i32,
    /// As appended.
    pub borrowed_value: usize,
}

/// A place between two messages of a batch; the default is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Messages before this place.
    pub index: usize,
    chunk: u32,
    /// Records of that chunk before this place, and their bytes.
    chunk_index: u32,
    position: usize,
    borrowed: u32,
}

/// What the batch's header says beyond its records.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// Producer id, -1 for none.
    pub producer_id: i64,
    /// Producer epoch, -1 for none.
    pub producer_epoch: i16,
    /// Sequence number of the first record, -1 for none.
    pub base_sequence: i32,
    /// Part of a transaction.
    pub transactional: bool,
}

impl Sealing {
    /// Not sequenced.
    pub fn plain() -> Self {
        Self { producer_id: -1, producer_epoch: -1, base_sequence: -1, transactional: false }
    }
}

/// What is sent.
#[derive(Debug)]
struct Packed {
    /// Kafka's codec number; with 0 the chunks themselves are sent.
    codec_id: i16,
    records: Vec<u8>,
}

pub(super) const FIRST_CHUNK_LEN: usize = 1 << 10;
/// By what power of two each further chunk is longer, up to the longest.
const CHUNK_GROWTH_SHIFT: usize = 2;
const CHUNK_GROWTH_MAX: usize = 3;
pub(super) const LONGEST_CHUNK_LEN: usize =
    FIRST_CHUNK_LEN << (CHUNK_GROWTH_MAX * CHUNK_GROWTH_SHIFT);

/// Above that length the processor does not foresee where the next record begins.
const FORESEEN_LEN_MAX: usize = 4 * LINE_LEN;

/// Messages of one partition, in order.
// What appending needs stands first, and together: with many partitions each line is one to be waited for.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Batch {
    /// The chunk that records are appended to, behind the full ones; without memory in an empty batch.
    last: Chunk,
    count: usize,
    records_len_bytes: usize,
    values_len_bytes: usize,
    base_timestamp_ms: i64,
    max_timestamp_ms: i64,
    first_enqueued_us: u64,
    full: Vec<Chunk>,
    borrowed: Vec<(u32, usize)>,
    packed: Option<Packed>,
    header: Option<[u8; BATCH_HEADER_LEN_BYTES]>,
    charge: Charge,
}

impl Batch {
    /// Number of messages.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of the records as encoded, uncompressed.
    pub fn records_len_bytes(&self) -> usize {
        self.records_len_bytes
    }

    /// Bytes of the messages' values: what they count against the handle's budget.
    pub fn values_len_bytes(&self) -> usize {
        self.values_len_bytes
    }

    /// Bytes of memory held.
    pub fn held_len_bytes(&self) -> usize {
        self.chunks().map(|chunk| chunk.bytes.len()).sum::<usize>()
            + self.compressed().map_or(0, Vec::capacity)
    }

    /// When its first message was produced. Expiry and linger count from here.
    pub fn first_enqueued_us(&self) -> u64 {
        self.first_enqueued_us
    }

    /// Appends a message. Sealed batches must not be appended to; the owner sees to that.
    #[inline]
    pub fn append<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &mut self,
        message: &NewMessage<'_, H>,
        chunks: &mut impl ChunkSource,
    ) {
        debug_assert!(self.packed.is_none() && self.header.is_none());
        if self.count == 0 {
            self.base_timestamp_ms = message.timestamp_ms;
            self.max_timestamp_ms = message.timestamp_ms;
            self.first_enqueued_us = message.enqueued_us;
        }
        let delta_us = message.enqueued_us.saturating_sub(self.first_enqueued_us);
        let slot = Slot {
            opaque: message.opaque,
            enqueued_delta_us: u32::try_from(delta_us).unwrap_or(u32::MAX),
            tag: message.tag,
        };
        let timestamp_delta = message.timestamp_ms.wrapping_sub(self.base_timestamp_ms);
        let index = self.count as i32;
        let plain = match message.headers.clone().next() {
            None => PlainRecord::new(timestamp_delta, index, message.key, message.value),
            Some(_) => None,
        };
        let len = match plain {
            Some(record) => {
                // The slot's place is free to be written over.
                const { assert!(PlainRecord::SLACK_BYTES <= Slot::LEN_BYTES) };
                let len = record.encoded_len();
                let chunk = self.chunk_with_room(len, chunks);
                record.encode_into(&mut chunk.bytes[chunk.filled_len..]);
                chunk.push(len, slot);
                len
            }
            None => self.append_general(timestamp_delta, message, slot, chunks),
        };
        self.count += 1;
        self.records_len_bytes += len;
        self.values_len_bytes += message.value.map_or(0, <[u8]>::len);
        self.max_timestamp_ms = self.max_timestamp_ms.max(message.timestamp_ms);
        if message.borrowed_value != 0 {
            if self.charge.is_metered() && self.borrowed.len() == self.borrowed.capacity() {
                let growth = self.borrowed.len().clamp(16, BORROWED_GROWTH_MAX);
                self.borrowed.reserve_exact(growth);
                self.charge.add_borrowed(growth);
            }
            self.borrowed.push((index as u32, message.borrowed_value));
        }
    }

    /// What it holds of the handle's memory.
    pub fn charge_mut(&mut self) -> &mut Charge {
        &mut self.charge
    }

    /// Appends a record of any kind.
    #[inline(never)]
    fn append_general<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &mut self,
        timestamp_delta: i64,
        message: &NewMessage<'_, H>,
        slot: Slot,
        chunks: &mut impl ChunkSource,
    ) -> usize {
        let record = RecordEncoder::with_headers(
            timestamp_delta,
            self.count as i32,
            message.key,
            message.value,
            message.headers.clone(),
        );
        let len = record.encoded_len();
        let chunk = self.chunk_with_room(len, chunks);
        record.encode_into(&mut chunk.bytes[chunk.filled_len..]);
        chunk.push(len, slot);
        len
    }

    /// The last chunk, which has room for a record of that length and its slot; a new one if need be.
    #[inline]
    fn chunk_with_room(&mut self, len: usize, chunks: &mut impl ChunkSource) -> &mut Chunk {
        let needed = len + Slot::LEN_BYTES;
        if self.last.room() < needed {
            self.add_chunk(needed, chunks);
        }
        &mut self.last
    }

    #[cold]
    fn add_chunk(&mut self, len: usize, chunks: &mut impl ChunkSource) {
        let count = self.chunks().count();
        let class = FIRST_CHUNK_LEN << (count.min(CHUNK_GROWTH_MAX) * CHUNK_GROWTH_SHIFT);
        // A record that would leave much of a chunk unused gets one of its own size.
        let wanted = if len > class / 4 { len } else { class };
        let chunk = Chunk::new(chunks.chunk(len, wanted));
        if !self.charge.is_metered() {
            self.charge = chunks.charge();
        }
        self.charge.add_chunk(chunk.bytes.len(), count == 0);
        let before = std::mem::replace(&mut self.last, chunk);
        if count > 0 {
            self.full.push(before);
        }
    }

    #[inline(always)]
    fn chunk(&self, index: usize) -> Option<&Chunk> {
        match self.full.get(index) {
            None if index == self.full.len() && self.count > 0 => Some(&self.last),
            full => full,
        }
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> + Clone {
        self.full.iter().chain(Some(&self.last).filter(|_| self.count > 0))
    }

    /// The message after `cursor`, which moves behind it. `None` at the end.
    #[inline(always)]
    pub fn next_message(&self, cursor: &mut Cursor) -> Option<MessageView<'_>> {
        let mut chunk = self.chunk(cursor.chunk as usize)?;
        let slot = match chunk.slot(cursor.chunk_index as usize) {
            Some(slot) => slot,
            None => {
                (cursor.chunk_index, cursor.position) = (0, 0);
                cursor.chunk += 1;
                chunk = self.chunk(cursor.chunk as usize)?;
                chunk.slot(0)?
            }
        };
        let (record, next) = match RecordView::parse_plain_at(&chunk.bytes, cursor.position) {
            Some(plain) => plain,
            None => RecordView::parse_at(chunk.filled(), cursor.position).ok()?,
        };
        let borrowed_value = match self.borrowed.get(cursor.borrowed as usize) {
            Some(&(index, address)) if index as usize == cursor.index => {
                cursor.borrowed += 1;
                address
            }
            _ => 0,
        };
        let view = MessageView {
            index: cursor.index,
            timestamp_ms: self.base_timestamp_ms.wrapping_add(record.timestamp_delta),
            record,
            enqueued_us: self.first_enqueued_us + u64::from(slot.enqueued_delta_us),
            opaque: slot.opaque,
            tag: slot.tag,
            borrowed_value,
        };
        let len = next - cursor.position;
        if len > FORESEEN_LEN_MAX {
            // Of the record after the next one, if that is as long as this.
            fetch(&chunk.bytes, next + len);
        }
        cursor.position = next;
        cursor.chunk_index += 1;
        cursor.index += 1;
        Some(view)
    }

    /// All messages in order.
    pub fn messages(&self) -> impl Iterator<Item = MessageView<'_>> {
        let mut cursor = Cursor::default();
        std::iter::from_fn(move || self.next_message(&mut cursor))
    }

    /// Appends a message read back from another batch.
    pub fn append_view(&mut self, view: &MessageView<'_>, chunks: &mut impl ChunkSource) {
        let message = NewMessage {
            key: view.record.key,
            value: view.record.value,
            headers: view.record.headers.clone(),
            timestamp_ms: view.timestamp_ms,
            enqueued_us: view.enqueued_us,
            opaque: view.opaque,
            tag: view.tag,
            borrowed_value: view.borrowed_value,
        };
        self.append(&message, chunks);
    }

    /// Two unsealed batches: the first `count` messages and the others.
    pub fn split_at(&self, count: usize, chunks: &mut impl ChunkSource) -> (Batch, Batch) {
        let (mut head, mut tail) = (Batch::default(), Batch::default());
        let head_count = count.min(self.count);
        head.charge = self.charge.part(head_count, self.count);
        tail.charge = self.charge.part(self.count - head_count, self.count);
        for mut view in self.messages() {
            if is_planted(Bug::SplitLosesTimestamps) {
                view.timestamp_ms = self.base_timestamp_ms;
            }
            if is_planted(Bug::SplitLosesMessage) && view.index > 0 && view.index + 1 == count {
                continue;
            }
            let half = if view.index < count { &mut head } else { &mut tail };
            half.append_view(&view, chunks);
        }
        if is_planted(Bug::SplitLeaksBudget) {
            tail.values_len_bytes = 0;
        }
        (head, tail)
    }

    /// Number of leading messages produced at or before `limit_us`.
    pub fn count_enqueued_until(&self, limit_us: u64) -> usize {
        if self.first_enqueued_us > limit_us {
            return 0;
        }
        let delta_us = limit_us - self.first_enqueued_us;
        let slots = self.chunks().flat_map(Chunk::slots);
        slots.take_while(|slot| u64::from(slot.enqueued_delta_us) <= delta_us).count()
    }

    /// The uncompressed records, chunk by chunk.
    pub fn records(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.chunks().map(Chunk::filled)
    }

    /// Settles what is sent: `records`, which are those of the batch compressed by the codec with that number, or with
    /// `None` the chunks as they are.
    pub fn pack(&mut self, compressed: Option<(i16, Vec<u8>)>) {
        debug_assert!(self.header.is_none());
        let (codec_id, records) = compressed.unwrap_or_default();
        self.packed = Some(Packed { codec_id, records });
    }

    /// Whether it was settled what is sent.
    pub fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    fn compressed(&self) -> Option<&Vec<u8>> {
        self.packed.as_ref().filter(|packed| packed.codec_id != 0).map(|packed| &packed.records)
    }

    /// Writes the header. From now on the batch is immutable.
    pub fn seal(&mut self, sealing: Sealing) {
        let codec_id = self.packed.as_ref().map_or(0, |packed| packed.codec_id);
        let mut header = BatchHeader {
            attributes: Attributes::new(codec_id, sealing.transactional),
            last_offset_delta: self.count as i32 - 1,
            base_timestamp: self.base_timestamp_ms,
            max_timestamp: self.max_timestamp_ms,
            producer_id: sealing.producer_id,
            producer_epoch: sealing.producer_epoch,
            base_sequence: sealing.base_sequence,
            record_count: self.count as i32,
            ..BatchHeader::default()
        };
        let mut bytes = [0; BATCH_HEADER_LEN_BYTES];
        match self.compressed() {
            Some(records) => header.seal(std::iter::once(records.as_slice()), &mut bytes),
            None => header.seal(self.records(), &mut bytes),
        }
        self.header = Some(bytes);
    }

    /// Whether the header is written.
    pub fn is_sealed(&self) -> bool {
        self.header.is_some()
    }

    /// Length of the batch on the wire.
    pub fn wire_len_bytes(&self) -> usize {
        BATCH_HEADER_LEN_BYTES + self.compressed().map_or(self.records_len_bytes, Vec::len)
    }

    /// Slice `index` of the sealed batch on the wire; `None` after the last.
    pub fn wire_slice(&self, index: usize) -> Option<&[u8]> {
        let header = self.header.as_ref()?;
        match (index, self.compressed()) {
            (0, _) => Some(header),
            (1, Some(records)) => Some(records),
            (_, Some(_)) => None,
            (_, None) => self.chunk(index - 1).map(Chunk::filled),
        }
    }

    /// Gives up the memory of the records, to be used again; it counts as long as what comes with it lives.
    pub fn into_chunks(self) -> (impl Iterator<Item = Chunk>, Charge) {
        let last = Some(self.last).filter(|_| self.count > 0);
        (self.full.into_iter().chain(last), self.charge)
    }
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
