//! What is known of the cluster, for whoever asks or waits for it.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::producer::question::Cluster;

/// See the module.
#[derive(Debug, Default)]
pub struct KnownCluster {
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Known {
    cluster: Option<Cluster>,
    closed: bool,
}

impl KnownCluster {
    /// Something else is known now.
    pub(super) fn learn(&self, cluster: Cluster) {
        self.known.lock().cluster = Some(cluster);
        self.changed.notify_all();
    }

    /// Nothing more will be learned: nobody waits any longer.
    pub(super) fn close(&self) {
        self.known.lock().closed = true;
        self.changed.notify_all();
    }

    /// What is known, waiting for it at most `wait`.
    pub fn get(&self, wait: Duration) -> Option<Cluster> {
        let mut known = self.known.lock();
        let unknown = |known: &mut Known| known.cluster.is_none() && !known.closed;
        self.changed.wait_while_for(&mut known, unknown, wait);
        known.cluster.clone()
    }
}
