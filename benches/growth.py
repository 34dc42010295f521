"""How cost grows: the same load with more partitions, brokers, producing threads, or larger messages."""
from cases import HIGHER, LOWER, Case, Figure

FIGURES = [Figure("cpu_us_per_msg", LOWER, None, "us"), Figure("msgs_per_s", HIGHER, None, "M/s", 1e-6),
           Figure("mb_per_s", HIGHER, None, "MB/s"), Figure("peak_rss_kib", LOWER, None, "MB", 1.024e-3),
           Figure("library_threads", LOWER, None)]


def case(growth, at, *args, partitions=12, **more):
    return Case(f"{growth}-{at}", ["-P", str(partitions), *map(str, args)], FIGURES, partitions=partitions,
                growth=growth, at=at, **more)


# Message by message to the next partition: every partition has a batch of its own to fill.
PARTITIONS = [case("partitions", n, "--target", "round", partitions=n) for n in (1, 10, 100, 1000, 10000)]
BROKERS = [case("brokers", n, "--target", "round", partitions=100, brokers=n) for n in (1, 3, 10, 30, 100)]
# One alone also has another thread poll, as the others do.
THREADS = [case("threads", n, "--target", "keyless", "--threads", n, "--poller") for n in (1, 2, 4, 8, 16)]
SIZES = [case("size", n, "--target", "keyless", "-s", n, "-X", "message.max.bytes=2000000",
              sink=["--max-batch-bytes", 3000000]) for n in (10, 100, 1000, 10_000, 100_000, 1_000_000)]
GROWTH = [*PARTITIONS, *BROKERS, *THREADS, *SIZES]
