"""Where messages go, and how many it got: our own broker in a process of its own, real Kafka, or a given cluster."""
import json
import subprocess
import sys
import tempfile
import time

from harness import build


class RunFailed(Exception):
    """This run does not count; the others go on."""


class MockSink:
    """Our broker, for one run. It ends when its standard input does, hence also with us."""
    topic = "bench"

    def __init__(self, program, case):
        args = ["--brokers", case.brokers, "--partitions", case.partitions, "--retention-bytes", 0, "--validate", "crc",
                "--rtt-ms", case.rtt_ms, *case.sink]
        self.process = subprocess.Popen([str(program), *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.brokers = self.process.stdout.readline().strip()
        if not self.brokers:
            raise RunFailed("the sink did not start")

    def close(self):
        try:
            text, _ = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise RunFailed("the sink did not end") from None
        return json.loads(text)


class KafkaSink:
    """A new topic of the one Kafka broker that the whole benchmark shares."""
    cluster = tool = directory = None

    def __init__(self, case):
        if KafkaSink.cluster is None:
            self.start()
        self.brokers = KafkaSink.cluster.bootstrap
        self.topic = f"bench-{time.time_ns()}"
        self.call("create", self.topic, case.partitions, 1)

    @classmethod
    def start(cls):
        kafka = build.kafka_module()
        # Its data would fill a small /tmp in memory.
        build.OUT.mkdir(parents=True, exist_ok=True)
        cls.directory = tempfile.TemporaryDirectory(prefix="kafka.", dir=build.OUT)
        try:
            cls.cluster = kafka.Cluster.start("4", 1, cls.directory.name, die_with_caller=True)
            cls.tool = kafka.Tool(cls.cluster)
        except kafka.Failure as failure:
            sys.exit(f"benches: {failure}")

    @classmethod
    def stop(cls):
        if cls.tool:
            cls.tool.close()
        if cls.cluster:
            cls.cluster.stop()
            cls.directory.cleanup()
        cls.cluster = cls.tool = None

    def call(self, *words):
        try:
            return KafkaSink.tool.run(*words)
        except build.kafka_module().Failure as failure:
            raise RunFailed(str(failure)) from None

    def close(self):
        """Only counts what is there: Kafka itself checks batches before it appends them."""
        records = sum(int(line.split()[1]) for line in self.call("end-offsets", self.topic))
        self.call("delete", self.topic)
        return {"records": records, "crc_errors": 0}


class GivenCluster:
    """That --brokers names. Nobody counts there."""

    def __init__(self, brokers):
        self.brokers = brokers
        self.topic = f"bench-{time.time_ns()}"

    def close(self):
        return None


def check(result, counters):
    """Adds to the result what the sink got; that must be what was reported."""
    result["sink"] = counters
    if counters is None:
        return
    if counters["records"] != result["delivered"] or counters["crc_errors"]:
        raise RunFailed(f"{result['delivered']} reported, but the sink has {counters}")
    if "bytes" in counters:
        result["sink_bytes_per_msg"] = counters["bytes"] / counters["records"]
        result["sink_records_per_batch"] = counters["records"] / max(counters["batches"], 1)
