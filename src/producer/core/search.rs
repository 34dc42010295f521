//! Whom to ask, and how to find somebody to ask.
//!
//! While nobody is connected, brokers that metadata named are tried in turn with the addresses that the application configured: when the
//! former are all gone, or never were there, some configured address may lead to those that are (KIP-899). Brokers that metadata does not
//! name any more are not tried. When metadata stays unobtainable for long, or a broker asks for it, only configured addresses are asked
//! for a while, over new connections and with their names looked up anew (KIP-1102).

use super::connection::LOG_INFO;
use super::{Broker, Core, Link, Timer};
use crate::protocol::metadata::MetadataBroker;

/// More brokers than any cluster has: what comes beyond is not believed.
pub(super) const BROKERS_MAX: usize = 10_000;

/// After this long, another broker is tried beside the one that does not answer.
pub(super) const SLOW_ATTEMPT_US: u64 = 1_000_000;

/// For this long another broker than the one that did not answer about metadata is looked for.
const SILENCE_US: u64 = 3_000_000;

/// The state of looking for somebody to ask.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Since when there is nobody (else) to ask.
    since_us: Option<u64>,
    /// Broker last chosen to be connected to.
    chosen: Option<usize>,
    attempts: u64,
    /// Broker that left the last question about metadata without an answer, and until when it is asked only if there is
    /// nobody else to try.
    silent: Option<(usize, u64)>,
    /// Since when metadata is wanted, in vain so far.
    unanswered_since_us: Option<u64>,
    /// Only configured addresses are asked about metadata until then.
    configured_until_us: u64,
}

/// Where a broker that is new may be put.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Addresses that the application configured, whose brokers are not known.
    bootstrap: Vec<usize>,
    /// Brokers that are gone.
    free: Vec<usize>,
}

fn is_tried(broker: &Broker) -> bool {
    matches!(broker.link, Link::Resolving(_) | Link::Connecting(_) | Link::Negotiating(_))
}

/// Whether a connection is being made that should be there by now.
pub(super) fn is_tried_for_long(broker: &Broker, now_us: u64) -> bool {
    is_tried(broker) && now_us >= broker.attempt_us + SLOW_ATTEMPT_US
}

fn is_being_tried(broker: &Broker, now_us: u64) -> bool {
    is_tried(broker) && !is_tried_for_long(broker, now_us)
}

impl Core {
    /// The connected broker with the least to do.
    pub(super) fn least_busy_broker(&self) -> Option<usize> {
        let up = |(_, broker): &(usize, &Broker)| broker.up().is_some() && !broker.moved;
        let candidates = self.brokers.iter().enumerate().filter(up);
        candidates.min_by_key(|(_, broker)| broker.in_flight.len()).map(|(index, _)| index)
    }

    /// Who is to be asked about metadata now; `None`: a connection to somebody is being made.
    pub(super) fn metadata_broker(&mut self, now_us: u64) -> Option<usize> {
        let configured_only = now_us < self.search.configured_until_us;
        let best = (0..self.brokers.len())
            .filter(|&index| self.brokers[index].up().is_some() && !self.brokers[index].moved)
            .filter(|&index| !configured_only || self.is_configured(index))
            .min_by_key(|&index| {
                (self.is_silent(index, now_us), self.brokers[index].in_flight.len())
            });
        let asked_in_vain = best.is_none_or(|index| self.is_silent(index, now_us));
        if asked_in_vain && self.connect_any(now_us) {
            return None;
        }
        best
    }

    fn is_silent(&self, index: usize, now_us: u64) -> bool {
        self.search.silent.is_some_and(|(silent, until_us)| silent == index && now_us < until_us)
    }

    /// Makes sure that some connection is being made; false if nobody is left to try at the moment.
    pub(super) fn connect_any(&mut self, now_us: u64) -> bool {
        let since_us = *self.search.since_us.get_or_insert(now_us);
        // An attempt that takes long must not keep others from being made; nor must the attempts to reach many leaders.
        let chosen = self.search.chosen.is_some_and(|i| is_being_tried(&self.brokers[i], now_us));
        let others = now_us < since_us + SLOW_ATTEMPT_US
            && self.brokers.iter().any(|broker| is_being_tried(broker, now_us));
        if chosen || others {
            self.timers.arm_earlier(Timer::Search, now_us + SLOW_ATTEMPT_US);
            return true;
        }
        // With none free the back-off timers bring us back here.
        let Some(choice) = self.choose_to_try(now_us) else { return false };
        self.search.chosen = Some(choice);
        self.ensure_connected(choice, now_us);
        self.timers.arm_earlier(Timer::Search, now_us + SLOW_ATTEMPT_US);
        true
    }

    fn choose_to_try(&mut self, now_us: u64) -> Option<usize> {
        let mut free: Vec<usize> = (0..self.brokers.len())
            .filter(|&index| match self.brokers[index].link {
                Link::Idle => true,
                Link::Waiting { until_us } => until_us <= now_us,
                _ => false,
            })
            .filter(|&index| !self.is_gone(index))
            .collect();
        self.search.attempts += 1;
        let their_turn = self.search.attempts.is_multiple_of(2);
        if self.settings.rebootstrap_trigger_us.is_some() && their_turn
            || now_us < self.search.configured_until_us
        {
            let configured = |&index: &usize| self.is_configured(index);
            let preferred: Vec<usize> = free.iter().copied().filter(configured).collect();
            if !preferred.is_empty() {
                free = preferred;
            }
        }
        match free.len() {
            0 => None,
            count => Some(free[self.rng.below(count as u64) as usize]),
        }
    }

    /// Whether the application named this address.
    fn is_configured(&self, index: usize) -> bool {
        let broker = &self.brokers[index];
        let named = |(host, port): &(String, u16)| *host == broker.host && *port == broker.port;
        broker.node_id < 0 || self.settings.bootstrap.iter().any(named)
    }

    /// Whether metadata named it once, and does not any more.
    pub(super) fn is_gone(&self, index: usize) -> bool {
        !self.brokers[index].told && !self.is_configured(index)
    }

    pub(super) fn on_search_timer(&mut self, now_us: u64) {
        if let Some(due_us) = self.rebootstrap_us() {
            if due_us <= now_us {
                self.rebootstrap("no metadata for too long", now_us);
            } else {
                self.timers.arm_earlier(Timer::Search, due_us);
            }
        }
        let silent_until_us = self.search.silent.map_or(0, |(_, until_us)| until_us);
        for until_us in [self.search.configured_until_us, silent_until_us] {
            if now_us < until_us {
                self.timers.arm_earlier(Timer::Search, until_us);
            }
        }
        if self.refresh.is_wanted() {
            self.send_metadata(now_us);
        }
        self.ask_producer_id(now_us);
    }

    /// When it will have been too long without metadata.
    fn rebootstrap_us(&self) -> Option<u64> {
        let trigger_us = self.settings.rebootstrap_trigger_us?.max(SLOW_ATTEMPT_US);
        let due_us = self.search.unanswered_since_us?.saturating_add(trigger_us);
        Some(due_us.max(self.search.configured_until_us))
    }

    /// Metadata is wanted: the time that it may take runs from the first such moment.
    pub(super) fn expect_metadata(&mut self, now_us: u64) {
        if self.search.unanswered_since_us.is_none() && !self.brokers.is_empty() {
            self.search.unanswered_since_us = Some(now_us);
            if let Some(due_us) = self.rebootstrap_us() {
                self.timers.arm_earlier(Timer::Search, due_us);
            }
        }
    }

    pub(super) fn on_metadata_answered(&mut self) {
        self.search = Search { attempts: self.search.attempts, ..Search::default() };
        self.timers.disarm(Timer::Search);
    }

    /// The time runs on while the connection is closed for being idle, and made again.
    pub(super) fn on_metadata_unanswered(&mut self, index: usize, now_us: u64) {
        let until_us = now_us + SILENCE_US;
        self.search.silent = Some((index, until_us));
        self.timers.arm_earlier(Timer::Search, until_us);
    }

    pub(super) fn on_somebody_up(&mut self) {
        self.search.since_us = None;
    }

    /// Begins again from the configured addresses.
    pub(super) fn rebootstrap(&mut self, why: &str, now_us: u64) {
        if self.settings.rebootstrap_trigger_us.is_none()
            || now_us < self.search.configured_until_us
        {
            return;
        }
        self.log(
            LOG_INFO,
            "REBOOTSTRAP",
            format!("Starting again from the configured brokers: {why}"),
        );
        self.search.unanswered_since_us = None;
        self.search.configured_until_us = now_us + self.settings.connection_setup_timeout_us;
        self.timers.arm_earlier(Timer::Search, self.search.configured_until_us);
        self.abandon_metadata();
        // Who answers there may be somebody else by now.
        let configured: Vec<usize> =
            (0..self.brokers.len()).filter(|&index| self.is_configured(index)).collect();
        configured.iter().for_each(|&index| self.doubt_address(index));
        configured.iter().for_each(|&index| self.leave_old_address(index, now_us));
        self.want_metadata(now_us, true);
    }

    /// What a whole answer about metadata says of brokers. Those that it does not name are gone.
    pub(super) fn learn_brokers(&mut self, told: &[MetadataBroker<'_>], now_us: u64) {
        if told.is_empty() {
            return;
        }
        self.brokers.iter_mut().for_each(|broker| broker.told = false);
        for told in told {
            if let Some(&index) = self.by_node.get(&told.node_id) {
                self.brokers[index].told = true;
            }
        }
        for index in 0..self.brokers.len() {
            if !self.brokers[index].ready.is_empty() && self.is_gone(index) {
                self.drop_stale_ready(index);
            }
        }
        // Looked for once, not for each of many brokers.
        let mut places = Places {
            bootstrap: (0..self.brokers.len())
                .filter(|&index| self.brokers[index].node_id < 0)
                .collect(),
            free: (0..self.brokers.len()).filter(|&index| self.is_free(index)).collect(),
        };
        for told in told.iter().take(BROKERS_MAX) {
            self.learn_broker(told.node_id, told.host, told.port, &mut places, now_us);
        }
    }

    /// A broker of the cluster: the one that is known by that number, by that address, or a new one.
    pub(super) fn learn_broker(
        &mut self,
        node_id: i32,
        host: &str,
        port: i32,
        places: &mut Places,
        now_us: u64,
    ) {
        let (Ok(port), 0..) = (u16::try_from(port), node_id) else { return };
        if let Some(&index) = self.by_node.get(&node_id) {
            self.brokers[index].told = true;
            self.move_broker(index, host, port, now_us);
            return;
        }
        // A bootstrap address that turns out to be this broker: its connection serves on.
        let known = places.bootstrap.iter().position(|&index| {
            self.brokers[index].host == host && self.brokers[index].port == port
        });
        let free = if known.is_none() { self.take_free(places) } else { None };
        let index = match (known, free) {
            (Some(place), _) => places.bootstrap.remove(place),
            (None, Some(free)) => {
                self.forget_broker(free);
                self.brokers[free] = Broker::new(node_id, host.to_owned(), port);
                self.tell_state(free, "INIT");
                free
            }
            (None, None) if self.brokers.len() >= BROKERS_MAX => return,
            (None, None) => self.add_broker(node_id, host.to_owned(), port),
        };
        self.brokers[index].node_id = node_id;
        self.brokers[index].told = true;
        self.by_node.insert(node_id, index);
    }

    /// Whether another broker may take this one's place.
    fn is_free(&self, index: usize) -> bool {
        let broker = &self.brokers[index];
        matches!(broker.link, Link::Idle | Link::Waiting { .. })
            && broker.is_at_rest()
            && broker.ready.is_empty()
            && !broker.listed
            && self.is_gone(index)
    }

    fn take_free(&self, places: &mut Places) -> Option<usize> {
        while let Some(index) = places.free.pop() {
            // What followed from the answer so far may have made use of it again.
            if self.is_free(index) {
                return Some(index);
            }
        }
        None
    }

    fn forget_broker(&mut self, index: usize) {
        self.by_node.remove(&self.brokers[index].node_id);
        for timer in [Timer::Link(index), Timer::Request(index), Timer::Throttle(index)] {
            self.timers.disarm(timer);
        }
        self.search.chosen = self.search.chosen.filter(|&chosen| chosen != index);
        self.search.silent = self.search.silent.filter(|&(silent, _)| silent != index);
    }
}
