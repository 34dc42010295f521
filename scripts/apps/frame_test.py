"""That the frame can fail: run by `make check-apps-short`, before the programs."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from clusters import EmbeddedCluster, Failure, ROOT, parse
from harness import App, Kit, attempt, compare, message

SYSTEM_LIBRARY = "/usr/lib/x86_64-linux-gnu"


class Fake(App):
    """kcat, with something wrong in how it is started or in what it is given."""

    name = title = "fake"
    timeout_s = 3
    read_timeout_s = 1

    def __init__(self, **wrong):
        self.wrong = wrong

    def produce(self, run):
        idempotent = ["-X", "enable.idempotence=true"] if run.idempotent else []
        lines = run.lines
        run.lines = lambda: self.wrong.get("lines", lambda text: text)(lines())
        run.feed(["kcat", "-P", "-b", run.bootstrap, "-t", run.topic, "-K", "\t", *idempotent], **self.wrong.get("environment", {}))


class OnACluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kit = Kit(ROOT / "target" / "quick")
        cls.cluster = EmbeddedCluster(cls.kit)

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()

    def outcome(self, **wrong):
        result = attempt(self.kit, Fake(**wrong), "1", self.cluster, "plain")
        return f"{result.outcome}: {result.reason}"

    def test_passes_with_nothing_wrong(self):
        self.assertEqual(self.outcome(), "passed: ")

    def test_fails_on_the_systems_librdkafka(self):
        self.assertIn("load our library", self.outcome(environment={"LD_LIBRARY_PATH": SYSTEM_LIBRARY}))

    def test_fails_with_another_librdkafka_beside_ours(self):
        both = f"{self.kit.library} {SYSTEM_LIBRARY}/librdkafka++.so.1 {SYSTEM_LIBRARY}/librdkafka.so.1"
        self.assertIn("another librdkafka was mapped", self.outcome(environment={"LD_PRELOAD": both}))

    def test_fails_when_a_message_is_missing(self):
        self.assertIn("1 of 2000 messages are missing", self.outcome(lines=lambda text: text.split(b"\n", 1)[1]))

    def test_fails_when_the_program_fails(self):
        self.assertIn("failed: kcat", self.outcome(environment={"KCAT_CONFIG": "/nowhere/kcat.conf"}))


class Comparison(unittest.TestCase):
    class OneRun:
        messages = [message(number) for number in range(3)]

    def fails(self, found, text):
        with self.assertRaisesRegex(Failure, text):
            compare(App(), self.OneRun, found)

    def setUp(self):
        self.found = [(0, offset, *pair) for offset, pair in enumerate(self.OneRun.messages)]

    def test_passes_what_is_as_sent(self):
        compare(App(), self.OneRun, self.found)

    def test_fails_on_a_message_twice(self):
        self.fails(self.found + [self.found[-1]], "1 messages are there twice")

    def test_fails_on_disorder_within_a_partition_only(self):
        swapped = [self.found[1], self.found[0], self.found[2]]
        self.fails(swapped, "out of order in partition 0")
        compare(App(), self.OneRun, [(number, 0, *rest[2:]) for number, rest in enumerate(swapped)])

    def test_fails_on_a_changed_byte(self):
        self.fails(self.found[:2] + [(0, 2, b"key-2", b"x")], "never sent")

    def test_reads_line_ends_and_absent_keys(self):
        self.assertEqual(parse(b"0 7 -1 3\na\nb\n1 8 1 -1\nk\n"), [(0, 7, None, b"a\nb"), (1, 8, b"k", None)])


if __name__ == "__main__":
    unittest.main()
