//! The loop of the IO thread: feeds the core with inputs and time, executes its actions, and waits.
//!
//! One turn: application input, network input, timers, `drain`, actions, flush. Then either the next turn, if something
//! was told to the core meanwhile, or the wait. There is no tick: with nothing to do, the wait is for ever.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::clock::Clock;
use super::compression::CompressionPool;
use super::connection::IoOptions;
use super::host::Host;
use super::network::Network;
use super::pacer::Pacer;
use super::short_wait;
use super::waker::Poller;
use crate::producer::action::{Action, Notice, Segment};
use crate::producer::core::Core;

/// Turns made without looking at the sockets while there is always something else to do.
const TURNS_PER_LOOK: u32 = 4;

/// As interceptors know the thread.
const THREAD_NAME: &str = "main";

struct Driver<'a, H> {
    core: &'a mut Core,
    host: &'a mut H,
    network: &'a mut Network,
    clock: Clock,
    compression: &'a mut CompressionPool,
    pacer: Pacer,
}

/// Runs until the host says stop or something panics; then all sockets are closed. Never panics.
pub(super) fn run<H: Host>(mut core: Core, mut host: H, poller: Poller, options: IoOptions) {
    let mut compression = CompressionPool::new(poller.waker());
    let mut network = Network::new(poller, options);
    short_wait::set_timer_slack();
    let _ = catch_unwind(AssertUnwindSafe(|| host.handle_start(THREAD_NAME)));
    let mut driver = Driver {
        core: &mut core,
        host: &mut host,
        network: &mut network,
        clock: Clock::new(),
        compression: &mut compression,
        pacer: Pacer::default(),
    };
    let ended = catch_unwind(AssertUnwindSafe(|| driver.run()));
    let failure = match ended {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("wait failed: {}", super::error_text(&error))),
        Err(payload) => Some(panic_text(payload.as_ref()).to_owned()),
    };
    // Each step for itself: after a panic, values may be in a state that makes their methods panic again.
    let _ = catch_unwind(AssertUnwindSafe(|| network.close_all()));
    if let Some(failure) = failure {
        // A broken core may still hand out what it holds; what it doesn't, is lost to the application.
        let _ = catch_unwind(AssertUnwindSafe(|| report_all(&mut core, &mut host)));
        let _ = catch_unwind(AssertUnwindSafe(|| host.handle_panic(&failure)));
    }
    let _ = catch_unwind(AssertUnwindSafe(move || drop((core, network, compression))));
    let _ = catch_unwind(AssertUnwindSafe(|| host.handle_end(THREAD_NAME)));
    let _ = catch_unwind(AssertUnwindSafe(move || drop(host)));
}

fn report_all<H: Host>(core: &mut Core, host: &mut H) {
    let now_us = Clock::new().now_us();
    core.handle_purge(true, true, host, now_us);
    pass_last_notices(core, host, now_us);
}

/// What the core still has to say to the application; the world outside is gone.
fn pass_last_notices<H: Host>(core: &mut Core, host: &mut H, now_us: u64) {
    while let Some(action) = core.poll_action() {
        if let Action::Notify(notice) = action {
            host.handle_notice(notice, now_us);
        }
    }
    host.finish_notices();
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "panic without a message",
    }
}

impl<H: Host> Driver<'_, H> {
    fn run(&mut self) -> std::io::Result<()> {
        let mut busy_turns = 0;
        loop {
            let now_us = self.clock.now_us();
            self.network.deliver(self.core, now_us);
            self.take_compressed(now_us);
            if !self.host.poll_input(self.core, now_us) {
                pass_last_notices(self.core, self.host, now_us);
                return Ok(());
            }
            let deadline_us = match self.turn(now_us) {
                true => None,
                false => self.prepare_sleep(now_us),
            };
            if let Some(deadline_us) = deadline_us {
                busy_turns = 0;
                self.sleep(deadline_us)?;
                continue;
            }
            busy_turns += 1;
            if busy_turns >= TURNS_PER_LOOK || self.network.has_unread() {
                busy_turns = 0;
                self.network.wait(Some(Duration::ZERO))?;
            }
        }
    }

    /// Returns whether the next turn has something to do.
    fn turn(&mut self, now_us: u64) -> bool {
        if self.core.poll_timeout().is_some_and(|due_us| due_us <= now_us) {
            self.core.handle_timeout(now_us);
        }
        if self.held_until_us(now_us).is_none() {
            self.core.drain(self.host, now_us);
        }
        let (mut told, mut records, mut bytes) = (false, 0, 0);
        while let Some(action) = self.core.poll_action() {
            match action {
                Action::Resolve { query, host, port } => {
                    self.network.resolve(query, host, port, self.core, now_us);
                    told = true;
                }
                Action::Connect { conn, address } => {
                    let name = self.core.address_name(conn);
                    self.network.connect(conn, (address, &name), self.core, now_us);
                    told = true;
                }
                Action::Transmit { conn, segments } => {
                    for segment in &segments {
                        if let Segment::Batch(batch) = segment {
                            records += batch.count() as u64;
                            bytes += batch.wire_len_bytes() as u64;
                        }
                    }
                    self.network.transmit(conn, segments);
                }
                Action::Close { conn } => self.network.close(conn),
                Action::Compress(work) => self.compression.ask(work),
                Action::Notify(mut notice) => {
                    if let Notice::RequestSent(sent) = &mut notice {
                        sent.socket = self.network.descriptor(sent.conn);
                    }
                    self.host.handle_notice(notice, now_us);
                }
            }
        }
        // First of all, because others will be busy with it.
        self.compression.hand_over();
        self.host.finish_notices();
        if records > 0 {
            self.pacer.note_sent(records, bytes, now_us);
        }
        // Compressing and sealing took their time.
        let flush_us = if self.host.is_measuring() { self.clock.now_us() } else { now_us };
        told |= self.network.flush(self.core, flush_us);
        told |= self.take_compressed(now_us);
        told || self.network.has_unread()
    }

    fn take_compressed(&mut self, now_us: u64) -> bool {
        self.compression.finish(|done| self.core.handle_compressed(done, now_us))
    }

    /// Until when requests are held back, if they are.
    fn held_until_us(&self, now_us: u64) -> Option<u64> {
        self.pacer.held_until_us(now_us).filter(|_| self.host.may_hold())
    }

    /// Until when to sleep; `None` if there is input already.
    fn prepare_sleep(&mut self, now_us: u64) -> Option<u64> {
        let held_until_us = self.held_until_us(now_us);
        let deadline_us = held_until_us.unwrap_or_else(|| {
            let deadline_us = self.core.poll_timeout().unwrap_or(u64::MAX);
            deadline_us.min(self.host.next_deadline_us())
        });
        let idle = self.core.is_idle();
        self.host.note_idle(idle);
        let sleeps = self.host.prepare_sleep(deadline_us, held_until_us.is_some());
        if sleeps
            && !(idle && self.host.is_starved() && self.hurry(held_until_us.is_some(), now_us))
        {
            return Some(deadline_us);
        }
        self.host.finish_sleep();
        None
    }

    /// Sends at once what lingers or is held back; false if nothing is.
    fn hurry(&mut self, held: bool, now_us: u64) -> bool {
        if held {
            self.pacer = Pacer::default();
        }
        self.core.handle_hurry(now_us) || held
    }

    fn sleep(&mut self, deadline_us: u64) -> std::io::Result<()> {
        let timeout = (deadline_us < u64::MAX)
            .then(|| Duration::from_micros(deadline_us.saturating_sub(self.clock.now_us())));
        let waited = self.network.wait(timeout);
        self.host.finish_sleep();
        waited
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
