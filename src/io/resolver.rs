//! Name resolution. The system's resolver blocks, for half a minute if need be, so it runs on helper threads: started by
//! the first name that is not an IP literal, ended after some idle seconds, and never waited for, so that a hanging name
//! server delays neither the IO thread nor a shutdown.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::calls::SystemCalls;
use super::thread;
use super::waker::Waker;
use crate::producer::action::ResolveId;

/// One name that hangs must not keep the others waiting; more than a few at once is no use.
const THREADS_MAX: usize = 4;
const IDLE: Duration = Duration::from_secs(5);

/// How long a lookup of the application's may keep the end of the handle waiting: it may use what ends with that.
const LAST_LOOKUP: Duration = Duration::from_secs(4);

pub(super) use super::calls::Resolved;

/// Looks up a name.
type Lookup = Box<dyn Fn(&str, u16) -> Resolved + Send + Sync>;

#[derive(Debug)]
struct Job {
    query: ResolveId,
    host: String,
    port: u16,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    results: Vec<(ResolveId, Resolved)>,
    threads: usize,
    idle_threads: usize,
    closed: bool,
}

struct Shared {
    state: Mutex<State>,
    job_added: Condvar,
    waker: Waker,
    lookup: Lookup,
    /// The application's own: for all hosts, and none after the end.
    is_custom: bool,
    /// A thread has ended.
    thread_ended: Condvar,
    idle: Duration,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The IO thread's end. Dropping it lets the helper threads go.
#[derive(Debug)]
pub(super) struct Resolver {
    shared: Arc<Shared>,
    unanswered: usize,
}

impl Resolver {
    /// Starts nothing yet. `waker` wakes the IO thread when there is a result.
    pub(super) fn new(waker: Waker, calls: Option<Arc<dyn SystemCalls>>) -> Self {
        match calls.filter(|calls| calls.resolves()) {
            None => Self::with_lookup(waker, Box::new(look_up), false, IDLE),
            Some(calls) => {
                let lookup = move |host: &str, port| calls.resolve(host, port);
                Self::with_lookup(waker, Box::new(lookup), true, IDLE)
            }
        }
    }

    fn with_lookup(waker: Waker, lookup: Lookup, is_custom: bool, idle: Duration) -> Self {
        let shared = Shared {
            state: Mutex::default(),
            job_added: Condvar::new(),
            waker,
            lookup,
            is_custom,
            thread_ended: Condvar::new(),
            idle,
        };
        Self { shared: Arc::new(shared), unanswered: 0 }
    }

    /// Answers at once for an IP literal, or if no helper thread could be started; otherwise the answer comes out of
    /// [`Resolver::take_results`].
    pub(super) fn resolve(
        &mut self,
        query: ResolveId,
        host: String,
        port: u16,
    ) -> Option<Resolved> {
        let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(&host);
        if let (Ok(ip), false) = (literal.parse::<IpAddr>(), self.shared.is_custom) {
            return Some(Ok(vec![SocketAddr::new(ip, port)]));
        }
        let mut state = self.shared.state.lock();
        if state.idle_threads <= state.jobs.len() && state.threads < THREADS_MAX {
            match start_thread(&self.shared) {
                Ok(()) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    return Some(Err(format!("no thread: {}", super::error_text(&error))));
                }
                Err(_) => {}
            }
        }
        state.jobs.push_back(Job { query, host, port });
        self.shared.job_added.notify_one();
        self.unanswered += 1;
        None
    }

    /// What was found since the last call. Costs nothing while no name is being looked up.
    pub(super) fn take_results(&mut self) -> Vec<(ResolveId, Resolved)> {
        if self.unanswered == 0 {
            return Vec::new();
        }
        let results = std::mem::take(&mut self.shared.state.lock().results);
        self.unanswered -= results.len();
        results
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.closed = true;
        state.jobs.clear();
        self.shared.job_added.notify_all();
        if self.shared.is_custom {
            let running = |state: &mut State| state.threads > 0;
            self.shared.thread_ended.wait_while_for(&mut state, running, LAST_LOOKUP);
        }
    }
}

fn start_thread(shared: &Arc<Shared>) -> io::Result<()> {
    let shared = Arc::clone(shared);
    // The handle is dropped: nobody waits for a thread that may hang in the system's resolver.
    thread::spawn("rdk:resolve", move || work(&shared)).map(drop)
}

/// The helper thread.
fn work(shared: &Shared) {
    let mut state = shared.state.lock();
    loop {
        if state.closed {
            break;
        }
        if let Some(job) = state.jobs.pop_front() {
            drop(state);
            let result = (shared.lookup)(&job.host, job.port);
            state = shared.state.lock();
            state.results.push((job.query, result));
            if !state.closed {
                shared.waker.wake();
            }
            continue;
        }
        state.idle_threads += 1;
        let timed_out = shared.job_added.wait_for(&mut state, shared.idle).timed_out();
        state.idle_threads -= 1;
        if timed_out && state.jobs.is_empty() {
            break;
        }
    }
    state.threads -= 1;
    shared.thread_ended.notify_all();
}

fn look_up(host: &str, port: u16) -> Resolved {
    match (host, port).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => {
            let text = super::error_text(&error);
            // The standard library's introduction; what follows is the system's own text.
            let reason = text.strip_prefix("failed to lookup address information: ");
            Err(reason.unwrap_or(&text).to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::waker::Poller;

    fn wait_for_result(poller: &mut Poller, resolver: &mut Resolver) -> (ResolveId, Resolved) {
        let mut events = mio::Events::with_capacity(1);
        poller.poll.poll(&mut events, Some(Duration::from_secs(20))).unwrap();
        resolver.take_results().pop().expect("woken with a result")
    }

    #[test]
    fn literals_are_answered_without_a_thread() {
        let mut resolver = Resolver::new(Poller::new().unwrap().waker(), None);
        for (host, wanted) in
            [("127.0.0.1", "127.0.0.1:9"), ("::1", "[::1]:9"), ("[fe80::1]", "[fe80::1]:9")]
        {
            let answer = resolver.resolve(ResolveId(1), host.into(), 9).unwrap();
            assert_eq!(answer, Ok(vec![wanted.parse().unwrap()]));
        }
        assert_eq!(resolver.shared.state.lock().threads, 0);
    }

    #[test]
    fn names_are_looked_up_on_a_helper_thread_that_ends_when_idle() {
        let mut poller = Poller::new().unwrap();
        let mut resolver = Resolver::with_lookup(
            poller.waker(),
            Box::new(look_up),
            false,
            Duration::from_millis(20),
        );
        assert_eq!(resolver.resolve(ResolveId(1), "localhost".into(), 9092), None);
        let (query, addresses) = wait_for_result(&mut poller, &mut resolver);
        assert_eq!(query, ResolveId(1));
        assert!(addresses.unwrap().iter().all(|a| a.ip().is_loopback() && a.port() == 9092));
        while resolver.shared.state.lock().threads > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(resolver.resolve(ResolveId(2), "host.invalid".into(), 1), None);
        let (query, error) = wait_for_result(&mut poller, &mut resolver);
        assert_eq!(query, ResolveId(2));
        let error = error.unwrap_err();
        assert!(!error.is_empty() && !error.contains("lookup"), "{error}");
    }

    #[test]
    fn a_hanging_name_delays_neither_the_others_nor_the_shutdown() {
        let hang_or_fail = |host: &str, _: u16| {
            if host == "hang" {
                std::thread::sleep(Duration::from_secs(3));
            }
            Err(host.to_owned())
        };
        let mut poller = Poller::new().unwrap();
        let clock = crate::io::clock::Clock::new();
        let start_us = clock.now_us();
        let mut resolver =
            Resolver::with_lookup(poller.waker(), Box::new(hang_or_fail), false, IDLE);
        assert_eq!(resolver.resolve(ResolveId(1), "hang".into(), 1), None);
        assert_eq!(resolver.resolve(ResolveId(2), "other".into(), 1), None);
        let found = wait_for_result(&mut poller, &mut resolver);
        assert_eq!(found, (ResolveId(2), Err("other".to_owned())));
        drop(resolver);
        assert!(clock.now_us() - start_us < 2_000_000);
    }
}
