//! The object behind `rd_kafka_mock_cluster_t`: a cluster's server, and the handle in whose name it logs.
//!
//! A cluster that an application made lives until it is destroyed, even longer than its handle; that of
//! `test.mock.num.brokers` belongs to its handle.

use std::collections::HashSet;
use std::ffi::CString;
use std::os::raw::{c_char, c_int};
use std::ptr;
use std::sync::{Arc, Mutex, Weak};

use crate::capi::error::set_last_error;
use crate::capi::guard::guard;
use crate::capi::handle::{Handle, handle, handle_kept, lock};
use crate::capi::types::{
    Opaque, RespErr, borrow, into_c, rd_kafka_mock_cluster_t, rd_kafka_t, take,
};
use crate::client::fork;
use crate::mock::{MockOptions, MockServer, Network};
use crate::protocol::ErrorCode;

/// Each broker takes a listening socket.
const BROKERS_MAX: u32 = 10_000;
const LOG_ERR: i32 = 3;
const LOG_WARNING: i32 = 4;

/// What is behind a `rd_kafka_mock_cluster_t`.
pub struct MockCluster {
    server: Arc<MockServer>,
    bootstraps: CString,
    owner: Weak<Handle>,
    /// The process that has the thread.
    generation: u32,
}

impl Opaque for rd_kafka_mock_cluster_t {
    type Inner = MockCluster;
}

impl MockCluster {
    fn new(server: Arc<MockServer>, owner: &Arc<Handle>) -> MockCluster {
        let bootstraps = CString::new(server.bootstrap_servers()).unwrap_or_default();
        let generation = fork::generation();
        MockCluster { server, bootstraps, owner: Arc::downgrade(owner), generation }
    }

    /// A forked child has not the thread.
    fn is_forked(&self) -> bool {
        self.generation != fork::generation()
    }

    /// Runs `f` on the cluster's thread; `None` if that is gone.
    pub fn call<R: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Network) -> R + Send + 'static,
    ) -> Option<R> {
        if self.is_forked() { None } else { self.server.call(f) }
    }

    /// Says in the log that something is not there.
    pub fn log_unsupported(&self, what: &str) {
        if let Some(owner) = self.owner.upgrade() {
            let text = format!("{what} is not supported by this version of librdkafka-oxide");
            owner.log(LOG_WARNING, "MOCK", &text);
        }
    }
}

/// Runs `f` on the cluster's thread; a cluster that is NULL or gone gets RD_KAFKA_RESP_ERR__INVALID_ARG or
/// RD_KAFKA_RESP_ERR__STATE.
///
/// # Safety
/// `mcluster` is NULL or a cluster that isn't destroyed meanwhile.
pub unsafe fn control(
    mcluster: *const rd_kafka_mock_cluster_t,
    f: impl FnOnce(&mut Network) -> RespErr + Send + 'static,
) -> RespErr {
    // SAFETY: the contract above.
    match unsafe { borrow(mcluster) } {
        Some(cluster) => cluster.call(f).unwrap_or(RespErr::_STATE),
        None => RespErr::_INVALID_ARG,
    }
}

/// The same for what can't fail.
///
/// # Safety
/// As for [`control`].
pub unsafe fn change(
    mcluster: *const rd_kafka_mock_cluster_t,
    f: impl FnOnce(&mut Network) + Send + 'static,
) {
    // SAFETY: the contract above.
    unsafe {
        control(mcluster, move |network| {
            f(network);
            RespErr::NO_ERROR
        })
    };
}

/// The result of a control as C sees it.
pub fn to_c(result: Result<(), ErrorCode>) -> RespErr {
    result.map_or_else(|error| RespErr(error.0.into()), |()| RespErr::NO_ERROR)
}

/// The clusters that C holds, so that destroying one twice, or a handle's own, is noticed.
static CLUSTERS: Mutex<Option<HashSet<usize>>> = Mutex::new(None);

fn start(owner: &Arc<Handle>, broker_cnt: c_int) -> Result<MockCluster, String> {
    let brokers = u32::try_from(broker_cnt).ok().filter(|count| (1..=BROKERS_MAX).contains(count));
    let brokers = brokers.ok_or_else(|| format!("a cluster can't have {broker_cnt} brokers"))?;
    let options = MockOptions { brokers, ..MockOptions::default() };
    let server = MockServer::start(&options).map_err(|error| error.to_string())?;
    Ok(MockCluster::new(Arc::new(server), owner))
}

/// Starts a cluster: brokers with the ids 1 to broker_cnt, each on a port of its own of 127.0.0.1, all of them run by
/// one thread. A handle may have any number of clusters, and a cluster may outlive it.
///
/// @param rk Any client instance: it only lends its log. Its configuration doesn't change.
/// @param broker_cnt Number of brokers, at least 1.
///
/// @returns the cluster, which the caller destroys with rd_kafka_mock_cluster_destroy(), or NULL: then the
///          log tells why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_cluster_new(
    rk: *mut rd_kafka_t,
    broker_cnt: c_int,
) -> *mut rd_kafka_mock_cluster_t {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let Some(owner) = (unsafe { handle_kept(rk) }) else {
            set_last_error(RespErr::_INVALID_ARG, libc::EINVAL);
            return ptr::null_mut();
        };
        match start(&owner, broker_cnt) {
            Ok(cluster) => {
                let mcluster: *mut rd_kafka_mock_cluster_t = into_c(Box::new(cluster));
                lock(&CLUSTERS).get_or_insert_default().insert(mcluster as usize);
                mcluster
            }
            Err(reason) => {
                owner.log(LOG_ERR, "MOCK", &format!("Failed to create mock cluster: {reason}"));
                set_last_error(RespErr::_CRIT_SYS_RESOURCE, libc::EAGAIN);
                ptr::null_mut()
            }
        }
    })
}

/// Ends a cluster: its connections are closed and its records gone. The cluster of test.mock.num.brokers ends with its
/// client instance and isn't to be given here.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_cluster_destroy(mcluster: *mut rd_kafka_mock_cluster_t) {
    guard(|| {
        let held = lock(&CLUSTERS).as_mut().is_some_and(|all| all.remove(&(mcluster as usize)));
        if !held {
            return;
        }
        // SAFETY: it came from rd_kafka_mock_cluster_new() and was not destroyed yet.
        if let Some(cluster) = unsafe { take(mcluster) } {
            if cluster.is_forked() {
                // Its thread is the parent's.
                std::mem::forget(cluster);
            } else {
                cluster.server.stop();
            }
        }
    })
}

/// The client instance that was given to rd_kafka_mock_cluster_new().
///
/// @returns NULL if it was destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_cluster_handle(
    mcluster: *const rd_kafka_mock_cluster_t,
) -> *mut rd_kafka_t {
    guard(|| {
        // SAFETY: NULL or a live cluster.
        let cluster = unsafe { borrow(mcluster) };
        let owner = cluster.and_then(|cluster| cluster.owner.upgrade());
        owner.map_or(ptr::null_mut(), |owner| owner.as_c())
    })
}

/// The cluster that test.mock.num.brokers started. It belongs to the client instance.
///
/// @returns NULL if that property wasn't set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_handle_mock_cluster(
    rk: *const rd_kafka_t,
) -> *mut rd_kafka_mock_cluster_t {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let (Some(owner), Some(kept)) = (unsafe { (handle(rk), handle_kept(rk)) }) else {
            return ptr::null_mut();
        };
        let Some(server) = owner.client().and_then(|client| client.mock()) else {
            return ptr::null_mut();
        };
        let cluster = owner.mock.get_or_init(|| MockCluster::new(server, &kept));
        ptr::from_ref(cluster).cast_mut().cast()
    })
}

/// The cluster's bootstrap.servers: "host:port" of each broker that it was made with, separated by commas. It lives
/// as long as the cluster.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_cluster_bootstraps(
    mcluster: *const rd_kafka_mock_cluster_t,
) -> *const c_char {
    // SAFETY: NULL or a live cluster.
    guard(|| match unsafe { borrow(mcluster) } {
        Some(cluster) => cluster.bootstraps.as_ptr(),
        None => ptr::null(),
    })
}
