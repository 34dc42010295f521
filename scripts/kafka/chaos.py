#!/usr/bin/env python3
"""Chaos on real Apache Kafka: producers, three brokers, and a seeded schedule of what can happen to them.

  chaos.py MINUTES [LIBDIR] [--seed N] [--rate N]

Brokers are killed with SIGKILL and started again (one, two, all), paused for longer than a request may take, leaders are
moved; meanwhile proxies before the brokers cut, stall, slow down and refuse the producers' connections. The same seed gives
the same schedules; how long a step waits for the brokers is theirs. Four producers run at once, each with its topic:

  idempotent   lz4, keys                    each message exactly once, in order, every one acknowledged
  gzip         idempotent, gzip, batches of 20    the same, five small batches in flight
  impatient    idempotent, message.timeout.ms=8000    messages may fail; those told to be not persisted are absent
  acks-all     no idempotence               none lost, in order; duplicates only (a request whose answer was lost)

Then Kafka's own consumer reads everything back. Exit code 1 when something was lost, doubled, disordered or misreported.
"""
import bisect
import pathlib
import random
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from check import Bench, result_of
from fault_broker import Reader
from kafka import Cluster, Failure, ROOT, Tool
from proxy import Loop, Proxy

PARTITIONS, BROKERS = 6, ["1", "2", "3"]
REQUEST_TIMEOUT_MS = 3000
COMMON = ["-T", 3, "-f", "-X", "acks=all", "-X", f"request.timeout.ms={REQUEST_TIMEOUT_MS}", "-X", "socket.timeout.ms=4000"]
IDEMPOTENT = ["-X", "enable.idempotence=true"]
PRODUCERS = {
    "idempotent": ["-k", *IDEMPOTENT, "-X", "compression.codec=lz4"],
    "gzip": ["-p", PARTITIONS, *IDEMPOTENT, "-X", "compression.codec=gzip", "-X", "linger.ms=1", "-X",
             "batch.num.messages=20"],
    "impatient": ["-p", PARTITIONS, *IDEMPOTENT, "-X", "message.timeout.ms=8000"],
    "acks-all": ["-p", PARTITIONS],
}
# Producers whose messages do not expire. One kind of failure is counted, not condemned: a batch in doubt that the broker refuses
# for its number when it comes again (DESIGN.md, Idempotence), reported as possibly persisted.
PATIENT, REFUSED = ("idempotent", "gzip", "acks-all"), "OUT_OF_ORDER_SEQUENCE_NUMBER"
SETTLE_S = 60


# ---- the schedules: endless, from the seed alone ----

def broker_faults(seed):
    """(verb, argument, seconds): rounds with each kind in it, leaders moved between them."""
    dice = random.Random(f"brokers {seed}")
    while True:
        a_round = [("kill", [broker], dice.uniform(0.5, 9)) for broker in BROKERS]
        a_round += [("pause", [dice.choice(BROKERS)], dice.uniform(REQUEST_TIMEOUT_MS / 1000 + 1, 10)) for _ in range(2)]
        a_round += [("kill", dice.sample(BROKERS, 2), dice.uniform(0.5, 5)), ("kill", BROKERS, dice.uniform(0.1, 3))]
        dice.shuffle(a_round)
        for fault in a_round:
            yield fault
            for _ in range(dice.randint(1, 3)):
                yield "move", [dice.choice(sorted(PRODUCERS)), dice.randrange(PARTITIONS)], dice.uniform(0.1, 1)


def network_faults(seed):
    """(verb, broker, amount, seconds until the next), in bursts, with quiet between them."""
    dice = random.Random(f"network {seed}")
    while True:
        verb = dice.choice(["cut", "reset", "mid-response", "stall-up", "stall-down", "slow", "refuse"])
        amount = {"mid-response": dice.randint(0, 60), "slow": dice.uniform(0.02, 0.3),
                  "refuse": dice.uniform(0.2, 2)}.get(verb, dice.uniform(0.5, REQUEST_TIMEOUT_MS / 1000 + 3))
        quiet = dice.random() < 0.15
        yield verb, dice.choice(BROKERS), amount, dice.uniform(15, 30) if quiet else dice.uniform(0.3, 3)


class Watcher:
    """Asks the brokers for the leaders, on their direct listeners, and notes when a new one is seen first."""

    def __init__(self, cluster, topics):
        self.cluster, self.topics = cluster, topics
        self.leaders, self.changes = {}, []  # (topic, partition) -> (epoch, leader, since); (when, key, from, to)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def stop(self):
        self.ended.set()
        self.thread.join()

    def _watch(self):
        connections = {}
        while not self.ended.wait(0.03):
            for broker in BROKERS:
                try:
                    if broker not in connections:
                        port = self.cluster.state["brokers"][broker]["port"]
                        connections[broker] = socket.create_connection(("127.0.0.1", port), timeout=0.3)
                    self._ask(connections[broker])
                except (OSError, struct.error):
                    if connection := connections.pop(broker, None):
                        connection.close()

    def _ask(self, connection):
        names = b"".join(struct.pack(">h", len(name)) + name.encode() for name in self.topics)
        body = struct.pack(">hhih5si", 3, 7, 7, 5, b"chaos", len(self.topics)) + names + b"\0"
        connection.sendall(struct.pack(">i", len(body)) + body)
        stream = connection.makefile("rb")
        reply = Reader(stream.read(struct.unpack(">i", stream.read(4))[0]))
        now = time.monotonic()
        reply.take(8)
        for _ in range(reply.number("i")):
            reply.take(4), reply.string(), reply.take(4), reply.string()
        reply.string(), reply.take(4)
        for _ in range(reply.number("i")):
            reply.take(2)
            topic = reply.string()
            reply.take(1)
            for _ in range(reply.number("i")):
                _error, partition, leader, epoch = (reply.number(code) for code in "hiii")
                for _ in range(3):
                    reply.take(4 * reply.number("i"))
                self._note(now, (topic, partition), leader, epoch)

    def _note(self, now, key, leader, epoch):
        known = self.leaders.get(key)
        if leader < 0 or known and epoch <= known[0]:
            return
        if known and known[1] != leader:
            self.changes.append((now, key, known[1], leader))
        self.leaders[key] = (epoch, leader)


class Chaos:
    def __init__(self, bench, seed):
        self.bench, self.seed = bench, seed
        loop = Loop()
        self.proxies = {broker: Proxy(loop) for broker in BROKERS}
        begin = time.monotonic()
        self.cluster = bench.cluster = Cluster.start("4", 3, bench.dir / "kafka-chaos", die_with_caller=True,
                                                     proxy_ports=[proxy.port for proxy in self.proxies.values()])
        for broker, proxy in self.proxies.items():
            proxy.target = self.cluster.state["brokers"][broker]["client_port"]
        bench.tool = Tool(self.cluster)
        self.bootstrap = ",".join(f"127.0.0.1:{proxy.port}" for proxy in self.proxies.values())
        self.begin = time.monotonic()
        print(f"# {bench.library.name}, Kafka {self.cluster.state['version']}, 3 brokers behind proxies, ready in "
              f"{self.begin - begin:.1f} s, seed {seed}", flush=True)
        self.done = {}      # fault -> how often
        self.broker_log = []   # (when, "killed" or "paused", brokers)
        self.move_log = []     # (begin, end, (topic, partition))
        self.network_log = []  # (begin, end)

    def say(self, text):
        print(f"{time.monotonic() - self.begin:7.1f} s  {text}", flush=True)

    def count(self, what, number=1):
        self.done[what] = self.done.get(what, 0) + number

    # ---- faults ----

    def hurt_brokers(self, until):
        for verb, what, seconds in broker_faults(self.seed):
            if time.monotonic() + seconds > until:
                return
            self.say(f"{verb} {' '.join(map(str, what))} ({seconds:.1f} s)")
            if verb == "move":
                self._move(*what)
                time.sleep(seconds)
                continue
            past = {"kill": "killed", "pause": "paused"}[verb] + (" with others" if len(what) > 1 else "")
            self.broker_log.append((time.monotonic(), past, set(map(int, what))))
            for broker in what:
                (self.cluster.kill9 if verb == "kill" else self.cluster.pause)(broker)
            time.sleep(seconds)
            if verb == "kill":
                self.cluster.restart(*what)
            else:
                self.cluster.resume(*what)
            self.count({"kill": "kills", "pause": "pauses"}[verb], len(what))
            self.count("restarts of all", len(what) == len(BROKERS))
            self._wait_isr()

    def _wait_isr(self):
        """Admin calls may fail while brokers come and go. A broker that was paused is found missing a moment later."""
        time.sleep(1)
        deadline = time.monotonic() + SETTLE_S
        for topic in PRODUCERS:
            while True:
                try:
                    self.bench.tool.run("wait-isr", topic, 3)
                    break
                except Failure:
                    if time.monotonic() > deadline:
                        raise

    def _move(self, topic, partition):
        leader, begin = self.watcher.leaders.get((topic, partition), (0, 1))[1], time.monotonic()
        try:
            self.bench.tool.run("move-leader", topic, partition, leader % 3 + 1)
            self.count("moves")
        except Failure as failure:  # the brokers' doing
            self.say(f"not moved: {failure}")
        self.move_log.append((begin, time.monotonic() + 0.2, (topic, partition)))

    def hurt_network(self, stop):
        for verb, broker, amount, pause_s in network_faults(self.seed):
            proxy, begin = self.proxies[broker], time.monotonic()
            if verb in ("cut", "reset"):
                amount = 0
                proxy.cut(verb == "reset")
            elif verb == "refuse":
                proxy.refuse(amount)
            elif verb == "mid-response":
                proxy.cut_in_response(amount)
                amount = 1
            elif verb == "slow":
                proxy.slow_down(amount)
                amount = pause_s = min(pause_s, 5)
            else:
                proxy.stall(verb[6:], amount)
            self.count("network: " + verb)
            self.network_log.append((begin, begin + amount))
            ended = stop.wait(pause_s)
            proxy.slow_down(0)
            if ended:
                return

    # ---- a run ----

    def produce(self, minutes, rate):
        until = self.bench.dir / "until"
        for topic in PRODUCERS:
            self.bench.create(topic, PARTITIONS)
        self.watcher = Watcher(self.cluster, list(PRODUCERS))
        stop = threading.Event()
        network = threading.Thread(target=self.hurt_network, args=(stop,), daemon=True)
        programs = {topic: self.bench.spawn("load", "-t", topic, "-n", 30_000_000, "-r", rate, "-u", until, "-a",
                                            self.bench.dir / f"{topic}.reports", *COMMON, *options, bootstrap=self.bootstrap)
                    for topic, options in PRODUCERS.items()}
        try:
            time.sleep(3)
            network.start()
            self.hurt_brokers(self.begin + minutes * 60)
        finally:
            stop.set()
            until.touch()
        network.join()
        self.count("connections cut", sum(proxy.cuts for proxy in self.proxies.values()))
        results = {topic: result_of(self.bench.finish(program)) for topic, program in programs.items()}
        self.watcher.stop()
        self.say("produced; reading back")
        return results

    def judge(self, results):
        wrong = []
        for topic, result in results.items():
            line = self.bench.tool.run("verify", topic, self.bench.dir / f"{topic}.reports")[-1]
            seen = {name: int(value) for name, value in (pair.split("=") for pair in line.split())}
            errors = ", ".join(f"{name} {count:.0f}" for name, count in result.items() if name.isupper())
            produced, delivered = int(result["produced"]), int(result["delivered"])
            print(f"{topic:11} {produced} produced, {delivered} delivered, {produced - delivered} failed ({errors or 'none'}); "
                  f"{seen['records']} records, lost {seen['missing']}, duplicated {seen['duplicates']}, out of order "
                  f"{seen['out_of_order']}, wrong offsets {seen['misplaced']}; not persisted {seen['not_persisted']} "
                  f"(of them present {seen['ghosts']}), possibly {seen['possibly']}")
            must = dict.fromkeys(["gaps", "bad_content", "out_of_order", "missing", "misplaced", "ghosts"], 0)
            refused = int(result.get(REFUSED, 0)) if topic != "acks-all" else 0
            must["acked"] = produced - refused if topic in PATIENT else delivered
            if topic in PATIENT:
                must |= {"not_persisted": 0, "possibly": refused}
                self.show_refused(topic)
            if topic != "acks-all":
                must["duplicates"] = 0
            wrong += [f"{topic}: {name}={seen[name]}, wanted {value}" for name, value in must.items()
                      if seen[name] != value]
            if not delivered:
                wrong.append(f"{topic}: nothing was delivered")
        return wrong

    def show_refused(self, topic):
        """The refused messages beside what the brokers logged about it, to judge by."""
        reports = (self.bench.dir / f"{topic}.reports").read_text().splitlines()
        logs = [line for broker in BROKERS for line in
                (self.cluster.broker_dir(broker) / "server.log").read_text(errors="replace").splitlines()
                if f" {topic}-" in line and "Out of order sequence" in line]
        refused = [line for line in reports if line[0] != "A"]
        for line in refused[:5] + (logs[:10] if refused else []):
            print(f"    {line[:250]}")

    def report_times(self):
        """Delivery reports' times, sorted, for each (topic, partition)."""
        times = {}
        for topic in PRODUCERS:
            with open(self.bench.dir / f"{topic}.reports") as lines:
                for line in lines:
                    if line[0] == "A":
                        words = line.split()
                        times.setdefault((topic, int(words[3])), []).append(float(words[5]))
        return times

    def cause(self, seen, key, old):
        if any(begin <= seen <= end and key == moved for begin, end, moved in self.move_log):
            return "moved"
        faults = [verb for when, verb, brokers in self.broker_log if when <= seen < when + 30 and old in brokers]
        return faults[-1] if faults else "lost otherwise"

    def recovery(self):
        """For each change of a leader that the brokers told of (asked every 30 ms and more): how long until the partition's
        next delivery report, and how long it had none in all. Both clocks are CLOCK_MONOTONIC. `quiet`: with no network
        fault from 2 s before until that report."""
        times, groups = self.report_times(), {}
        for seen, key, old, _new in self.watcher.changes:
            reports = times.get(key, [])
            at = bisect.bisect_right(reports, seen)
            if not 0 < at < len(reports):
                continue
            last, first = reports[at - 1], reports[at]
            noisy = any(begin <= first and seen - 2 <= end for begin, end in self.network_log)
            cause = self.cause(seen, key, old)
            for name in [cause] if noisy else [cause, cause + ", quiet"]:
                groups.setdefault(name, []).append((first - seen, first - last))
        for name, pairs in sorted(groups.items()):
            after, silent = (sorted(round(1000 * pair[i]) for pair in pairs) for i in (0, 1))
            print(f"leader {name}: {len(pairs)} partitions; new leader to next report: median {statistics.median(after):.0f} "
                  f"ms, p90 {after[len(after) * 9 // 10]} ms, max {after[-1]} ms; without any report: median "
                  f"{statistics.median(silent):.0f} ms, max {silent[-1]} ms")


def option(args, name, default):
    if name not in args:
        return default
    at = args.index(name)
    value = args[at + 1]
    del args[at:at + 2]
    return int(value)


def main(args):
    seed, rate = option(args, "--seed", 1), option(args, "--rate", 2000)
    minutes, libdir = float(args[0]), pathlib.Path(args[1] if len(args) > 1 else ROOT / "target" / "quick")
    bench = Bench(libdir, False)
    bench.watchdog_s = int(minutes * 60) + 600
    wrong = ["did not end"]
    try:
        chaos = Chaos(bench, seed)
        results = chaos.produce(minutes, rate)
        wrong = chaos.judge(results)
        chaos.recovery()
        print("faults: " + ", ".join(f"{what} {count}" for what, count in sorted(chaos.done.items())))
    finally:
        bench.stop()
        if wrong:
            print(f"# logs in {bench.dir}")
        else:
            bench.remove()
    for line in wrong:
        print(f"FAILED {line}")
    print(f"chaos: {'FAILED' if wrong else 'passed'}, seed {seed}, {minutes:g} min")
    return bool(wrong)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(f"chaos.py: {failure}")
