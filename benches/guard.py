#!/usr/bin/env python3
"""Keeps the cost of a message from growing unnoticed: compares instructions and allocations, not times.

  guard.py            compares with benches/instructions.json; exits with 1 if something costs more than it may
  guard.py --update   writes what it finds there

Instructions are those of our library's own code under callgrind, by thread, for each message: the difference of two
counts, so that start and end cancel out. Allocations are counted by a preloaded library.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

from cases import Case
from harness import build, callgrind
from harness.contenders import Library
from harness.progress import progress
from harness.runs import with_sink
from harness.sinks import RunFailed

COMMITTED = build.BENCHES / "instructions.json"
COUNTS = (20000, 60000)
ALLOCATION_COUNT = 200_000
# Two compilers of the same source may differ that much.
OTHER_RUSTC_TOLERANCE = 0.15
# The other threads' share varies with how the socket's writes fall.
NEW = {"tolerance": {"app_thread": 0.05, "other_threads": 0.08}, "allocations_more": 0.03, "cases": {}}

CASES = [Case("100b-1p", ["-P", "1"], []),
         Case("100b-12p-keys", ["-P", "12", "--target", "keys", "-X", "batch.num.messages=1000"], [], partitions=12)]
# Batches are full, or wait longer than valgrind takes: how many there are does not depend on the machine.
ARGS = ["-l", "1000", "--sample-every", "0"]


def instructions(options, case, library):
    totals = []
    for count in COUNTS:
        prefix = f"guard.{case.name}.{count}"
        for old in build.OUT.glob(f"{prefix}*"):
            old.unlink()
        progress(f"callgrind: {case.name}, {count} messages")
        wrapper = ["valgrind", "--tool=callgrind", "--fair-sched=yes", "--separate-threads=yes",
                   f"--callgrind-out-file={build.OUT / prefix}"]
        with_sink(options, case, library, [*case.args, *ARGS, "-n", str(count)], wrapper=wrapper)
        totals.append(callgrind.by_thread(build.OUT, prefix, lambda name: os.path.realpath(name) == library.file))
    more = COUNTS[1] - COUNTS[0]
    app, others = (round((after - before) / more, 1) for before, after in zip(*totals))
    if app <= 0:
        raise RunFailed("callgrind's profiles have nothing of our library")
    return {"app_thread": app, "other_threads": others}


def allocations(options, case, library):
    progress(f"allocations: {case.name}")
    result = with_sink(options, case, library, [*case.args, "-n", str(ALLOCATION_COUNT)],
                       preload=build.OUT / "allocations.so")
    return {"allocations": round(result["allocs_per_msg"], 5)}


def rustc():
    found = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"\d+\.\d+", found).group(0)


def compare(name, figure, now, before, committed, other_rustc):
    """Prints a line about one figure; returns whether it is within its limit."""
    if figure == "allocations":
        limit, tight, change = before + committed["allocations_more"], before - committed["allocations_more"], ""
    else:
        tolerance = committed["tolerance"][figure]
        limit = before * (1 + (max(tolerance, OTHER_RUSTC_TOLERANCE) if other_rustc else tolerance))
        tight, change = before * (1 - tolerance), f" ({(now / before - 1) * 100:+.1f} %)" if before else ""
    verdict = "TOO MUCH" if now > limit else "better: tighten with --update" if now < tight else "ok"
    print(f"{name:14} {figure:14} {now:9g} for each message, committed {before:g}{change}: {verdict}")
    return now <= limit


def check(found, committed, version):
    other_rustc = version != committed.get("rustc")
    if other_rustc:
        print(f"rustc is {version}, the committed figures are from {committed.get('rustc')}: more is tolerated")
    if set(found) != set(committed["cases"]):
        print("bench-guard: benches/instructions.json has other cases; make it again: benches/guard.py --update")
        return False
    good = [compare(name, figure, now, committed["cases"][name][figure], committed, other_rustc)
            for name, figures in found.items() for figure, now in figures.items()]
    if not all(good):
        print("bench-guard: a message costs more than it did. If that is meant: benches/guard.py --update, and commit "
              "benches/instructions.json.\nWhere it goes: callgrind_annotate target/bench/guard.100b-1p.60000-01")
    return all(good)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write what is found")
    parser.add_argument("--no-build", action="store_true", help="take what cargo has built")
    parser.add_argument("--profile", default="quick")
    arguments = parser.parse_args()
    library = Library("ours", build.our_library(arguments.profile, arguments.no_build))
    build.program()
    options = SimpleNamespace(brokers=None, sink_program=build.artifacts(arguments.profile) / "oxide-mock-broker")
    try:
        found = {case.name: instructions(options, case, library) | allocations(options, case, library)
                 for case in CASES}
    except RunFailed as error:
        sys.exit(f"bench-guard: {error}")
    progress("", end=True)
    committed = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else dict(NEW)
    if arguments.update:
        COMMITTED.write_text(json.dumps({**committed, "rustc": rustc(), "cases": found}, indent=1) + "\n")
        print(f"{COMMITTED.relative_to(build.ROOT)}: {json.dumps(found)}")
        return 0
    return 0 if check(found, committed, rustc()) else 1


if __name__ == "__main__":
    sys.exit(main())
