"""One run of one contender, and all runs of a case in turn."""
import re

from harness import sinks
from harness.build import OUT
from harness.progress import progress
from harness.sinks import RunFailed

INSTRUCTION_COUNTS = (20000, 60000)
# The start of a run at a rate is not steady yet.
RATE_SECONDS_MIN = 2
KAFKA_WARM_UP = (["-d", "8", "-P", "1"], ["-d", "8", "-P", "1", "-l", "0", "-r", "5000"])


def open_sink(options, case):
    if options.brokers:
        return sinks.GivenCluster(options.brokers)
    if case.sink_kind == "kafka":
        return sinks.KafkaSink(case)
    return sinks.MockSink(options.sink_program, case)


def with_sink(options, case, contender, args, **more):
    sink = open_sink(options, case)
    try:
        result = contender.run(args, sink, **more)
    finally:
        counters = sink.close()
    sinks.check(result, counters)
    return result


def instructions(options, case, contender, label):
    """The differences of two counts: start and end cancel out. The program's thread produces and serves reports."""
    totals = []
    for count in INSTRUCTION_COUNTS:
        profile = OUT / f"callgrind.{label}.{count}"
        for old in OUT.glob(f"{profile.name}*"):
            old.unlink()
        wrapper = ["valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={profile}"]
        result = with_sink(options, case, contender, [*case.args, "-n", str(count)], wrapper=wrapper)
        found = {path.name[-2:]: sum(map(int, re.findall(r"^totals: (\d+)", path.read_text(), re.M)))
                 for path in OUT.glob(f"{profile.name}-*")}
        if not found.get("01"):
            raise RunFailed("callgrind left no profile")
        totals.append((found["01"], sum(found.values()) - found["01"]))
    more = INSTRUCTION_COUNTS[1] - INSTRUCTION_COUNTS[0]
    app, others = ((after - before) / more for before, after in zip(*totals))
    result |= {"instructions_per_msg": app + others, "instructions_app_thread": app,
               "instructions_other_threads": others}
    return result


def failover(result):
    """From the sink's new leader to the first records that it took."""
    new_leader_us, first_append_us = (result["sink"].get(f"{what}_unix_us") for what in ("new_leader", "first_append"))
    if not new_leader_us or not first_append_us:
        raise RunFailed("the leader did not change, or got nothing")
    return result | {"failover_us": first_append_us - new_leader_us}


def seconds(options, case):
    return max(options.seconds, RATE_SECONDS_MIN) if "-r" in case.args else options.seconds


def warm_up_kafka(options, case, contender):
    """A new broker is slow until its code is compiled: that is nobody's figure."""
    for args in KAFKA_WARM_UP:
        with_sink(options, case, contender, args)


def run_once(options, case, contender, label):
    if case.kind == "instructions":
        return instructions(options, case, contender, label)
    args = list(case.args)
    if case.ends == "seconds":
        args += ["-d", str(seconds(options, case))]
    if case.kind == "down":
        return contender.run([*args, "-b", "127.0.0.1:1", "-X", "log_level=0"], None)
    preload = OUT / "allocations.so" if case.kind == "allocations" else None
    result = with_sink(options, case, contender, args, preload=preload)
    return failover(result) if case.kind == "failover" else result


def plan(options, case, contenders):
    """Which contender runs in which round: the libraries in each, peers only in the first few."""
    rounds = 1 if case.kind == "instructions" else options.pairs
    if case.growth:
        rounds = min(rounds, options.growth_pairs)
    chosen = [(label, c) for label, c in contenders.items() if c.runs(case)]
    return [(number, label) for number in range(rounds) for label, _ in chosen
            if label in "ab" or number < options.peer_pairs]


def guess_s(options, case, contender):
    """About how long a run takes, until it is known better."""
    if case.kind == "instructions":
        return 12.0
    sink_s = 2.0 if case.sink_kind == "kafka" else 0.2
    run_s = seconds(options, case) if case.ends == "seconds" else 4 if case.kind == "failover" else 1
    return sink_s + contender.start_s + run_s


def run_case(options, case, contenders, estimate):
    """The contenders in turn; returns {label: [result or None], ..., "errors": [...]}."""
    runs = {label: [] for label, contender in contenders.items() if contender.runs(case)}
    errors = []
    if case.sink_kind == "kafka" and not sinks.KafkaSink.cluster:
        progress("starting Kafka, and warming it up")
        warm_up_kafka(options, case, contenders["a"])
    for number, label in plan(options, case, contenders):
        contender = contenders[label]
        estimate.begin(f"{case.name}: round {number + 1}, {contender.title}")
        try:
            runs[label].append(run_once(options, case, contender, label))
        except RunFailed as error:
            runs[label].append(None)
            errors.append(f"{case.name}, round {number + 1}, {contender.title}: {error}")
        estimate.end(guess_s(options, case, contender))
    return {**runs, "errors": errors}
