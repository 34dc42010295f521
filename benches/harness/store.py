"""Results on disk: a file for each case, so that an interrupted run of the benchmark can go on where it was."""
import hashlib
import json
import os
import pathlib
import platform
import re
import time

from harness.build import OUT, PEERS, SOURCES


def machine():
    model = ""
    if os.path.exists("/proc/cpuinfo"):
        found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        model = found.group(1) if found else ""
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "load": os.getloadavg()[0], "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def files_digest(paths):
    digest = hashlib.sha256()
    for path in paths:
        digest.update(pathlib.Path(path).read_bytes())
    return digest.hexdigest()


class Store:
    """Of one run of the benchmark, by its name."""

    def __init__(self, name, options, contenders):
        self.directory = OUT / name
        self.directory.mkdir(parents=True, exist_ok=True)
        libraries = [c.file for c in contenders.values() if c.file]
        peers = [p for p in sorted(PEERS.rglob("*")) if p.suffix in (".java", ".go", ".mod", ".sum")]
        self.libraries = files_digest([*libraries, *SOURCES])
        self.peers = files_digest(peers)
        self.how = [options.seconds, options.pairs, options.peer_pairs, options.growth_pairs, options.brokers,
                    sorted(contenders)]

    def path(self, case):
        return self.directory / f"{case.name}.json"

    def key(self, case):
        """What must be the same for a result to be still good."""
        what = [case.args, case.brokers, case.partitions, case.rtt_ms, case.kind, case.sink, case.sink_kind]
        return [self.libraries, self.peers if case.peers else "", self.how, what]

    def load(self, case):
        """The runs of a former call, if nothing that matters has changed since and none of them failed."""
        try:
            kept = json.loads(self.path(case).read_text())
        except (OSError, ValueError):
            return None
        same = kept["key"] == json.loads(json.dumps(self.key(case)))
        return kept["runs"] if same and not kept["runs"]["errors"] else None

    def save(self, case, runs):
        unfinished = self.path(case).with_suffix(".tmp")
        unfinished.write_text(json.dumps({"key": self.key(case), "machine": machine(), "runs": runs}, indent=1))
        unfinished.rename(self.path(case))
