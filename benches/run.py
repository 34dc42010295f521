#!/usr/bin/env python3
"""Measures our library beside librdkafka: the same program, the same sink, run after run in turn.

  run.py --quick                   two cases, three pairs: about a minute
  run.py                           all cases, seven pairs
  run.py --cases '100b*,latency-*' --pairs 9 --seconds 5
  run.py --a DIR --b DIR           other directories that hold a librdkafka.so.1

Each run has a new sink: the project's own broker in a process of its own. A run counts if the program saw every message
delivered exactly once, without holes in the offsets, and the sink has just as many with good checksums. Prints a table
of medians, writes everything to target/bench/<name>.json, and exits with 1 if a run failed.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cases import CASES, HIGHER, QUICK

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "target" / "bench"
SOURCES = [ROOT / "benches" / "producer.c", *sorted((ROOT / "benches" / "producer").glob("*.h"))]
RUN_TIMEOUT_S = 300
INSTRUCTION_COUNTS = (20000, 60000)


class RunFailed(Exception):
    pass


def command(*args, **more):
    done = subprocess.run([str(a) for a in args], cwd=ROOT, **more)
    if done.returncode:
        sys.exit(f"{done.stderr or ''}run.py: {args[0]} failed")
    return done


def build(options):
    """The libraries, the sink and the programs; returns the directories of the two libraries."""
    if not options.no_build:
        progress(f"building ours, profile {options.profile}")
        command("cargo", "build", "-q", "--profile", options.profile, stderr=subprocess.PIPE, text=True)
    artifacts = ROOT / "target" / ("debug" if options.profile == "dev" else options.profile)
    ours = ROOT / "target" / "lib" / options.profile
    ours.mkdir(parents=True, exist_ok=True)
    for name in ("librdkafka.so", "librdkafka.so.1"):
        link = ours / name
        link.unlink(missing_ok=True)
        link.symlink_to(artifacts / "librdkafka.so")
    if options.a is None:
        fetched = command("benches/fetch_librdkafka.sh", options.librdkafka, stdout=subprocess.PIPE, text=True)
        options.a = pathlib.Path(fetched.stdout.strip())
    build_program()
    return (options.a.resolve(), (options.b or ours).resolve(), artifacts / "oxide-mock-broker")


def build_program():
    """Linked to an empty library with the right name, so that it prefers none of the two."""
    OUT.mkdir(parents=True, exist_ok=True)
    names = {name for source in SOURCES for name in re.findall(r"\b(rd_kafka_[a-z0-9_]+)\(", source.read_text())}
    (OUT / "stub.c").write_text("".join(f"void {name}(void) {{}}\n" for name in sorted(names)))
    cc, flags = os.environ.get("CC", "cc"), os.environ.get("CPPFLAGS", f"-I{ROOT / 'include'}").split()
    command(cc, "-shared", "-fPIC", "-Wl,-soname,librdkafka.so.1", "-o", OUT / "librdkafka.so", OUT / "stub.c")
    command(cc, "-O2", "-g", "-Wall", "-Wextra", *flags, SOURCES[0], "-o", OUT / "producer", f"-L{OUT}", "-lrdkafka",
            "-pthread", "-ldl")
    command(cc, "-O2", "-shared", "-fPIC", "benches/allocations.c", "-o", OUT / "allocations.so")


class Sink:
    """A broker for one run. It ends when its standard input does, hence also with us."""

    def __init__(self, program, case):
        args = ["--brokers", case.brokers, "--partitions", case.partitions, "--retention-bytes", 0, "--validate", "crc",
                "--rtt-ms", case.rtt_ms, *case.sink]
        self.process = subprocess.Popen([str(program), *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.brokers = self.process.stdout.readline().strip()
        if not self.brokers:
            raise RunFailed("the sink did not start")

    def counters(self):
        try:
            text, _ = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise RunFailed("the sink did not end") from None
        return json.loads(text)


def run_program(args, libdir, wrapper=(), preload=None):
    env = dict(os.environ, LD_LIBRARY_PATH=str(libdir))
    if preload:
        env["LD_PRELOAD"] = str(preload)
    try:
        done = subprocess.run([*wrapper, str(OUT / "producer"), *args], env=env, capture_output=True, text=True,
                              timeout=RUN_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise RunFailed(f"took more than {RUN_TIMEOUT_S} s") from None
    try:
        result = json.loads(done.stdout)
    except ValueError:
        result = None
    if done.returncode or not result:
        raise RunFailed(f"exit code {done.returncode}: {done.stderr.strip()[-500:]} {done.stdout.strip()}")
    if os.path.realpath(result["path"]) != os.path.realpath(libdir / "librdkafka.so.1"):
        raise RunFailed(f"ran on {result['path']}, not on {libdir}")
    return result, done.stderr


def with_sink(options, case, libdir, program, args, **more):
    if options.brokers:
        return run_program([*args, "-b", options.brokers, "-t", f"bench-{time.time_ns()}"], libdir, **more)
    sink = Sink(program, case)
    try:
        result, stderr = run_program([*args, "-b", sink.brokers], libdir, **more)
    finally:
        counters = sink.counters()
    result["sink"] = counters
    if counters["records"] != result["delivered"] or counters["crc_errors"]:
        raise RunFailed(f"{result['delivered']} reported, but the sink has {counters}")
    result["sink_bytes_per_msg"] = counters["bytes"] / counters["records"]
    result["sink_records_per_batch"] = counters["records"] / max(counters["batches"], 1)
    return result, stderr


def instructions(options, case, libdir, program, label):
    """The differences of two counts: start and end cancel out. The program's thread produces and serves reports."""
    totals = []
    for count in INSTRUCTION_COUNTS:
        profile = OUT / f"callgrind.{label}.{count}"
        for old in OUT.glob(f"{profile.name}*"):
            old.unlink()
        wrapper = ["valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={profile}"]
        result, _ = with_sink(options, case, libdir, program, [*case.args, "-n", str(count)], wrapper=wrapper)
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


def run_once(options, case, libdir, program, label):
    if case.kind == "instructions":
        return instructions(options, case, libdir, program, label)
    args = list(case.args)
    if case.ends == "seconds":
        args += ["-d", str(options.seconds)]
    if case.kind == "down":
        return run_program([*args, "-b", "127.0.0.1:1", "-X", "log_level=0"], libdir)[0]
    preload = OUT / "allocations.so" if case.kind == "allocations" else None
    return with_sink(options, case, libdir, program, args, preload=preload)[0]


def progress(text, end=False):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{'' if end else text}")
    elif not end:
        sys.stderr.write(text + "\n")
    sys.stderr.flush()


def run_case(options, case, libdirs, program, done, total):
    """Pairs of runs in turn; returns {"a": [result or None], "b": [...], "errors": [...]}."""
    runs = {"a": [], "b": [], "errors": []}
    pairs = 1 if case.kind == "instructions" else options.pairs
    for pair in range(pairs):
        for label in ("a", "b"):
            done += 1
            progress(f"[{done}/{total}] {case.name}: pair {pair + 1} of {pairs}, {label}")
            try:
                runs[label].append(run_once(options, case, libdirs[label], program, label))
            except RunFailed as error:
                runs[label].append(None)
                runs["errors"].append(f"{case.name}, pair {pair + 1}, {label}: {error}")
    return runs, done


def summary(figure, runs):
    """Medians, spreads and the median of the pairs' ratios, or None when no pair is whole."""
    pairs = [(a.get(figure.name), b.get(figure.name)) for a, b in zip(runs["a"], runs["b"]) if a and b]
    pairs = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not pairs:
        return None
    sides = list(zip(*pairs))
    medians = [statistics.median(side) for side in sides]
    spreads = [(max(side) - min(side)) / median if median else 0.0 for side, median in zip(sides, medians)]
    ratios = [b / a for a, b in pairs if a]
    ratio = statistics.median(ratios) if ratios else None
    met = None
    if figure.goal is not None and ratio is not None:
        shown = round(ratio, 2)
        met = shown >= figure.goal if figure.better == HIGHER else shown <= figure.goal
    return {"figure": figure.name, "unit": figure.unit, "better": figure.better, "a": medians[0], "b": medians[1],
            "a_spread": spreads[0], "b_spread": spreads[1], "ratio": ratio,
            "ratio_min": min(ratios, default=None), "ratio_max": max(ratios, default=None),
            "goal": figure.goal, "met": met, "pairs": len(pairs)}


def number(value):
    if value == 0 or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.4g}" if abs(value) >= 0.01 else f"{value:.5f}"


def table_row(case, figure, row):
    goal = "" if row["goal"] is None else f"{'>=' if row['better'] == HIGHER else '<='} {row['goal']:g}"
    met = {None: "", True: "yes", False: "no"}[row["met"]]
    ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}x ({row['ratio_min']:.2f}-{row['ratio_max']:.2f})"
    name = figure.name + (f", {figure.unit}" if figure.unit else "")
    return [case, name, f"{number(row['a'] * figure.scale)} ±{row['a_spread'] * 50:.0f} %",
            f"{number(row['b'] * figure.scale)} ±{row['b_spread'] * 50:.0f} %", ratio, goal, met]


def print_table(rows):
    rows = [["case", "figure", "a", "b", "b / a", "goal", "met"], *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for i, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if i == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def machine():
    model = ""
    if os.path.exists("/proc/cpuinfo"):
        found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        model = found.group(1) if found else ""
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "load": os.getloadavg()[0], "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def version_of(runs):
    return next((run["library"] for run in runs if run), "no run")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two cases, three pairs, the quick profile")
    parser.add_argument("--cases", help="names or patterns, with commas")
    parser.add_argument("--list", action="store_true", help="the names of the cases")
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--seconds", type=float, help="of each timed run (default 3, quick 2)")
    parser.add_argument("--profile", help="cargo profile of ours (default release, quick: quick)")
    parser.add_argument("--librdkafka", default="newest", help="what fetch_librdkafka.sh is asked for")
    parser.add_argument("--a", type=pathlib.Path, help="directory of the library to compare with")
    parser.add_argument("--b", type=pathlib.Path, help="directory of the library to be compared")
    parser.add_argument("--brokers", help="a running cluster instead of the project's sink; its counts aren't compared")
    parser.add_argument("--no-build", action="store_true", help="take what cargo has built")
    parser.add_argument("--name", help="of the JSON file in target/bench (default results, quick: quick)")
    options = parser.parse_args()
    options.pairs = options.pairs or (3 if options.quick else 7)
    options.seconds = options.seconds or (2 if options.quick else 3)
    options.profile = options.profile or ("quick" if options.quick else "release")
    options.name = options.name or ("quick" if options.quick else "results")
    patterns = options.cases.split(",") if options.cases else QUICK if options.quick else ["*"]
    options.chosen = [c for c in CASES if any(fnmatch.fnmatch(c.name, p) for p in patterns)]
    if not options.chosen:
        parser.error("no such case; --list shows them")
    return options


def main():
    options = parse()
    if options.list:
        print("\n".join(case.name for case in CASES))
        return 0
    a, b, program = build(options)
    total = sum(2 if c.kind == "instructions" else 2 * options.pairs for c in options.chosen)
    rows, cases, errors, done, versions = [], {}, [], 0, {}
    for case in options.chosen:
        runs, done = run_case(options, case, {"a": a, "b": b}, program, done, total)
        errors += runs["errors"]
        for label in ("a", "b"):
            versions.setdefault(label, version_of(runs[label]))
        found = [(figure, summary(figure, runs)) for figure in case.figures]
        rows += [table_row(case.name, figure, row) for figure, row in found if row]
        cases[case.name] = {"args": case.args, "figures": [row for _, row in found if row], "runs": runs}
    progress("", end=True)
    print(f"a: {versions['a']}\nb: {versions['b']}")
    print(f"{options.pairs} pairs, medians ± half the spread; b / a is the median of the pairs' ratios (lowest-highest)\n")
    print_table(rows)
    result = OUT / f"{options.name}.json"
    result.write_text(json.dumps({"machine": machine(), "versions": versions, "seconds": options.seconds,
                                  "pairs": options.pairs, "profile": options.profile, "cases": cases}, indent=1))
    print(f"\nAll runs: {result.relative_to(ROOT)}")
    for error in errors:
        print(f"FAILED: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
