#!/usr/bin/env python3
"""Measures our library beside librdkafka: the same program, the same sink, run after run in turn.

  run.py --quick                   two cases, three pairs: about a minute
  run.py                           all cases with goals, seven pairs
  run.py --growth                  how cost grows with partitions, brokers, threads and sizes
  run.py --peers java,go           also Apache Kafka's producer and franz-go, where a case is for them
  run.py --kafka                   a few cases with a real Kafka broker as the sink
  run.py --report                  all of that, the plots and docs/benchmarks/; goes on where it was interrupted
  run.py --cases '100b*,latency-*' --pairs 9 --seconds 5
  run.py --a DIR --b DIR           other directories that hold a librdkafka.so.1

Each run has a new sink: the project's own broker in a process of its own, or a new topic of Kafka. A run counts if the
program saw every message delivered exactly once, without holes in the offsets, and the sink has just as many with good
checksums. Prints a table of medians, writes everything to target/bench/<name>.json, and exits with 1 if a run failed.
"""
import argparse
import fnmatch
import json
import pathlib
import signal
import sys

from cases import CASES, KAFKA, QUICK, on_kafka
from growth import GROWTH
from harness import build, report, table
from harness.contenders import TITLES, Library, Peer
from harness.progress import Estimate, progress
from harness.runs import guess_s, plan, run_case
from harness.sinks import KafkaSink
from harness.store import Store, machine


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two cases, three pairs, the quick profile")
    parser.add_argument("--growth", action="store_true", help="the growth cases instead of those with goals")
    parser.add_argument("--kafka", action="store_true", help="real Kafka as the sink, for the cases that suit it")
    parser.add_argument("--report", action="store_true", help="everything, for docs/benchmarks and its plots; resumes")
    parser.add_argument("--peers", help="java, go, or both with a comma")
    parser.add_argument("--cases", help="names or patterns, with commas")
    parser.add_argument("--list", action="store_true", help="the names of the cases")
    parser.add_argument("--pairs", type=int, help="rounds of the two libraries (default 7, quick 3)")
    parser.add_argument("--peer-pairs", type=int, default=3, help="rounds in which peers run too (default 3)")
    parser.add_argument("--growth-pairs", type=int, default=3, help="rounds of growth cases at most (default 3)")
    parser.add_argument("--seconds", type=float, help="of each timed run (default 2, report 1)")
    parser.add_argument("--profile", help="cargo profile of ours (default release, quick: quick)")
    parser.add_argument("--librdkafka", default="newest", help="what fetch_librdkafka.sh is asked for")
    parser.add_argument("--a", type=pathlib.Path, help="directory of the library to compare with")
    parser.add_argument("--b", type=pathlib.Path, help="directory of the library to be compared")
    parser.add_argument("--brokers", help="a running cluster instead of the project's sink; its counts aren't compared")
    parser.add_argument("--no-build", action="store_true", help="take what cargo has built")
    parser.add_argument("--resume", action="store_true", help="keep results of a former call that are still good")
    parser.add_argument("--docs", type=pathlib.Path, default=report.DOCS, help="where --report writes to")
    parser.add_argument("--name", help="of the results in target/bench (default results)")
    options = parser.parse_args()
    if options.report:
        options.peers, options.resume = "java,go" if options.peers is None else options.peers, True
    options.pairs = options.pairs or (3 if options.quick else 7)
    options.seconds = options.seconds or (1 if options.report else 2)
    options.profile = options.profile or ("quick" if options.quick else "release")
    kinds = [kind for kind in ("report", "quick", "growth", "kafka") if getattr(options, kind)]
    options.name = options.name or (kinds[0] if kinds else "results")
    options.peers = [p for p in (options.peers or "").split(",") if p]
    if not set(options.peers) <= {"java", "go"}:
        parser.error("--peers: java, go")
    options.chosen = chosen(options)
    if not options.chosen:
        parser.error("no such case; --list shows them")
    return options


def chosen(options):
    """The cases that the options ask for."""
    kafka = [on_kafka(case) for case in CASES if case.name in KAFKA]
    if options.report:
        cases = [*CASES, *GROWTH, *kafka]
    elif options.kafka and options.cases:
        cases = [on_kafka(c) for c in CASES if c.kind == "run" and c.brokers == 1 and not c.sink and not c.rtt_ms]
    elif options.kafka:
        cases = kafka
    else:
        cases = [*CASES, *GROWTH] if options.cases else GROWTH if options.growth else CASES
    patterns = options.cases.split(",") if options.cases else QUICK if options.quick else ["*"]
    names = lambda case: (case.name, case.name.removeprefix("kafka-"))  # noqa: E731
    return [c for c in cases if any(fnmatch.fnmatch(name, p) for name in names(c) for p in patterns)]


def prepare(options):
    """Builds everything; returns who runs, in turn."""
    ours = build.our_library(options.profile, options.no_build)
    options.sink_program = build.artifacts(options.profile) / "oxide-mock-broker"
    a = options.a or build.librdkafka(options.librdkafka)
    build.program()
    contenders = {"a": Library("a" if options.a else TITLES["a"], a.resolve()),
                  "b": Library(TITLES["b"], (options.b or ours).resolve())}
    if "java" in options.peers:
        contenders["java"] = Peer(TITLES["java"], build.java_peer(), warmup_s=3, start_s=1.5)
    if "go" in options.peers:
        contenders["go"] = Peer(TITLES["go"], build.go_peer(), warmup_s=0.5, start_s=0.3)
    return contenders


def measure(options, contenders):
    """{case: {"args", "figures", "runs"}}, each written as soon as it is there."""
    store = Store(options.name, options, contenders)
    guesses = {case.name: [guess_s(options, case, contenders[label]) for _, label in plan(options, case, contenders)]
               for case in options.chosen}
    estimate = Estimate([guess for each in guesses.values() for guess in each])
    cases = {}
    for case in options.chosen:
        runs = store.load(case) if options.resume else None
        if runs:
            estimate.skip(guesses[case.name])
        else:
            runs = run_case(options, case, contenders, estimate)
            store.save(case, runs)
        rows = [row for row in (table.summary(figure, runs) for figure in case.figures) if row]
        cases[case.name] = {"args": case.args, "growth": case.growth, "at": case.at, "figures": rows, "runs": runs}
    return cases


def versions(cases, contenders):
    found = {}
    for case in cases.values():
        for label in contenders:
            for run in case["runs"].get(label, []):
                if run:
                    found.setdefault(label, run["library"])
    return found


def main():
    options = parse()
    if options.list:
        print("\n".join(case.name for case in options.chosen))
        return 0
    # Ends what runs at the moment, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("run.py: ended by a signal"))
    contenders = prepare(options)
    try:
        cases = measure(options, contenders)
    finally:
        KafkaSink.stop()
    progress("", end=True)
    titles = {label: contender.title for label, contender in contenders.items()}
    results = {"machine": machine(), "versions": versions(cases, contenders), "titles": titles,
               "seconds": options.seconds, "pairs": options.pairs, "peer_pairs": options.peer_pairs,
               "profile": options.profile, "cases": cases}
    file = build.OUT / f"{options.name}.json"
    file.write_text(json.dumps(results, indent=1))
    print("\n".join(f"{titles[label]}: {version}" for label, version in results["versions"].items()))
    print(f"{options.pairs} rounds; medians ± half the spread; ratios are medians of the rounds' (lowest-highest)\n")
    print("\n".join(table.table(cases, titles)))
    behind = table.ahead(cases, titles)
    if behind:
        print("\nAhead of ours:\n" + "\n".join(f"  {line}" for line in behind))
    print(f"\nAll runs: {file.relative_to(build.ROOT)}")
    if options.report:
        report.write(results, file, options.docs)
    errors = [error for case in cases.values() for error in case["runs"]["errors"]]
    for error in errors:
        print(f"failed: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
