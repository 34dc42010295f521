#!/usr/bin/env python3
"""Programs that nobody here wrote, on our library: each produces, and librdkafka's kcat reads back.

  run.py [NAME...] [--built DIR] [--on kafka,mock] [--short] [--list] [--update]

NAME is a file scripts/apps/NAME.py; without any all are tried. --short: those that `make check` runs. --update also puts the
results into scripts/apps/results.json and the README's table. Results are in target/apps/results.json. KAFKA=3.9 for another
release of Kafka. Exit code 1 when a program failed; one that is skipped says what it lacks.
"""
import argparse
import dataclasses
import importlib
import inspect
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import table
from clusters import READER, ROOT, EmbeddedCluster, Failure, RealKafka
from harness import OUT, App, Kit, Result, Skip, attempt

HERE = pathlib.Path(__file__).parent
FRAME = {"run", "harness", "clusters", "table", "frame_test", "debian"}
CLUSTERS = {"kafka": RealKafka, "mock": EmbeddedCluster}


def apps():
    """Every App of scripts/apps, by name."""
    found = {}
    for file in sorted(HERE.glob("*.py")):
        if file.stem in FRAME:
            continue
        module = importlib.import_module(file.stem)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, App) and kind.__module__ == file.stem and kind.title:
                kind.name = kind.name or file.stem.replace("_", "-")
                found[kind.name] = kind
    return found


def check_reader():
    """What reads back must not be what wrote."""
    if not os.path.exists(READER):
        raise Failure("missing: kcat (apt-get install kcat)")
    clean = {key: value for key, value in os.environ.items() if key not in ("LD_LIBRARY_PATH", "LD_PRELOAD")}
    version = subprocess.run([READER, "-V"], env=clean, stdout=subprocess.PIPE, text=True, timeout=30).stdout
    if "oxide" in version or "librdkafka" not in version:
        raise Failure(f"{READER} must run on the system's own librdkafka to read back, but: {version.strip()[:120]}")


def prepare(kit, app):
    """The app's version; or a Result that tells why it can't be tried."""
    lacking = [command for command in app.needs if not shutil.which(command)]
    try:
        if lacking:
            raise Skip(f"missing: {', '.join(lacking)} (scripts/setup.sh apps)")
        return app.prepare(kit), None
    except (Skip, Failure) as problem:
        outcome = "skipped" if isinstance(problem, Skip) else "failed"
        return None, Result(app.name, app.title, "", "", "", outcome, reason=str(problem), note=app.note)


def try_all(kit, chosen, on, kafka):
    """Prepares everything first, so that clusters don't stand idle; then runs it on each cluster."""
    results, ready = [], []
    for app in chosen:
        version, problem = prepare(kit, app)
        if problem:
            results.append(problem)
            print(problem.line(), flush=True)
        else:
            ready.append((app, version))
    for name in on if ready else []:
        cluster = CLUSTERS[name](kit, kafka)
        try:
            for app, version in ready:
                for mode in app.modes:
                    results.append(attempt(kit, app, version, cluster, mode))
                    print(results[-1].line(), flush=True)
        finally:
            cluster.close()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--built", default=ROOT / "target" / "quick")
    parser.add_argument("--on", default="mock,kafka")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    known = apps()
    if options.list:
        return print("\n".join(f"{name:<20} {kind.title}" for name, kind in known.items()))
    unknown = [name for name in options.names if name not in known]
    if unknown:
        raise Failure(f"no such program: {', '.join(unknown)}; there are {', '.join(known)}")
    names = options.names or [name for name, kind in known.items() if kind.short or not options.short]
    check_reader()
    OUT.mkdir(parents=True, exist_ok=True)
    kit = Kit(options.built)
    results = try_all(kit, [known[name]() for name in names], options.on.split(","), os.environ.get("KAFKA", "4"))
    (OUT / "results.json").write_text(json.dumps([dataclasses.asdict(result) for result in results], indent=1) + "\n")
    if options.update:
        table.update([dataclasses.asdict(result) for result in results])
    counts = {outcome: sum(result.outcome == outcome for result in results) for outcome in ("passed", "failed", "skipped")}
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"check-apps: {failure}")
