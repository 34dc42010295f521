"""The clusters that programs are tried on, and reading a topic back from them with a client that isn't ours.

Both clusters offer `name`, `bootstrap`, `idempotent_share(topic)` and `close()`.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "kafka"))
from kafka import Cluster, Failure, wait_until  # noqa: E402  (for the apps too)

READER = "/usr/bin/kcat"
READ_TIMEOUT_S = 30
# Dies with this process, however that ends.
LEASH = ["setpriv", "--pdeathsig", "KILL"]


class RealKafka:
    """One broker of Apache Kafka."""

    name = "kafka"

    def __init__(self, kit, version):
        self.dir = tempfile.TemporaryDirectory(prefix="apps-kafka-")
        try:
            self.cluster = Cluster.start(version, 1, pathlib.Path(self.dir.name) / "cluster", die_with_caller=True)
        except BaseException:
            self.dir.cleanup()
            raise
        self.bootstrap = self.cluster.bootstrap
        self.title = f"Apache Kafka {self.cluster.state['version']}"

    def idempotent_share(self, topic):
        """Of the topic's batches in the broker's log, how many bear a producer id: (those, all)."""
        data, with_id, batches = self.cluster.broker_dir(1) / "data", 0, 0
        for segment in data.glob(f"{topic}-[0-9]*/*.log"):
            raw, at = segment.read_bytes(), 0
            while at + 61 <= len(raw):
                with_id += int.from_bytes(raw[at + 43:at + 51], "big", signed=True) >= 0
                batches += 1
                at += 12 + int.from_bytes(raw[at + 8:at + 12], "big")
        return with_id, batches

    def close(self):
        self.cluster.stop()
        self.dir.cleanup()


class EmbeddedCluster:
    """Three of our brokers in one process: examples-c/mock_cluster.c, over rdkafka_mock.h."""

    name = "mock"
    title = "embedded cluster"

    def __init__(self, kit, version=None):
        self.process = subprocess.Popen([*LEASH, str(kit.mock_cluster())], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=kit.environment(), text=True, start_new_session=True)
        self.bootstrap = self.process.stdout.readline().strip()
        if not self.bootstrap:
            raise Failure("the embedded cluster did not start")

    def idempotent_share(self, topic):
        """It keeps no log that one could look into."""
        return None

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def read_back(bootstrap, topic, count, timeout_s=READ_TIMEOUT_S):
    """All of a topic as (partition, offset, key, value), keys and values in bytes or None, read by kcat on librdkafka itself
    from the system. It comes again until there are `count` messages or the time is over."""
    found = []

    def all_there():
        found[:] = read_once(bootstrap, topic)
        return len(found) >= count

    try:
        wait_until(f"{count} messages in {topic}", timeout_s, all_there, 0.3)
    except Failure:
        pass  # the caller compares, and says what is missing
    return list(found)


def read_once(bootstrap, topic):
    environment = {key: value for key, value in os.environ.items() if key not in ("LD_LIBRARY_PATH", "LD_PRELOAD")}
    try:
        run = subprocess.run([READER, "-C", "-b", bootstrap, "-t", topic, "-o", "beginning", "-e", "-q",
                              "-f", "%p %o %K %S\n%k%s\n"], env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=READ_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Failure(f"reading {topic} back took more than {READ_TIMEOUT_S} s") from None
    return parse(run.stdout)


def parse(raw):
    """What the reader's format makes of a message: a line of numbers, then as many bytes as two of them say."""
    messages, at = [], 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        partition, offset, key_len, value_len = map(int, raw[at:end].split())
        at = end + 1
        key = raw[at:at + key_len] if key_len >= 0 else None
        at += max(key_len, 0)
        value = raw[at:at + value_len] if value_len >= 0 else None
        at += max(value_len, 0) + 1
        messages.append((partition, offset, key, value))
    return messages
