"""Who is compared: the program in C on one of two libraries, and peers in other languages."""
import ctypes
import json
import os
import subprocess

from harness.build import OUT
from harness.sinks import RunFailed

RUN_TIMEOUT_S = 300
TITLES = {"a": "librdkafka", "b": "ours", "java": "java", "go": "go"}
PR_SET_TIMERSLACK = 29


def run(command, env=None, **more):
    """The result that the program prints as JSON."""
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False,
                              **more)
    except subprocess.TimeoutExpired:
        raise RunFailed(f"took more than {RUN_TIMEOUT_S} s") from None
    try:
        result = json.loads(done.stdout)
    except ValueError:
        result = None
    if done.returncode or not result:
        raise RunFailed(f"exit code {done.returncode}: {done.stderr.strip()[-500:]} {done.stdout.strip()}")
    return result


class Library:
    """producer.c on the library of a directory."""
    start_s = 0.3

    def __init__(self, title, directory):
        self.title, self.directory = title, directory

    @property
    def file(self):
        return os.path.realpath(self.directory / "librdkafka.so.1")

    def runs(self, _case):
        return True

    def run(self, args, sink, wrapper=(), preload=None):
        env = dict(os.environ, LD_LIBRARY_PATH=str(self.directory))
        if preload:
            env["LD_PRELOAD"] = str(preload)
        where = ["-b", sink.brokers, "-t", sink.topic] if sink else []
        result = run([*wrapper, str(OUT / "producer"), *args, *where], env)
        if os.path.realpath(result["path"]) != self.file:
            raise RunFailed(f"ran on {result['path']}, not on {self.directory}")
        return result


class Peer:
    """A program of its own, which understands those options of producer.c that cases for peers have."""

    def __init__(self, title, command, warmup_s, start_s):
        self.title, self.command, self.warmup_s = title, command, warmup_s
        self.start_s = start_s + warmup_s
        self.file = None

    def runs(self, case):
        return case.peers

    def run(self, args, sink, **_more):
        args, corpus = peer_args(args)
        # The system's habit to delay timers by 50 us would count as the peer's latency.
        fine = ctypes.CDLL(None).prctl
        return run([*self.command, *args, "--corpus", corpus, "--warmup", str(self.warmup_s), "-b", sink.brokers, "-t",
                    sink.topic], preexec_fn=lambda: fine(PR_SET_TIMERSLACK, 1, 0, 0, 0))


def peer_args(args):
    """Without size and payload: these become a file, written once, with the very values that producer.c sends."""
    kept, size, payload, at = [], "100", "filler", 0
    while at < len(args):
        name, value = args[at], args[at + 1]
        if name == "-s":
            size = value
        elif name == "--payload":
            payload = value
        elif (name, value) == ("-X", "enable.idempotence=true"):
            kept.append("--idempotent")
        else:
            kept += [name, value]
        at += 2
    corpus = OUT / f"corpus-{payload}-{size}"
    if not corpus.exists():
        written = subprocess.run([OUT / "producer", "-s", size, "--payload", payload, "--write-corpus", corpus],
                                 env=dict(os.environ, LD_LIBRARY_PATH=str(OUT)), check=False)
        # The library is the empty one here: no call into it is made.
        if written.returncode:
            raise RunFailed("the values could not be written")
    return kept, str(corpus)
