//! Which partition messages stick to next, where short queues are preferred (KIP-794). Pure functions and plain data: the core
//! makes a table from time to time, producing threads draw from the last one.

/// What is known of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionLoad {
    /// Batches that wait, or are in flight.
    pub queued: u32,
    /// It has a leader, which takes batches.
    pub available: bool,
}

/// Partitions with the sums of their weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadTable {
    /// Ascending; the last is the sum of all weights.
    sums: Vec<u64>,
    partitions: Vec<i32>,
}

impl LoadTable {
    /// A table that prefers short queues: a partition's weight is what its queue lacks to the longest, and one. `None` if all
    /// are alike, or none is available: then any is as good.
    pub fn new(loads: &[PartitionLoad]) -> Option<Self> {
        let available = || (0..).zip(loads).filter(|(_, load)| load.available);
        let longest = available().map(|(_, load)| load.queued).max()?;
        let alike = available().all(|(_, load)| load.queued == longest);
        if alike && available().count() == loads.len() {
            return None;
        }
        let mut table = Self { sums: Vec::new(), partitions: Vec::new() };
        let mut sum = 0;
        for (partition, load) in available() {
            sum += u64::from(longest - load.queued) + 1;
            table.sums.push(sum);
            table.partitions.push(partition);
        }
        Some(table)
    }

    /// A partition, by a random number.
    pub fn choose(&self, random: u64) -> i32 {
        let sum = self.sums.last().copied().unwrap_or(1);
        let drawn = ((u128::from(random) * u128::from(sum)) >> 64) as u64;
        let at = self.sums.partition_point(|&sum| sum <= drawn);
        self.partitions.get(at).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::partitioner::SpreadRng;

    fn loads(queued: &[i32]) -> Vec<PartitionLoad> {
        let load =
            |&queued: &i32| PartitionLoad { queued: queued.unsigned_abs(), available: queued >= 0 };
        queued.iter().map(load).collect()
    }

    fn drawn(queued: &[i32]) -> Vec<usize> {
        let table = LoadTable::new(&loads(queued)).unwrap();
        let mut rng = SpreadRng::new(1);
        let mut counts = vec![0; queued.len()];
        for _ in 0..10_000 {
            counts[table.choose(rng.next_u64()) as usize] += 1;
        }
        counts
    }

    #[test]
    fn a_partition_is_drawn_by_what_its_queue_lacks_to_the_longest() {
        // As in KIP-794's example: queues of 0, 3, 1 have the weights 4, 1, 3.
        let counts = drawn(&[0, 3, 1]);
        for (count, weight) in counts.iter().zip([4, 1, 3]) {
            let expected = 10_000 * weight / 8;
            assert!(count.abs_diff(expected) < 250, "{counts:?}");
        }
    }

    #[test]
    fn what_is_not_available_is_never_drawn() {
        let counts = drawn(&[5, -1, 5, -9]);
        assert_eq!((counts[1], counts[3]), (0, 0));
        assert!(counts[0].abs_diff(5_000) < 250, "{counts:?}");
    }

    #[test]
    fn there_is_no_table_where_any_partition_is_as_good() {
        for queued in [&[][..], &[7], &[3, 3, 3], &[-1, -2]] {
            assert_eq!(LoadTable::new(&loads(queued)), None, "{queued:?}");
        }
    }

    #[test]
    fn the_ends_of_the_random_numbers_are_the_first_and_the_last() {
        let table = LoadTable::new(&loads(&[1, 0, 1])).unwrap();
        assert_eq!((table.choose(0), table.choose(u64::MAX)), (0, 2));
    }
}
