//! The topics of a handle by name. They are only ever added, so trees of nodes that never move can be read without a lock:
//! producing by name costs a hash and a comparison, with ten thousand topics some three steps more.

use std::sync::{Arc, OnceLock};

use super::topic::Topic;

const BUCKET_COUNT: usize = 256;
/// Of a node, by further bits of the hash.
const BRANCHES: usize = 4;

type Link = OnceLock<Box<Node>>;

#[derive(Debug)]
struct Node {
    hash: u64,
    topic: Arc<Topic>,
    next: [Link; BRANCHES],
}

/// See the module. Whoever adds keeps others from adding meanwhile.
#[derive(Debug)]
pub struct TopicMap {
    buckets: Box<[Link]>,
}

impl TopicMap {
    /// Without topics.
    pub fn new() -> Self {
        Self { buckets: (0..BUCKET_COUNT).map(|_| Link::new()).collect() }
    }

    /// FNV-1a over words instead of bytes: names are short, and the comparison decides.
    #[inline]
    fn hash(name: &str) -> u64 {
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let (words, tail) = name.as_bytes().as_chunks::<8>();
        let mut hash = name.len() as u64 ^ 0xcbf2_9ce4_8422_2325;
        for word in words {
            hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME);
            hash ^= hash >> 32;
        }
        for &byte in tail {
            hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        hash ^ (hash >> 29)
    }

    fn link(&self, hash: u64) -> &Link {
        &self.buckets[hash as usize % BUCKET_COUNT]
    }

    /// The bits of the hash that no step has used yet.
    fn rest(hash: u64) -> u64 {
        hash / BUCKET_COUNT as u64
    }

    /// The topic of that name.
    #[inline]
    pub fn find(&self, name: &str) -> Option<&Arc<Topic>> {
        let hash = Self::hash(name);
        let (mut link, mut rest) = (self.link(hash), Self::rest(hash));
        while let Some(node) = link.get() {
            if node.hash == hash && node.topic.name_c().to_bytes() == name.as_bytes() {
                return Some(&node.topic);
            }
            link = &node.next[rest as usize % BRANCHES];
            rest /= BRANCHES as u64;
        }
        None
    }

    /// Adds a topic whose name is new.
    pub fn add(&self, topic: Arc<Topic>) {
        let hash = Self::hash(topic.name());
        let (mut link, mut rest) = (self.link(hash), Self::rest(hash));
        let next = [const { Link::new() }; BRANCHES];
        let mut node = Box::new(Node { hash, topic, next });
        // The first empty link takes it.
        while let Err(back) = link.set(node) {
            node = back;
            match link.get() {
                Some(occupied) => link = &occupied.next[rest as usize % BRANCHES],
                None => return,
            }
            rest /= BRANCHES as u64;
        }
    }
}

impl Drop for TopicMap {
    fn drop(&mut self) {
        // One by one: names chosen to have one hash make a long list, whose recursive end could exhaust the stack.
        let mut nodes: Vec<Box<Node>> = self.buckets.iter_mut().filter_map(Link::take).collect();
        while let Some(mut node) = nodes.pop() {
            nodes.extend(node.next.iter_mut().filter_map(Link::take));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::shared::Options;
    use crate::client::test_support::{shared, topic};

    #[test]
    fn every_topic_is_found_by_its_name_only() {
        let shared = shared(&[], Options::default());
        let map = TopicMap::new();
        for id in 0..2_000 {
            let topic = topic(&shared, id, None);
            assert!(map.find(topic.name()).is_none());
            map.add(topic);
        }
        for id in 0..2_000 {
            assert_eq!(map.find(&format!("topic-{id}")).unwrap().id().0, id);
        }
        assert!(map.find("topic-2000").is_none() && map.find("").is_none());
        fn depth(link: &Link) -> usize {
            link.get().map_or(0, |node| 1 + node.next.iter().map(depth).max().unwrap())
        }
        let deepest = map.buckets.iter().map(depth).max();
        assert!(deepest.unwrap() < 9, "the hash spreads badly: {deepest:?}");
    }
}
