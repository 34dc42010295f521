//! Partitioners: which partition a key belongs to. Pure functions, run by the producing thread (or by whoever assigns
//! messages that waited for metadata).
//!
//! The hashes agree with librdkafka's, Java's (murmur2) and Sarama's (FNV-1a), so that clients in other languages put a
//! key into the same partition.

/// The value of the `partitioner` property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PartitionerKind {
    /// CRC-32 of the key; NULL and empty keys go to one partition.
    Consistent,
    /// CRC-32 of the key; NULL and empty keys are spread.
    #[default]
    ConsistentRandom,
    /// Spread, whatever the key.
    Random,
    /// Java's murmur2 of the key; NULL keys go to one partition.
    Murmur2,
    /// Java's murmur2 of the key; NULL keys are spread.
    Murmur2Random,
    /// FNV-1a of the key; NULL keys go to one partition.
    Fnv1a,
    /// FNV-1a of the key; NULL keys are spread.
    Fnv1aRandom,
    /// Each partition in turn, whatever the key (KIP-369): never hashed, never sticky.
    RoundRobin,
}

impl PartitionerKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Consistent,
        Self::ConsistentRandom,
        Self::Random,
        Self::Murmur2,
        Self::Murmur2Random,
        Self::Fnv1a,
        Self::Fnv1aRandom,
        Self::RoundRobin,
    ];

    /// The property value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consistent => "consistent",
            Self::ConsistentRandom => "consistent_random",
            Self::Random => "random",
            Self::Murmur2 => "murmur2",
            Self::Murmur2Random => "murmur2_random",
            Self::Fnv1a => "fnv1a",
            Self::Fnv1aRandom => "fnv1a_random",
            Self::RoundRobin => "round_robin",
        }
    }

    /// The kind of a property value.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a message with that key is spread at random and not hashed.
    #[inline]
    pub const fn is_spread(self, key: Option<&[u8]>) -> bool {
        match (self, key) {
            (Self::Random, _) => true,
            (Self::ConsistentRandom, Some(key)) => key.is_empty(),
            (Self::ConsistentRandom | Self::Murmur2Random | Self::Fnv1aRandom, None) => true,
            _ => false,
        }
    }

    /// Whether a message with that key follows the sticky partition while `sticky.partitioning.linger.ms` is above
    /// zero. A keyed message of `random` is spread without sticking.
    #[inline]
    pub const fn is_sticky(self, key: Option<&[u8]>) -> bool {
        self.is_spread(key) && (key.is_none() || matches!(self, Self::ConsistentRandom))
    }
}

/// The partition of `key` among `count` partitions (at least 1). `spread` is asked for a partition when the key does not
/// decide.
#[inline]
pub fn partition(
    kind: PartitionerKind,
    key: Option<&[u8]>,
    count: i32,
    spread: impl FnOnce() -> i32,
) -> i32 {
    if kind.is_spread(key) {
        return spread();
    }
    let key = key.unwrap_or_default();
    let hash = match kind {
        PartitionerKind::Consistent | PartitionerKind::ConsistentRandom => crc32(key),
        PartitionerKind::Murmur2 | PartitionerKind::Murmur2Random => murmur2(key) & 0x7fff_ffff,
        PartitionerKind::Fnv1a | PartitionerKind::Fnv1aRandom => fnv1a(key),
        PartitionerKind::RoundRobin => return spread(),
        // Spread above.
        PartitionerKind::Random => 0,
    };
    modulo(hash, count)
}

#[inline]
fn modulo(hash: u32, count: i32) -> i32 {
    (hash % count.max(1).unsigned_abs()) as i32
}

/// CRC-32 with zlib's polynomial.
#[inline]
pub fn crc32(key: &[u8]) -> u32 {
    libdeflater::crc32(key)
}

/// Java's murmur2 (seed 0x9747b28c), before the sign is masked off.
#[inline]
pub fn murmur2(key: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ key.len() as u32;
    let (words, tail) = key.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !tail.is_empty() {
        for (index, &byte) in tail.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * index);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

/// FNV-1a as a signed number whose absolute value is taken, as Sarama does.
#[inline]
pub fn fnv1a(key: &[u8]) -> u32 {
    let hash = key
        .iter()
        .fold(0x811c_9dc5_u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash as i32).unsigned_abs()
}

/// A small random number generator (SplitMix64): good enough to spread messages, and its seed makes runs repeatable.
#[derive(Clone, Debug)]
pub struct SpreadRng(u64);

impl SpreadRng {
    /// A generator that starts from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A random partition among `count` (at least 1).
#[inline]
pub fn random(rng: &mut SpreadRng, count: i32) -> i32 {
    let count = u64::from(count.max(1).unsigned_abs());
    (((rng.next_u64() >> 32) * count) >> 32) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "PreAmbleWillBeRemoved,ThePrePartThatIs";

    #[test]
    fn murmur2_gives_javas_values() {
        for (key, hash) in [
            ("kafka", 0xd067_cf64),
            ("giberish123456789", 0x8f55_2b0c),
            ("1234", 0x9fc9_7b14),
            ("234", 0xe7c0_09ca),
            ("34", 0x8739_30da),
            ("4", 0x5a4b_5ca1),
            (LONG, 0x7842_4f1c),
            (&LONG[1..], 0x4a62_b377),
            (&LONG[2..], 0xe0e4_e09e),
            (&LONG[3..], 0x62b8_b43f),
            ("", 0x106e_08d9),
        ] {
            assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
        }
    }

    #[test]
    fn fnv1a_gives_saramas_values() {
        for (key, hash) in [
            ("kafka", 0x0d33_c4e1),
            ("giberish123456789", 0x77a5_8295),
            ("1234", 0x023b_dd03),
            ("234", 0x2dea_3cd2),
            ("34", 0x740f_a83e),
            ("4", 0x310c_a263),
            (LONG, 0x65cb_d69c),
            (&LONG[1..], 0x6e49_c79a),
            (&LONG[2..], 0x69ee_d356),
            (&LONG[3..], 0x6abc_c023),
            ("", 0x7ee3_623b),
        ] {
            assert_eq!(fnv1a(key.as_bytes()), hash, "{key}");
        }
    }

    #[test]
    fn crc32_is_zlibs() {
        assert_eq!((crc32(b"123456789"), crc32(b"")), (0xcbf4_3926, 0));
    }

    #[test]
    fn only_the_documented_keys_are_spread() {
        use PartitionerKind::*;
        let spread = |kind, key: Option<&[u8]>| partition(kind, key, 7, || 99) == 99;
        for key in [None, Some(&b""[..]), Some(b"key")] {
            assert!(spread(RoundRobin, key) && !RoundRobin.is_sticky(key));
        }
        for kind in PartitionerKind::ALL.into_iter().filter(|&kind| kind != RoundRobin) {
            assert_eq!(spread(kind, Some(b"key")), kind == Random, "{kind:?}");
            assert_eq!(spread(kind, Some(b"")), matches!(kind, Random | ConsistentRandom));
            let keeps_null = matches!(kind, Consistent | Murmur2 | Fnv1a);
            assert_eq!(spread(kind, None), !keeps_null, "{kind:?}");
            assert_eq!(kind.is_sticky(None), !keeps_null);
            assert_eq!(kind.is_sticky(Some(b"")), kind == ConsistentRandom);
            assert!(!kind.is_sticky(Some(b"key")));
        }
    }

    #[test]
    fn hashed_partitions_follow_the_unsigned_hash() {
        let at = |kind, key: &str| partition(kind, Some(key.as_bytes()), 17, || -1);
        assert_eq!(at(PartitionerKind::Murmur2, "kafka"), (0x5067_cf64_u32 % 17) as i32);
        assert_eq!(at(PartitionerKind::Fnv1a, "kafka"), (0x0d33_c4e1_u32 % 17) as i32);
        assert_eq!(at(PartitionerKind::Consistent, "123456789"), (0xcbf4_3926_u32 % 17) as i32);
    }

    #[test]
    fn random_partitions_reach_every_partition_about_equally() {
        let mut rng = SpreadRng::new(1);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[random(&mut rng, 7) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (9_000..11_000).contains(count)), "{counts:?}");
        assert_eq!(random(&mut rng, 1), 0);
    }

    #[test]
    fn names_are_the_property_values() {
        for kind in PartitionerKind::ALL {
            assert_eq!(PartitionerKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(PartitionerKind::from_name("sticky"), None);
    }
}
