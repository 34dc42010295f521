//! Connections: when to make one, to which address, what to do when it fails; ApiVersions negotiation (KIP-35, KIP-511).

use core::net::{IpAddr, SocketAddr};

use super::{Core, Link, Payload, Timer};
use crate::cluster::{backoff, local_error};
use crate::conf::DebugContexts;
use crate::producer::action::{Action, ConnId, Notice, ResolveId};
use crate::protocol::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use crate::protocol::{ApiKey, ErrorCode, Message};

/// Syslog levels of our log lines.
pub(super) const LOG_ERROR: i32 = 3;
pub(super) const LOG_WARNING: i32 = 4;
pub(super) const LOG_INFO: i32 = 6;

/// For this long the same error of the same broker is not told again.
const SAME_ERROR_PAUSE_US: u64 = 30_000_000;

impl Core {
    /// Starts connecting to a broker unless that is under way or must wait.
    pub(super) fn ensure_connected(&mut self, index: usize, now_us: u64) {
        match self.brokers[index].link {
            Link::Idle => {}
            Link::Waiting { until_us } if until_us <= now_us => {}
            _ => return,
        }
        self.brokers[index].attempt_us = now_us;
        let broker = &mut self.brokers[index];
        let ttl_us = self.settings.broker_address_ttl_us;
        let literal = broker.host.trim_matches(['[', ']']).parse::<IpAddr>();
        if let (Ok(ip), false) = (literal, self.settings.resolve_all) {
            broker.addresses = vec![SocketAddr::new(ip, broker.port)];
            self.connect(index, now_us);
        } else if !broker.addresses.is_empty() && now_us.saturating_sub(broker.resolved_us) < ttl_us
        {
            self.connect(index, now_us);
        } else {
            let query = ResolveId(self.next_resolve);
            self.next_resolve += 1;
            let (host, port) = (broker.host.clone(), broker.port);
            self.set_link(index, Link::Resolving(query), now_us);
            self.by_resolve.insert(query, index);
            self.actions.push_back(Action::Resolve { query, host, port });
            let deadline_us = now_us + self.settings.connection_setup_timeout_us;
            self.timers.arm(Timer::Link(index), deadline_us);
        }
    }

    fn connect(&mut self, index: usize, now_us: u64) {
        let conn = ConnId(self.next_conn);
        self.next_conn += 1;
        let broker = &mut self.brokers[index];
        let address = broker.addresses[broker.next_address % broker.addresses.len()];
        broker.next_address = (broker.next_address + 1) % broker.addresses.len();
        self.brokers[index].traffic.connects += 1;
        self.set_link(index, Link::Connecting(conn), now_us);
        self.debug_broker(index, DebugContexts::BROKER, "CONNECT", |_| {
            format!("Connecting to ipv{}#{address}", if address.is_ipv4() { 4 } else { 6 })
        });
        self.by_conn.insert(conn, index);
        self.actions.push_back(Action::Connect { conn, address });
        let deadline_us = now_us + self.settings.connection_setup_timeout_us;
        self.timers.arm(Timer::Link(index), deadline_us);
    }

    pub(super) fn on_resolved(
        &mut self,
        index: usize,
        result: Result<Vec<SocketAddr>, String>,
        now_us: u64,
    ) {
        let (v4, v6) = self.settings.address_families;
        let result = result.map(|mut addresses| {
            addresses.retain(|address| if address.is_ipv4() { v4 } else { v6 });
            addresses
        });
        match result {
            Ok(addresses) if !addresses.is_empty() => {
                let broker = &mut self.brokers[index];
                broker.addresses = addresses;
                broker.resolved_us = now_us;
                broker.next_address = 0;
                self.connect(index, now_us);
            }
            other => {
                let why = other.err().unwrap_or_else(|| "no address of the wanted family".into());
                let broker = &mut self.brokers[index];
                broker.traffic.connects += 1;
                let text = format!("Failed to resolve '{}:{}': {why}", broker.host, broker.port);
                self.fail_link(index, local_error::RESOLVE, &text, now_us);
            }
        }
    }

    pub(super) fn on_connected(&mut self, index: usize, conn: ConnId, now_us: u64) {
        self.set_link(index, Link::Negotiating(conn), now_us);
        let contexts = DebugContexts(DebugContexts::BROKER.0 | DebugContexts::PROTOCOL.0);
        self.debug_broker(index, contexts, "CONNECTED", |_| "Connected".to_owned());
        self.debug_broker(index, DebugContexts::SECURITY, "AUTH", |_| {
            "Connection is neither encrypted nor authenticated".to_owned()
        });
        self.send_api_versions(index, 3, now_us);
    }

    fn send_api_versions(&mut self, index: usize, version: i16, now_us: u64) {
        let software = self.settings.details.software.clone();
        let request = ApiVersionsRequest {
            client_software_name: &software.0,
            client_software_version: &software.1,
        };
        let setup_us = self.settings.connection_setup_timeout_us;
        let timeout_us = setup_us.min(self.settings.details.api_version_timeout_us);
        self.send_request(index, &request, version, timeout_us, Payload::ApiVersions, now_us);
    }

    pub(super) fn on_api_versions(&mut self, index: usize, body: &[u8], version: i16, now_us: u64) {
        let code = body.first_chunk::<2>().map(|bytes| ErrorCode(i16::from_be_bytes(*bytes)));
        if code == Some(ErrorCode::UNSUPPORTED_VERSION) && version > 0 {
            self.send_api_versions(index, 0, now_us);
            return;
        }
        match ApiVersionsResponse::decode_all(body, version) {
            Ok(response) if response.error_code.is_none() => {
                self.debug_broker(index, DebugContexts::FEATURE, "APIVERSION", |_| {
                    format!("Broker API support: {} APIs", response.api_keys.len())
                });
                self.brokers[index].versions =
                    crate::cluster::versions::Versions::from_response(&response);
                self.on_up(index, now_us);
            }
            Ok(response) => {
                let text = format!("ApiVersionRequest failed: {:?}", response.error_code);
                self.close_link(index, local_error::TRANSPORT, &text, now_us);
            }
            Err(error) => {
                let text = format!("ApiVersionResponse could not be read: {error}");
                self.close_link(index, local_error::BAD_MSG, &text, now_us);
            }
        }
    }

    fn on_up(&mut self, index: usize, now_us: u64) {
        let Some(conn) = self.brokers[index].conn() else { return };
        self.set_link(index, Link::Up(conn), now_us);
        self.brokers[index].active_us = now_us;
        self.all_down = false;
        self.on_somebody_up();
        self.arm_idle(index, now_us);
        self.list_for_drain(index);
        self.send_metadata(now_us);
        self.ask_producer_id(now_us);
        self.send_queries(now_us);
    }

    fn arm_idle(&mut self, index: usize, now_us: u64) {
        match self.settings.connections_idle_max_us {
            0 => self.timers.disarm(Timer::Link(index)),
            idle_us => self.timers.arm(Timer::Link(index), now_us + idle_us),
        }
    }

    pub(super) fn on_link_timer(&mut self, index: usize, now_us: u64) {
        match self.brokers[index].link {
            Link::Idle => {}
            Link::Waiting { .. } => {
                self.set_link(index, Link::Idle, now_us);
                if !self.brokers[index].ready.is_empty() {
                    self.ensure_connected(index, now_us);
                }
                if self.refresh.is_wanted() {
                    self.send_metadata(now_us);
                }
                self.ask_producer_id(now_us);
                self.send_queries(now_us);
            }
            Link::Resolving(_) | Link::Connecting(_) | Link::Negotiating(_) => {
                let text = "Connection setup timed out";
                self.close_link(index, local_error::TRANSPORT, text, now_us);
            }
            Link::Up(_) => self.on_idle_timer(index, now_us),
        }
    }

    fn on_idle_timer(&mut self, index: usize, now_us: u64) {
        let broker = &mut self.brokers[index];
        let idle_since_us = broker.active_us;
        // What waits for the end of throttling has asked for this connection and will not ask again.
        let waited_for = !broker.in_flight.is_empty() || !broker.ready.is_empty();
        let busy = waited_for || broker.frames_untransmitted() > 0;
        if busy || now_us < idle_since_us + self.settings.connections_idle_max_us {
            let from_us = if busy { now_us } else { idle_since_us };
            self.arm_idle(index, from_us);
        } else if self.close_quietly(index, now_us) {
            self.log(LOG_INFO, "IDLE", "Closed a connection that was idle for too long".into());
        }
    }

    /// Closes a connection on which nothing is under way.
    fn close_quietly(&mut self, index: usize, now_us: u64) -> bool {
        let broker = &mut self.brokers[index];
        match broker.link {
            Link::Idle | Link::Waiting { .. } => return false,
            Link::Resolving(query) => drop(self.by_resolve.remove(&query)),
            Link::Connecting(conn) | Link::Negotiating(conn) | Link::Up(conn) => {
                self.by_conn.remove(&conn);
                self.actions.push_back(Action::Close { conn });
            }
        }
        self.brokers[index].traffic.disconnects += u64::from(self.brokers[index].up().is_some());
        self.set_link(index, Link::Idle, now_us);
        self.brokers[index].reset_connection();
        true
    }

    /// Connects anew where the broker is now, once nothing is under way on the connection to its old address.
    pub(super) fn leave_old_address(&mut self, index: usize, now_us: u64) {
        let broker = &self.brokers[index];
        if broker.moved && broker.is_at_rest() && self.close_quietly(index, now_us) {
            self.timers.disarm(Timer::Link(index));
            if !self.brokers[index].ready.is_empty() {
                self.ensure_connected(index, now_us);
            }
            if self.refresh.is_wanted() {
                self.send_metadata(now_us);
            }
            self.ask_producer_id(now_us);
            self.send_queries(now_us);
        }
    }

    pub(super) fn on_garbled(&mut self, index: usize, reason: &str, now_us: u64) {
        self.brokers[index].traffic.rx_errors += 1;
        if let Some(request) = self.brokers[index].in_flight.pop_front() {
            match request.payload {
                Payload::Produce { batches } => {
                    batches.into_iter().for_each(|sent| self.on_batch_garbled(sent, now_us));
                }
                other => self.on_request_lost(index, other, true, local_error::BAD_MSG, now_us),
            }
        }
        self.on_link_gone(index, local_error::BAD_MSG, reason, now_us);
    }

    pub(super) fn on_disconnected(&mut self, index: usize, reason: &str, now_us: u64) {
        let traffic = &mut self.brokers[index].traffic;
        traffic.tx_errors += u64::from(reason.starts_with("Send failed"));
        traffic.rx_errors += u64::from(reason.starts_with("Receive failed"));
        self.on_link_gone(index, local_error::TRANSPORT, reason, now_us);
    }

    /// The driver has forgotten the connection.
    fn on_link_gone(&mut self, index: usize, error: i32, reason: &str, now_us: u64) {
        if let Some(conn) = self.brokers[index].conn() {
            self.by_conn.remove(&conn);
        }
        let broker = &self.brokers[index];
        let ms = now_us.saturating_sub(broker.attempt_us) / 1_000;
        let state = match broker.link {
            Link::Connecting(_) => "CONNECT",
            Link::Negotiating(_) => "APIVERSION_QUERY",
            _ => "UP",
        };
        let detail = format!("after {ms}ms in state {state}");
        self.fail_link_in(index, error, reason, &detail, now_us);
    }

    /// As `fail_link_in`, without circumstances.
    fn fail_link(&mut self, index: usize, error: i32, text: &str, now_us: u64) {
        self.fail_link_in(index, error, text, "", now_us);
    }

    /// Closes a connection that misbehaves, and treats it as failed.
    pub(super) fn close_link(&mut self, index: usize, error: i32, text: &str, now_us: u64) {
        if let Some(conn) = self.brokers[index].conn() {
            self.by_conn.remove(&conn);
            self.actions.push_back(Action::Close { conn });
        }
        if let Link::Resolving(query) = self.brokers[index].link {
            self.by_resolve.remove(&query);
            self.brokers[index].traffic.connects += 1;
        }
        self.brokers[index].traffic.rx_errors += u64::from(error == local_error::BAD_MSG);
        self.fail_link(index, error, text, now_us);
    }

    /// A connection attempt or a connection is over: back off, give its requests back, tell the application.
    fn fail_link_in(&mut self, index: usize, error: i32, text: &str, detail: &str, now_us: u64) {
        let broker = &mut self.brokers[index];
        broker.failures += 1;
        let was_up = broker.up().is_some();
        // The next address of the same host is tried at once.
        let delay_us = if !was_up && broker.next_address != 0 {
            0
        } else {
            backoff::delay_us(
                broker.failures,
                self.settings.reconnect_backoff_us,
                self.settings.reconnect_backoff_max_us,
                (75, 150),
                &mut self.rng,
            )
        };
        self.brokers[index].traffic.disconnects += u64::from(was_up);
        self.tell_lost(index, error);
        self.set_link(index, Link::Waiting { until_us: now_us + delay_us }, now_us);
        let lost = self.brokers[index].reset_connection();
        self.timers.disarm(Timer::Request(index));
        self.timers.arm(Timer::Link(index), now_us + delay_us);
        let closed = was_up && error == local_error::TRANSPORT;
        if !(closed && self.settings.details.quiet_close) {
            self.tell_link_error(index, error, text, detail, now_us);
        }
        for (payload, transmitted) in lost {
            self.on_request_lost(index, payload, transmitted, error, now_us);
        }
        self.want_metadata(now_us, true);
        self.check_all_down();
    }

    /// Logs an error and hands it to the application; the same again within half a minute is only counted.
    fn tell_link_error(&mut self, index: usize, error: i32, text: &str, detail: &str, now_us: u64) {
        self.debug_broker(index, DebugContexts::BROKER, "FAIL", |core| {
            format!("{text} ({detail}): {}", (core.settings.error_text)(error))
        });
        let broker = &mut self.brokers[index];
        let (last, told_us, suppressed) = &mut broker.told_error;
        if last == text && now_us < *told_us + SAME_ERROR_PAUSE_US {
            *suppressed += 1;
            return;
        }
        let mut circumstances = detail.to_owned();
        if last == text && *suppressed > 0 {
            circumstances.push_str(&format!(", {suppressed} identical error(s) suppressed"));
        }
        broker.told_error = (text.to_owned(), now_us, 0);
        let mut reason = format!("{}: {text}", broker.name());
        if !circumstances.is_empty() {
            reason.push_str(&format!(" ({circumstances})"));
        }
        self.log(LOG_ERROR, "FAIL", reason.clone());
        self.notify(Notice::Error { error, reason });
    }

    fn check_all_down(&mut self) {
        let failing = |link: &Link, failures: u32| match link {
            Link::Up(_) => false,
            Link::Idle => false,
            _ => failures > 0,
        };
        let (mut tried, mut down) = (0, 0);
        for (index, broker) in self.brokers.iter().enumerate() {
            let untried = matches!(broker.link, Link::Idle) && broker.failures == 0;
            if untried || self.is_gone(index) {
                continue;
            }
            tried += 1;
            down += usize::from(failing(&broker.link, broker.failures));
        }
        if tried > 0 && tried == down && !self.all_down {
            self.all_down = true;
            let reason = format!("{down}/{tried} brokers are down");
            self.notify(Notice::Error { error: local_error::ALL_BROKERS_DOWN, reason });
        }
    }

    pub(super) fn on_request_timer(&mut self, index: usize, now_us: u64) {
        match self.brokers[index].request_deadline_us() {
            Some(deadline_us) if deadline_us <= now_us => {
                let broker = &mut self.brokers[index];
                let count = broker.in_flight.len() + broker.unanswered.len();
                broker.traffic.request_timeouts += count as u64;
                let unsent = (broker.frames_untransmitted() as usize).min(count);
                let (name, sent) = (broker.name(), count - unsent);
                let told = format!(
                    "{name}: Timed out {sent} in-flight, 0 retry-queued, {unsent} out-queue, 0 partially-sent requests"
                );
                self.log(LOG_WARNING, "REQTMOUT", told);
                let text = format!("{count} request(s) timed out: disconnect");
                self.close_link(index, local_error::TIMED_OUT, &text, now_us);
            }
            Some(deadline_us) => self.timers.arm(Timer::Request(index), deadline_us),
            None => {}
        }
    }

    /// The version of `api` to speak with a broker.
    pub(super) fn version_for(
        &self,
        index: usize,
        api: ApiKey,
        ours: std::ops::RangeInclusive<i16>,
    ) -> Option<i16> {
        self.brokers[index].versions.pick(api, ours)
    }
}
