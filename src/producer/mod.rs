//! (module under construction)
pub mod partitioner;
