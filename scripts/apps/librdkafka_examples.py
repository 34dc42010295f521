"""librdkafka's own example producers, in C and in C++, from the sources that come with the npm package node-rdkafka. The C++
ones use a librdkafka++ made of its sources with our header and our library."""
import hashlib
import re
import shutil
import signal

from harness import MESSAGES, OUT, App, Failure, debian_version, quiet

PACKAGE = "node-rdkafka@3.6.1"
LINE_MAX = 500                      # some of them read into 512 bytes
PATTERN = b"librdkafka_performance testing!"


def source(kit):
    """The package's directory of librdkafka, downloaded once."""
    at = kit.cache("librdkafka-examples")
    package = at / "package"
    if not package.exists():
        quiet(["npm", "pack", "--silent", PACKAGE], 300, cwd=at)
        archive = next(at.glob("node-rdkafka-*.tgz"))
        quiet(["tar", "-xzf", archive, "package/deps/librdkafka"], 120, cwd=at)
        archive.unlink()
    return package / "deps" / "librdkafka"


def build_tree(kit):
    """librdkafka's sources with our headers in the place of its own; made anew when any of them changes."""
    original, tree = source(kit), OUT / "librdkafka-examples"
    header = (kit.include / "librdkafka" / "rdkafka.h").read_bytes()
    stamp, now = tree / "stamp", hashlib.sha256(header + PACKAGE.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == now:
        return tree
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in ("src", "src-cpp", "examples", "win32"):
        shutil.copytree(original / name, tree / name, ignore=shutil.ignore_patterns("*.o", "*.a", "*.so*"))
    for name in ("rdkafka.h", "rdkafka_mock.h"):
        shutil.copy(kit.include / "librdkafka" / name, tree / "src" / name)
    (tree / "config.h").write_text("/* What its configure would write. */\n" + "".join(
        f"#define HAVE_ATOMICS_{bits} 1\n#define HAVE_ATOMICS_{bits}_ATOMIC 1\n"
        f"#define ATOMIC_OP{bits}(one, two, to, value) __atomic_##one##_##two(to, value, __ATOMIC_SEQ_CST)\n"
        for bits in (32, 64)))
    stamp.write_text(now)
    return tree


def version(kit):
    number = re.search(r"#define RD_KAFKA_VERSION\s+0x(\w{8})", (source(kit) / "src" / "rdkafka.h").read_text())[1]
    return ".".join(str(int(number[at:at + 2], 16)) for at in (0, 2, 4))


class Example(App):
    needs = ("npm", "c++")
    language = "C"
    systems_cpp = False             # with the librdkafka++ of the system, which was built with another librdkafka

    def prepare(self, kit):
        tree = build_tree(kit)
        file = next((tree / "examples").glob(f"{self.example}.{'cpp' if self.language == 'C++' else 'c'}"))
        self.program = tree / self.name
        self.libraries = [kit.lib]
        link = [f"-L{kit.lib}", "-lrdkafka", "-lpthread", "-lm"]
        include = [f"-I{tree}/src", f"-I{tree}/src-cpp"]
        if self.systems_cpp:
            include, link = ["-I/usr/include/librdkafka"], ["-lrdkafka++", *link]
        elif self.language == "C++":
            self.libraries.append(tree)
            if not (tree / "librdkafka++.so.1").exists():
                quiet(["c++", "-O1", "-shared", "-fPIC", "-Wl,-soname,librdkafka++.so.1", "-o", tree / "librdkafka++.so.1",
                       *sorted((tree / "src-cpp").glob("*.cpp")), f"-L{kit.lib}", "-lrdkafka"], 600)
            link = [tree / "librdkafka++.so.1", *link]
        if not self.program.exists():
            quiet(["c++" if self.language == "C++" else "cc", "-O1", "-w", *include, file,
                   "-o", self.program, *link], 300)
        return version(kit) + (f", ++ {debian_version('librdkafka++1')}" if self.systems_cpp else "")

    def environment(self):
        return {"LD_LIBRARY_PATH": ":".join(str(path) for path in self.libraries)}

    def values(self, run):
        return [value[:LINE_MAX] for _, value in run.messages]

    def expected(self, run):
        return [(None, value) for value in self.values(run)]

    def arguments(self, run):
        return [run.bootstrap, run.topic]

    def produce(self, run):
        program = run.start([self.program, *self.arguments(run)], **self.environment())
        program.write(b"".join(value + b"\n" for value in self.values(run)))
        program.wait_for_our_library()
        program.close_input()
        program.wait()


def properties(run):
    return ["-X", "enable.idempotence=true"] if run.idempotent else []


class Producer(Example):
    name, example, title = "producer-c", "producer", "librdkafka's producer.c"
    modes = ("plain",)


class ProducerCpp(Producer):
    name, title, language = "producer-cpp", "librdkafka's producer.cpp", "C++"


class ProducerCppDebian(ProducerCpp):
    name, title, systems_cpp = "producer-cpp-debian", "librdkafka's producer.cpp, Debian's librdkafka++", True


class General(Example):
    name, example, title = "rdkafka-example-c", "rdkafka_example", "librdkafka's rdkafka_example.c"

    def arguments(self, run):
        return ["-P", "-b", run.bootstrap, "-t", run.topic, *properties(run)]


class GeneralCpp(General):
    name, title, language = "rdkafka-example-cpp", "librdkafka's rdkafka_example.cpp", "C++"


class Idempotent(Example):
    """Sends two messages a second until it is interrupted; the thirteenth would be its try of a fatal error."""

    name, example, title = "idempotent-producer-c", "idempotent_producer", "librdkafka's idempotent_producer.c"
    modes = ("idempotent",)
    note = "some messages, until it is interrupted"
    sent = 3

    def expected(self, run):
        return [(None, f"Idempotent Producer example message #{number}".encode()) for number in range(self.sent)]

    def produce(self, run):
        self.sent = 3
        program = run.start([self.program, *self.arguments(run)], **self.environment())
        run.wait_written()
        program.stop(signal.SIGINT)
        summary = re.search(r"(\d+) message\(s\) produced, (\d+) delivered, 0 failed", program.output())
        if not summary or summary[1] != summary[2]:
            raise Failure(f"it says: {program.last_words()}")
        self.sent = int(summary[1])


class Performance(Example):
    name, example, title = "rdkafka-performance-c", "rdkafka_performance", "librdkafka's rdkafka_performance.c"

    def values(self, run):
        """Its pattern, over which it prints a number as a string."""
        texts = [f"{number}: ".encode() + b"\0" for number in range(MESSAGES)]
        return [text + (PATTERN * 4)[len(text):100] for text in texts]

    def produce(self, run):
        program = run.start([self.program, "-P", "-b", run.bootstrap, "-t", run.topic, "-S", "0", "-s", "100", "-c", str(MESSAGES),
                             *properties(run)], **self.environment())
        program.wait()


class Verifiable(Example):
    name, example, language = "verifiable-client-cpp", "kafkatest_verifiable_client", "C++"
    title = "librdkafka's kafkatest_verifiable_client.cpp"

    def values(self, run):
        return [str(number).encode() for number in range(MESSAGES)]

    def produce(self, run):
        program = run.start([self.program, "--producer", "--topic", run.topic, "--broker-list", run.bootstrap,
                             "--max-messages", str(MESSAGES), *properties(run)], **self.environment())
        program.wait()
