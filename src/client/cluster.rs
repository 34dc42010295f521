//! What is known of the cluster, for whoever asks or waits for it.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::producer::question::Cluster;

/// See the module.
#[derive(Debug, Default)]
pub struct KnownCluster {
    known: Mutex<Option<Cluster>>,
    changed: Condvar,
}

impl KnownCluster {
    /// Something else is known now.
    pub(super) fn learn(&self, cluster: Cluster) {
        *self.known.lock() = Some(cluster);
        self.changed.notify_all();
    }

    /// What is known, waiting for it at most `wait`.
    pub fn get(&self, wait: Duration) -> Option<Cluster> {
        let mut known = self.known.lock();
        self.changed.wait_while_for(&mut known, |known| known.is_none(), wait);
        known.clone()
    }
}
