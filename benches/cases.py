"""What is measured: each case is a way to run producer.c, a sink for it, and the figures that it is for.

This file has the cases with goals; growth.py those that show how cost grows with one thing.
"""
from dataclasses import dataclass, field, replace

HIGHER, LOWER = "higher", "lower"


@dataclass(frozen=True)
class Figure:
    """A field of a run's result; `goal` is for the ratio of ours to librdkafka."""
    name: str
    better: str
    goal: float | None = None
    unit: str = ""
    scale: float = 1.0


@dataclass(frozen=True)
class Case:
    name: str
    args: list
    figures: list
    brokers: int = 1
    partitions: int = 1
    rtt_ms: int = 0
    # How it ends: "seconds" gets --seconds of the command line, "count" has a count in args.
    ends: str = "seconds"
    # "run", "instructions" (callgrind, two counts), "allocations" (preloaded counter), "down" (no broker listens),
    # "failover" (the sink changes the leader; the time from then to the next report).
    kind: str = "run"
    sink: list = field(default_factory=list)
    # Whether the programs in other languages run it too.
    peers: bool = False
    # "mock" (our own broker) or "kafka".
    sink_kind: str = "mock"
    # In a growth plot: which one, and where on its axis.
    growth: str = ""
    at: float = 0.0


PEER_OPTIONS = {"-P", "-s", "-z", "-l", "-r", "--target", "--keys", "--threads", "--payload"}


def with_peers(case):
    """The same case for peers too; fails if it has an option that they don't know."""
    options = list(zip(case.args[::2], case.args[1::2]))
    unknown = [o for o in options if o[0] not in PEER_OPTIONS and o != ("-X", "enable.idempotence=true")]
    assert not unknown, f"{case.name}: {unknown}"
    return replace(case, peers=True)


def on_kafka(case):
    """The same case with real Kafka as the sink; its goals are for our own sink."""
    figures = [replace(f, goal=None) for f in case.figures if not f.name.startswith("sink_")]
    return replace(case, name=f"kafka-{case.name}", figures=figures, sink_kind="kafka")


def throughput(name, goal, *args, partitions=1, calls=False, cpu_goal=None, **more):
    """As fast as one library takes and delivers; `calls`: also what produce() itself costs."""
    figures = [
        Figure("msgs_per_s", HIGHER, goal, "M/s", 1e-6),
        Figure("cpu_us_per_msg", LOWER, cpu_goal, "us"),
        Figure("peak_rss_kib", LOWER, 0.5, "MB", 1.024e-3),
    ]
    if calls:
        figures += [Figure("produce_p50_ns", LOWER, 0.3, "ns"), Figure("produce_mean_ns", LOWER, 0.3, "ns"),
                    Figure("produce_p99_ns", LOWER, None, "ns"), Figure("library_threads", LOWER, None)]
    return Case(name, ["-P", str(partitions), *args], figures, partitions=partitions, **more)


def codec(name, goal):
    case = throughput(f"1k-{name}", goal, "-s", "1024", "--payload", "log", "--target", "keyless", "-z", name,
                      partitions=12)
    case.figures.append(Figure("sink_bytes_per_msg", LOWER, 1.0, "B"))
    return with_peers(case)


def at_rate(name, rate, linger, figures):
    return with_peers(Case(name, ["-r", str(rate), "-l", str(linger), "-P", "12", "--target", "keyless"], figures,
                           partitions=12))


def failover(name, *sink):
    """A message each millisecond to one partition of three brokers; its leader changes after a second."""
    figures = [Figure("failover_us", LOWER, None, "ms", 1e-3), Figure("silence_us", LOWER, None, "ms", 1e-3)]
    return Case(name, ["-r", "1000", "-l", "0", "-n", "4000"], figures, brokers=3, ends="count", kind="failover",
                sink=["--failover-after-ms", 1000, *sink])


LATENCY = [Figure("latency_p50_us", LOWER, 1.0, "us"), Figure("latency_p99_us", LOWER, 0.8, "us"),
           Figure("latency_p999_us", LOWER, 1.0, "us"), Figure("cpu_us_per_msg", LOWER, None, "us"),
           Figure("library_cpu_us_per_msg", LOWER, None, "us")]
CPU_AT_RATE = [Figure("cpu_us_per_msg", LOWER, 0.5, "us"), Figure("cpu_less_schedule_us_per_msg", LOWER, None, "us"),
               Figure("library_cpu_us_per_msg", LOWER, None, "us"),
               Figure("latency_p50_us", LOWER, None, "us"),
               Figure("latency_p99_us", LOWER, None, "us")]
HELD = ["--held", "-X", "message.timeout.ms=600000", "-X", "queue.buffering.max.messages=2000000",
        "-X", "queue.buffering.max.kbytes=2000000"]
FIRST = [Figure("first_delivery_us", LOWER, 0.7, "us")]
INSTRUCTIONS = [Figure("instructions_per_msg", LOWER, 0.3), Figure("instructions_app_thread", LOWER),
                Figure("instructions_other_threads", LOWER)]
IDLE = [Figure("wakeups_per_s", LOWER, None, "/s"), Figure("library_threads", LOWER, None)]

CASES = [
    with_peers(throughput("100b-1p", 3.0, calls=True, cpu_goal=0.35)),
    with_peers(throughput("100b-12p-keyless", 3.0, "--target", "keyless", partitions=12, calls=True, cpu_goal=0.35)),
    with_peers(throughput("100b-12p-keys", 2.5, "--target", "keys", partitions=12)),
    with_peers(throughput("100b-100p-keys", 2.5, "--target", "keys", partitions=100)),
    with_peers(throughput("100b-12p-4threads", 4.0, "--target", "keyless", "--threads", "4", partitions=12)),
    throughput("100b-12p-poll-each", None, "--target", "keyless", "--poll-every", "1", partitions=12),
    throughput("100b-12p-producev", None, "--target", "keyless", "--producev", partitions=12),
    with_peers(throughput("100b-12p-idempotent", None, "--target", "keyless", "-X", "enable.idempotence=true",
                          partitions=12)),
    throughput("100b-12p-idempotent-2ms", 3.0, "--target", "keyless", "-X", "enable.idempotence=true",
               "-X", "queue.buffering.max.messages=1000000", partitions=12, rtt_ms=2),
    throughput("100b-12p-3brokers", None, "--target", "keyless", partitions=12, brokers=3),
    with_peers(throughput("1k-none", 1.7, "-s", "1024", "--target", "keyless", partitions=12)),
    codec("gzip", 5.0), codec("zstd", 1.7), codec("snappy", 2.0), codec("lz4", 1.7),
    at_rate("rate-10k-linger0", 10000, 0, CPU_AT_RATE),
    at_rate("rate-10k-linger5", 10000, 5, CPU_AT_RATE),
    at_rate("latency-1k", 1000, 0, LATENCY),
    at_rate("latency-10k", 10000, 0, LATENCY),
    at_rate("latency-100k", 100000, 0, LATENCY),
    Case("instructions", ["-l", "1000", "--sample-every", "0"], INSTRUCTIONS, ends="count", kind="instructions"),
    Case("allocations", ["-n", "1000000"], [Figure("allocs_per_msg", LOWER, 0.01)], ends="count", kind="allocations"),
    Case("held-100b", [*HELD, "-n", "500000"], [Figure("held_bytes_per_msg", LOWER, 0.56, "B")],
         ends="count", kind="down"),
    Case("held-1k", [*HELD, "-n", "200000", "-s", "1024"], [Figure("held_bytes_per_msg", LOWER, 0.9, "B")],
         ends="count", kind="down"),
    failover("failover-move", "--failover", "move"),
    failover("failover-down", "--failover", "down", "--election-ms", 200),
    Case("start", ["-n", "1", "-l", "0"], FIRST, ends="count"),
    Case("idle", ["--idle"], IDLE),
    Case("idle-100brokers", ["--idle", "-P", "100"], IDLE, brokers=100, partitions=100),
]

QUICK = ["100b-1p", "100b-12p-keyless"]
KAFKA = ["100b-1p", "100b-12p-keyless", "1k-none", "1k-zstd", "1k-lz4", "latency-10k"]
