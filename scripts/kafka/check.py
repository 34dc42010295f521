#!/usr/bin/env python3
"""Produces to real Apache Kafka through a librdkafka.so.1 and reads back with Kafka's own consumer.

  check.py [short|full] [LIBDIR] [--only NAME,...] [--list]

LIBDIR holds the library under test (librdkafka.so.1 or librdkafka.so; default target/debug). The same scenarios run on
librdkafka itself: what only ours promises is skipped there. One line per scenario, then `N passed, M failed`; exit code 1
when one failed. `short` uses smaller counts. WRAP="valgrind -q --error-exitcode=9" runs each test program under it.
The clusters that a run started are stopped however it ends. Needs cc, java and mvn.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from fault_broker import FAULTS, FaultBroker, RejectingBroker, STAGES
from kafka import CACHE, Cluster, Failure, ROOT, Tool

SOURCES = ROOT / "tests" / "kafka"
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
CFLAGS = ["-O2", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"]
PROGRAM_TIMEOUT_S = 240


class Skip(Exception):
    """The scenario is about something that this library doesn't promise."""


class Bench:
    """The library under test, the compiled programs and, while a cluster runs, its tool."""

    def __init__(self, libdir, full):
        self.full = full
        self.dir = CACHE / f"run-{os.getpid()}"
        self.cluster = self.tool = None
        self.version = "?"
        self.wrap = os.environ.get("WRAP", "").split()
        self.processes = []
        self.watchdog_s = 300  # a program that runs for longer ends itself
        found = [p for p in (libdir / "librdkafka.so.1", libdir / "librdkafka.so") if p.exists()]
        if not found:
            raise Failure(f"no librdkafka.so.1 or librdkafka.so in {libdir}")
        self.library = found[0].resolve()
        for old in CACHE.glob("run-*"):  # logs of a failed run stay until the next one
            if not pathlib.Path("/proc", old.name[4:]).exists():
                shutil.rmtree(old, ignore_errors=True)
        (self.dir / "lib").mkdir(parents=True)
        for name in {"librdkafka.so.1", self.library.name}:  # a Python wheel's library has its file name as its SONAME
            (self.dir / "lib" / name).symlink_to(self.library)
        self._compile()

    def _compile(self):
        """With the project's header for a library built here, else with the installed one; HEADERS=DIR chooses another."""
        if not shutil.which(os.environ.get("CC", "cc")):
            raise Failure("missing: cc (apt-get install gcc)")
        headers = os.environ.get("HEADERS") or (ROOT / "include" if self.library.is_relative_to(ROOT) else None)
        for source in SOURCES.glob("*.c"):
            run = subprocess.run([os.environ.get("CC", "cc"), *CFLAGS, *([f"-I{headers}"] if headers else []), "-o",
                                  self.dir / source.stem, source, f"-L{self.dir}/lib", "-l:librdkafka.so.1"],
                                 text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if run.returncode != 0:
                self.remove()
                errors = [line for line in run.stdout.splitlines() if "error" in line or "undefined" in line]
                raise Failure(f"{source.name} does not compile: {(errors or [run.stdout])[0]}")

    @property
    def is_ours(self):
        return "oxide" in self.version

    def environment(self, bootstrap):
        return {**os.environ, "BOOTSTRAP": bootstrap, "LD_LIBRARY_PATH": str(self.dir / "lib"),
                "EXPECT_LIBRARY": str(self.library), "WATCHDOG_S": str(self.watchdog_s)}

    def spawn(self, *command, bootstrap=None):
        environment = self.environment(bootstrap or self.cluster.bootstrap)
        program = subprocess.Popen([*self.wrap, self.dir / command[0], *map(str, command[1:])], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
        self.processes.append(program)
        return program

    def finish(self, program):
        """Its output, Failure unless it exits with 0; the first FAIL line says why."""
        name = program.args[len(self.wrap)].name
        try:
            output, _ = program.communicate(timeout=PROGRAM_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            program.kill()
            output = program.communicate()[0]
            raise Failure(f"{name} hangs, last: {output[-300:]}")
        with open(self.dir / "programs.log", "a") as log:
            log.write(f"$ {' '.join(map(str, program.args))}\n{output}exit {program.returncode}\n")
        if library := re.search(r"^library \S+ version (.*)$", output, re.M):
            self.version = library[1]
        if program.returncode != 0:
            failed = [line for line in output.splitlines() if line.startswith("FAIL")] or [output[-300:]]
            raise Failure(f"{name} exits with {program.returncode}: {'; '.join(failed)}")
        return output

    def run(self, *command, bootstrap=None):
        return self.finish(self.spawn(*command, bootstrap=bootstrap))

    def start(self, version, brokers):
        begin = time.monotonic()
        self.cluster = Cluster.start(version, brokers, self.dir / f"kafka-{version}", die_with_caller=True)
        self.tool = Tool(self.cluster)
        print(f"# Kafka {self.cluster.state['version']}, {brokers} brokers, ready in {time.monotonic() - begin:.1f} s",
              flush=True)

    def stop(self):
        for program in self.processes:
            if program.poll() is None:
                program.kill()
                program.wait()
        if self.tool:
            self.tool.close()
        if self.cluster:
            self.cluster.stop()
            for data in self.cluster.directory.glob("broker-*/data"):
                shutil.rmtree(data)
        self.cluster = self.tool = None

    def remove(self):
        shutil.rmtree(self.dir)

    # ---- steps that scenarios share ----

    def create(self, topic, partitions, *settings):
        self.tool.run("create", topic, partitions, len(self.cluster.state["brokers"]), *settings)

    def ordered(self):
        """Ours keeps the order over retries by itself; librdkafka only when idempotent, not even with max.in.flight=1."""
        return [] if self.is_ours else ["-X", "enable.idempotence=true"]

    def load(self, topic, count, *options):
        return self.spawn("load", "-t", topic, "-n", count, "-a", self.dir / f"{topic}.reports", *options)

    def verify(self, topic, **wanted):
        """Counts from ReadBack's `verify`; all that hints at loss, disorder or damage must be 0."""
        line = self.tool.run("verify", topic, self.dir / f"{topic}.reports")[-1]
        counts = {name: int(value) for name, value in (pair.split("=") for pair in line.split())}
        must = {"gaps": 0, "bad_content": 0, "out_of_order": 0, "missing": 0, "misplaced": 0, "ghosts": 0, **wanted}
        wrong = [f"{name}={counts[name]} (wanted {value})" for name, value in must.items() if counts[name] != value]
        if wrong:
            raise Failure(f"read back: {', '.join(wrong)} of {line}")
        if counts["acked"] == 0:
            raise Failure("nothing was acknowledged")
        return counts


def result_of(output):
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", re.search(r"^result (.*)$", output, re.M)[1])}


def codecs_in_log(cluster, topic):
    """Codecs of the batches that the brokers stored, from the attributes of each RecordBatch header."""
    used = set()
    for log in cluster.directory.glob(f"broker-*/data/{topic}-*/*.log"):
        data, at = log.read_bytes(), 0
        while at + 23 <= len(data):
            size, _epoch, magic, _crc, attributes = struct.unpack_from(">iibih", data, at + 8)
            if size <= 0:
                break
            if magic != 2:
                raise Failure(f"batch with magic {magic} in {log.name}")
            used.add(CODECS[attributes & 7])
            at += 12 + size
    return used


# ---- scenarios: each returns what it saw, raises Failure or Skip ----

def codecs(bench):
    """Every shape of record through every codec, and nothing else than that codec in the brokers' logs."""
    total = 0
    for codec in CODECS:
        topic = f"codec-{codec}"
        bench.create(topic, 12)
        bench.run("roundtrip", topic, 12, bench.dir / f"{topic}.expected", f"compression.codec={codec}")
        bench.tool.run("dump", topic, bench.dir / f"{topic}.read")
        expected, read = (sorted((bench.dir / f"{topic}.{end}").read_text().splitlines()) for end in ("expected", "read"))
        if expected != read:
            differing = set(expected) ^ set(read)
            raise Failure(f"{codec}: {len(differing)} lines differ, like {sorted(differing)[0][:200]}")
        used = codecs_in_log(bench.cluster, topic)
        if codec not in used or used - {codec, "none"}:
            raise Failure(f"asked for {codec}, the brokers hold {sorted(used)}")
        total += len(read)
    return f"{total} records equal"


def partitioner(bench):
    """The same partition as Java's producer for keys of every length."""
    for name in ("murmur2", "murmur2_random"):
        topic = f"partitioner-{name}"
        bench.create(topic, 12)
        bench.run("partitions", topic, 20000, f"partitioner={name}")
        line = bench.tool.run("check-partitioner", topic)[-1]
        same, different = map(int, re.findall(r"\d+", line))
        # The random variant spreads empty keys as it likes; Java hashes them.
        allowed = 20000 // 71 + 1 if name == "murmur2_random" else 0
        if same + different != 20000 or different > allowed:
            raise Failure(f"{name}: {line}")
    return "40000 keys"


def auto_topic(bench):
    bench.finish(bench.load("auto-created", 100000, "-T", 2))
    counts = bench.verify("auto-created", records=100000, partitions=4, duplicates=0)
    return f"{counts['records']} records in {counts['partitions']} partitions"


def while_loading(bench, topic, count, options, action, pause_s=1.5):
    """Runs `action` while `load` produces; then lets it end and returns its result and what was read back."""
    until = bench.dir / f"{topic}.until"
    program = bench.load(topic, count, "-u", until, *options)
    try:
        time.sleep(pause_s)
        action()
        time.sleep(pause_s)
    finally:
        until.touch()
    return result_of(bench.finish(program))


def partitions_added(bench):
    bench.create("growing", 2)
    result = while_loading(bench, "growing", 10**6, ["-r", 5000, "-X", "topic.metadata.refresh.interval.ms=500"],
                           lambda: bench.tool.run("alter-partitions", "growing", 6), 2.5)
    counts = bench.verify("growing", records=int(result["produced"]), partitions=6, duplicates=0)
    new = [int(line.split()[2]) for line in bench.tool.run("offsets", "growing")][2:]
    if min(new) == 0:
        raise Failure(f"a new partition got nothing: {new}")
    return f"{counts['records']} records, {sum(new)} in the new partitions"


def leader_moved(bench):
    bench.create("moving", 3)
    moves = 9 if bench.full else 3

    def move():
        for i in range(moves):
            leader = int(re.search(r"leader=(\d+)", bench.tool.run("describe", "moving")[i % 3])[1])
            bench.tool.run("move-leader", "moving", i % 3, leader % 3 + 1)
    result = while_loading(bench, "moving", 10**6, ["-r", 8000, "-p", 3, *bench.ordered()], move)
    counts = bench.verify("moving", acked=int(result["produced"]))
    return f"{moves} moves, {counts['records']} records, {counts['duplicates']} duplicates"


def broker_killed(bench):
    bench.create("killed", 6)
    rounds = ["2", "1", "3"] if bench.full else ["2"]

    def kill():
        for broker in rounds:
            bench.cluster.kill9(broker)
            time.sleep(2)
            bench.cluster.restart(broker)
            bench.tool.run("wait-isr", "killed", 3)
    result = while_loading(bench, "killed", 10**7, ["-T", 2, "-r", 8000, "-p", 6, "-X", "acks=all", *bench.ordered()], kill)
    counts = bench.verify("killed", acked=int(result["produced"]))
    return (f"{len(rounds)} kill -9, {counts['records']} records, {counts['duplicates']} duplicates, "
            f"{result['error_callbacks']:.0f} error callbacks")


def broker_paused(bench):
    """SIGSTOP: connections stay open and nothing answers. Some messages may time out; those that were acknowledged exist."""
    bench.create("paused", 6)

    def pause():
        bench.cluster.pause("3")
        time.sleep(9)
        bench.cluster.resume("3")
        bench.tool.run("wait-isr", "paused", 3)
    options = ["-r", 3000, "-p", 6, "-f", "-X", "acks=all", "-X", "request.timeout.ms=3000", "-X", "socket.timeout.ms=4000",
               "-X", "message.timeout.ms=6000", *bench.ordered()]
    result = while_loading(bench, "paused", 10**7, options, pause)
    counts = bench.verify("paused", acked=int(result["delivered"]))
    return f"{counts['acked']} delivered, {result['failed']:.0f} timed out, {counts['duplicates']} duplicates"


# Many small batches, so that five of a partition are in flight most of the time.
IDEMPOTENT = ["-T", 2, "-r", 20000, "-p", 6, "-X", "enable.idempotence=true", "-X", "linger.ms=1", "-X", "batch.num.messages=20"]


def idempotent_killed(bench):
    """With idempotence nothing is lost, doubled or out of order, whoever dies and whoever leads."""
    bench.create("idempotent", 6)
    rounds = ["2", "1", "3"] if bench.full else ["2"]

    def kill():
        for partition, broker in enumerate(rounds):
            bench.tool.run("move-leader", "idempotent", partition, broker)
            bench.cluster.kill9(broker)
            time.sleep(2)
            bench.cluster.restart(broker)
            bench.tool.run("wait-isr", "idempotent", 3)
    result = while_loading(bench, "idempotent", 10**7, IDEMPOTENT, kill)
    produced = int(result["produced"])
    bench.verify("idempotent", records=produced, acked=produced, duplicates=0)
    return f"{len(rounds)} kill -9, {produced} records"


def idempotent_restarted(bench):
    """The only broker is killed and comes back."""
    bench.create("restarted", 6)

    def kill():
        bench.cluster.kill9("1")
        time.sleep(1)
        bench.cluster.restart("1")
    produced = int(while_loading(bench, "restarted", 10**7, IDEMPOTENT, kill)["produced"])
    bench.verify("restarted", records=produced, acked=produced, duplicates=0)
    return f"{produced} records"


def idempotent_paused(bench):
    """As `broker_paused`: messages time out while nobody knows whether they were written. None is written twice all the same."""
    bench.create("idempotent-paused", 6)

    def pause():
        bench.cluster.pause("3")
        time.sleep(9)
        bench.cluster.resume("3")
        bench.tool.run("wait-isr", "idempotent-paused", 3)
    options = [*IDEMPOTENT, "-f", "-X", "request.timeout.ms=3000", "-X", "socket.timeout.ms=4000",
               "-X", "message.timeout.ms=6000"]
    result = while_loading(bench, "idempotent-paused", 10**7, options, pause)
    counts = bench.verify("idempotent-paused", acked=int(result["delivered"]), duplicates=0)
    return f"{counts['acked']} delivered, {result['failed']:.0f} timed out"


def many(bench):
    """Exactly one report for each message, with the queue full on the way, and all of them there in order."""
    count = 2_000_000 if bench.full else 300_000
    bench.create("many", 12)
    output = bench.finish(bench.load("many", count - count % 3, "-T", 3, "-q", "-X", "queue.buffering.max.messages=50000"))
    counts = bench.verify("many", records=count - count % 3, duplicates=0, acked=count - count % 3)
    result = result_of(output)
    return f"{counts['records']} records, queue full {result['queue_full']:.0f} times, {result['rate']:.0f} messages/s"


def batch_split(bench):
    if not bench.is_ours:
        raise Skip("librdkafka fails such batches")
    bench.create("split", 2, "max.message.bytes=20000")
    bench.finish(bench.load("split", 20000, "-p", 2, "-X", "linger.ms=50", "-X", "batch.size=500000"))
    counts = bench.verify("split", records=20000, duplicates=0, acked=20000)
    return f"{counts['records']} records under the broker's limit"


def retry_order(bench):
    """Batches that a broker rejects or loses are sent again, before those behind them. librdkafka sends the one behind even
    with max.in.flight=1 (2.0 and 2.16), so there only one message is queued at a time."""
    count, single = (20000, []) if bench.is_ours else (1000, ["-X", "queue.buffering.max.messages=1"])
    total = {"rejected": 0, "hung_up": 0, "duplicates": 0}
    for seed in range(1, 6 if bench.full else 3):
        broker = RejectingBroker(seed)
        reports = bench.dir / f"retry-{seed}.reports"
        try:
            bench.run("load", "-t", "retry", "-n", count, "-p", 1, "-a", reports, "-X", "batch.num.messages=50", "-X",
                      "linger.ms=1", "-X", "retry.backoff.ms=5", "-X", "reconnect.backoff.ms=10", "-X",
                      "reconnect.backoff.max.ms=50", *single, bootstrap=broker.bootstrap)
        finally:
            broker.close()
        stored = [int(value.split(b" ")[0][4:]) for value in broker.values]
        first = list(dict.fromkeys(stored))
        for line in reports.read_text().splitlines():
            seq, offset = line.split()[2], int(line.split()[4])
            if stored[offset] != int(seq):
                raise Failure(f"seed {seed}: message {seq} was reported at offset {offset}, there is {stored[offset]}")
        if first != list(range(count)):
            at = next((i for i, seq in enumerate(first) if i != seq), len(first))
            raise Failure(f"seed {seed}: out of order or missing at offset {at}: {first[max(0, at - 2):at + 3]}")
        for name, value in (("rejected", broker.rejected), ("hung_up", broker.hung_up), ("duplicates", len(stored) - count)):
            total[name] += value
    return f"{total['rejected']} rejected, {total['hung_up']} connections lost, {total['duplicates']} duplicates"


def errors(bench):
    bench.create("errors", 4)
    bench.create("errors-small", 1, "max.message.bytes=20000")
    output = bench.run("errors", "errors", "errors-small")
    return f"{output.count('PASS ')} checks"


def fault_cases():
    """(stage, fault, outcome, error callbacks, times). For always: what librdkafka 2.0 and 2.16 both do. (2.0 also calls back
    with _TRANSPORT for each disconnect and with _TIMED_OUT for a request; 2.16 doesn't.)"""
    for stage in STAGES:
        for fault in FAULTS:
            if stage == "connect" and fault in ("random-body", "huge-count", "wrong-correlation", "truncated"):
                continue
            unusable = fault in ("garbage", "huge-length", "negative-length")
            refused = stage == "produce" and (unusable or fault in ("random-body", "huge-count", "truncated"))
            callbacks = "-"
            if unusable:
                callbacks = "_BAD_MSG,_ALL_BROKERS_DOWN"
            elif fault in ("close", "reset", "close-mid-response"):
                callbacks = "_ALL_BROKERS_DOWN"
            yield stage, fault, "refused" if refused else "timeout", callbacks, 1 << 30
    for stage in ("connect", "apiversions", "metadata", "produce"):
        for fault in ("close", "reset", "close-mid-response"):
            yield stage, fault, "delivered", "-", 2


def faults(bench):
    """Brokers that never answer, close mid-response, or answer nonsense, at every stage; all at the same time."""
    def one(case):
        stage, fault, outcome, callbacks, times = case
        broker = FaultBroker(stage, fault, times)
        try:
            bench.run("faults", outcome, 20, callbacks, bootstrap=broker.bootstrap)
            return None if broker.faults_done else f"{stage} {fault}: the fault never happened"
        except Failure as failure:
            return f"{stage} {fault} {outcome}: {failure}"
        finally:
            broker.close()
    cases = list(fault_cases())
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        wrong = [line for line in pool.map(one, cases) if line]
    if wrong:
        raise Failure(f"{len(wrong)} of {len(cases)} cases: " + "\n    ".join(wrong))
    return f"{len(cases)} cases"


def smoke(bench):
    bench.create("smoke", 4)
    bench.finish(bench.load("smoke", 50000, "-T", 2, "-q", "-X", "queue.buffering.max.messages=5000"))
    return f"{bench.verify('smoke', records=50000, duplicates=0)['records']} records"


def statistics(bench):
    """The numbers of the statistics are those of what the brokers hold, plain and idempotent."""
    count = 20000
    for idempotent in (False, True):
        topic = f"statistics-{'idempotent' if idempotent else 'plain'}"
        bench.create(topic, 4)
        output = bench.run("statistics", topic, count, f"enable.idempotence={str(idempotent).lower()}", "compression.codec=lz4")
        reports = [json.loads(line) for line in re.findall(r"^statistics (.*)$", output, re.M)]
        last, partitions = reports[-1], reports[-1]["topics"][topic]["partitions"]
        sums = {window: sum(b[window]["cnt"] for r in reports for b in r["brokers"].values()) for window in ("rtt", "int_latency")}
        held = [int(line.split()[2]) for line in bench.tool.run("offsets", topic)]
        wrong = [name for name, ok in {
            "txmsgs": last["txmsgs"] == count and [partitions[str(i)]["txmsgs"] for i in range(4)] == held,
            "txmsg_bytes": last["txmsg_bytes"] == count * 14,
            "msg_cnt": last["msg_cnt"] == 0,
            "batchcnt": sum(r["topics"][topic]["batchcnt"]["sum"] for r in reports) == count,
            "int_latency": sums["int_latency"] == count,
            "rtt": 0 < sums["rtt"] <= last["rx"],
            "requests": 0 < sum(b["req"]["Produce"] for b in last["brokers"].values()) <= last["tx"],
            "eos": ("eos" in last) == idempotent and (not idempotent or last["eos"]["idemp_state"] == "Assigned"),
            "acked_msgid": not idempotent or [partitions[str(i)]["acked_msgid"] for i in range(4)] == held,
        }.items() if not ok]
        if wrong:
            raise Failure(f"{topic}: {', '.join(wrong)}; the brokers hold {held}; last report {json.dumps(last)[:2000]}")
    return f"2 x {count} messages"


PLAN = [
    ("4", 3, [codecs, partitioner, auto_topic, partitions_added, leader_moved, broker_killed, broker_paused,
              idempotent_killed, idempotent_paused, many, batch_split,
              retry_order, errors, faults, statistics]),
    ("3.9", 1, [smoke, codecs, partitioner, idempotent_restarted]),
]


def run_scenario(bench, version, scenario, counts):
    begin = time.monotonic()
    try:
        outcome, detail = "ok", scenario(bench)
    except Skip as skip:
        outcome, detail = "skipped", str(skip)
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        outcome, detail = "FAILED", str(failure)
    counts[outcome] = counts.get(outcome, 0) + 1
    print(f"{outcome:7} {version:4} {scenario.__name__:17} {time.monotonic() - begin:6.1f} s  {detail}", flush=True)


def main(args):
    only = None
    if "--only" in args:
        at = args.index("--only")
        only = args[at + 1].split(",")
        del args[at:at + 2]
    if "--list" in args:
        print("\n".join(f"{version} {s.__name__}" for version, _, scenarios in PLAN for s in scenarios))
        return 0
    full = "full" in args
    places = [a for a in args if a not in ("short", "full")]
    bench = Bench(pathlib.Path(places[0] if places else ROOT / "target" / "debug"), full)
    counts = {}
    try:
        try:
            bench.run("load", "-t", "none", "-n", 1, "-f", "-X", "message.timeout.ms=1", bootstrap="127.0.0.1:1")
        except Failure:
            bench.remove()
            raise
        print(f"# library {bench.library} version {bench.version}", flush=True)
        for version, brokers, scenarios in PLAN:
            scenarios = [s for s in scenarios if not only or s.__name__ in only or f"{version}:{s.__name__}" in only]
            if scenarios:
                bench.start(version, brokers)
                for scenario in scenarios:
                    run_scenario(bench, version, scenario, counts)
                bench.stop()
    finally:
        bench.stop()
    failed = counts.get("FAILED", 0)
    if failed:
        print(f"# logs in {bench.dir}")
    else:
        bench.remove()
    skipped = f", {counts['skipped']} skipped" if "skipped" in counts else ""
    print(f"{counts.get('ok', 0)} passed, {failed} failed{skipped}")
    return failed != 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(f"check.py: {failure}")
