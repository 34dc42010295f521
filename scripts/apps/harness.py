"""The frame that every program is tried in.

A program is one file scripts/apps/NAME.py with one subclass of `App`: `prepare` makes it ready and tells its version, `produce`
has it send `run.messages` to `run.topic`. All else is done here: clusters, read-back, comparison, and the look into
/proc/PID/maps that it was our library which did the work.

Run by run.py, in one thread, but for one that looks at the maps of a running program.
"""
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time

from clusters import LEASH, ROOT, Failure, read_back

OUT = ROOT / "target" / "apps"
CACHE = pathlib.Path(os.environ.get("APPS_CACHE", ROOT / ".cache" / "apps"))
MESSAGES = 2000
# librdkafka's own source is named in its assertions, also where it was linked statically and under another file name.
FOREIGN_MARK = b"rdkafka_broker.c"


class Skip(Exception):
    """The program can't be tried here (something is missing, or its registry has it not); the reason in one line."""


class App:
    """One program. `modes` are ways to run it: one whose name has "idempotent" in it must send with a producer id."""

    name = ""                       # as in APPS="..."; by default the file's name
    title = ""                      # for the table
    modes = ("plain", "idempotent")
    short = False                   # part of `make check`
    timeout_s = 60                  # for one run, read-back apart
    read_timeout_s = 30             # how long messages may take to show up after the program's end
    needs = ()                      # commands that must be there; scripts/setup.sh apps installs them
    note = ""                       # for the table, a few words
    ordered = True                  # whether messages leave in the order of `run.messages`

    def prepare(self, kit):
        """Downloads and builds, once; returns the version. Raises Skip or Failure."""
        raise NotImplementedError

    def produce(self, run):
        """Starts the program with `run.start()`, has it send everything, and ends it."""
        raise NotImplementedError

    def expected(self, run):
        """(key, value) of what must be in the topic, in bytes."""
        return run.messages

    def received(self, key, value):
        """Of a message that was read back: what to compare. For programs that wrap their input in something."""
        return key, value


class Kit:
    """The library under test, installed in a directory of its own as `make install` does it, and what programs need to find it."""

    def __init__(self, built):
        built = pathlib.Path(built).resolve()
        if not (built / "librdkafka.so").exists():
            raise Failure(f"no librdkafka.so in {built}; make build")
        self.prefix = OUT / "prefix"
        self.lib, self.include = self.prefix / "lib", self.prefix / "include"
        self.pkgconfig = self.lib / "pkgconfig"
        self.library = self.lib / "librdkafka.so.1"
        self._install(built)

    def _install(self, built):
        sources = [built / "librdkafka.so", *(ROOT / "include" / "librdkafka").glob("*.h")]
        stamp = self.prefix / "from"
        as_installed = "".join(f"{source} {source.stat().st_mtime_ns}\n" for source in sources)
        if not stamp.exists() or stamp.read_text() != as_installed:
            environment = {key: value for key, value in os.environ.items() if key not in ("DESTDIR", "LIBDIR", "INCLUDEDIR")}
            quiet([ROOT / "scripts/install.sh", "install", built], 300, cwd=ROOT, env={**environment, "PREFIX": str(self.prefix)})
            stamp.write_text(as_installed)

    def environment(self, **more):
        """For a program that shall run on ours, or be built against it."""
        clean = {key: value for key, value in os.environ.items() if key not in ("LD_PRELOAD", "LD_LIBRARY_PATH")}
        return {**clean, "LD_LIBRARY_PATH": str(self.lib), "PKG_CONFIG_PATH": str(self.pkgconfig), **more}

    def mock_cluster(self):
        source, program = ROOT / "examples-c" / "mock_cluster.c", OUT / "mock_cluster"
        quiet(["cc", "-O2", f"-I{self.include}", source, "-o", program, f"-L{self.lib}", "-lrdkafka"], 60)
        return program

    def cache(self, name):
        """The directory for a program's downloads and what was built of them."""
        directory = CACHE / name
        directory.mkdir(parents=True, exist_ok=True)
        return directory


def quiet(command, timeout_s=600, cwd=None, env=None):
    """Runs a command; its standard output, or Failure with the line that seems to say why."""
    command = [str(word) for word in command]
    try:
        run = subprocess.run(command, cwd=cwd, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=timeout_s, errors="replace")
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[0]}: more than {timeout_s} s") from None
    except FileNotFoundError:
        raise Skip(f"missing: {command[0]}") from None
    if run.returncode != 0:
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / "last-failure.log").write_text(f"{' '.join(command)}\n{run.stdout}\n{run.stderr}")
        raise Failure(f"{os.path.basename(command[0])}: {telling_line(run.stderr or run.stdout)}")
    return run.stdout


def telling_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"error|fail|panic|cannot|undefined", line, re.I)]
    return ((errors or lines or ["no output"])[0])[:200]


def debian_version(package):
    """Version of an installed package; Skip when it isn't."""
    run = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True)
    if run.returncode != 0 or not run.stdout:
        raise Skip(f"missing: {package} (apt-get install {package})")
    return run.stdout


def debian_unpacked(kit, *packages):
    """Downloads packages and unpacks them into the cache, without installing them: (directory, version of the first)."""
    root = kit.cache("debian") / "-".join(packages)
    if not (root / "version").exists():
        if not shutil.which("apt-get"):
            raise Skip(f"{packages[0]}: not a Debian system")
        partial = kit.cache("debian") / f"partial-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)
        (partial / "debs").mkdir(parents=True)
        quiet(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *packages], 300, cwd=partial / "debs")
        for deb in sorted((partial / "debs").glob("*.deb")):
            quiet(["dpkg-deb", "-x", deb, partial], 120)
        first = next((partial / "debs").glob(f"{packages[0]}_*.deb"))
        (partial / "version").write_text(quiet(["dpkg-deb", "-f", first, "Version"], 30).strip())
        partial.rename(root)
    return root, (root / "version").read_text()


# ---- one run --------------------------------------------------------------------------------------------------------

class Run:
    """One try: a program, a mode, a cluster, a topic of its own."""

    count = 0

    def __init__(self, kit, app, cluster, mode):
        Run.count += 1
        self.kit, self.app, self.cluster, self.mode = kit, app, cluster, mode
        self.bootstrap = cluster.bootstrap
        self.idempotent = "idempotent" in mode
        self.topic = re.sub(r"[^\w.-]", "-", f"{app.name}-{mode}-{os.getpid()}-{Run.count}")
        self.messages = [message(number) for number in range(MESSAGES)]
        self.dir = OUT / "runs" / f"{app.name}-{cluster.name}-{re.sub(r'[^a-zA-Z0-9]', '-', mode)}"
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        self.deadline = time.monotonic() + app.timeout_s
        self.programs = []
        self.began = self.seconds = None

    def lines(self):
        """The messages as lines of key, tab, value."""
        return b"".join(key + b"\t" + value + b"\n" for key, value in self.messages)

    def start(self, command, cwd=None, **environment):
        """Starts the program under test, on our library. Its output goes to output.log in the run's directory."""
        self.began = self.began or time.monotonic()
        program = Program(self, command, cwd, self.kit.environment(**environment))
        self.programs.append(program)
        return program

    def feed(self, command, cwd=None, **environment):
        """For the usual kind of program: it reads lines of key, tab, value, sends them, and ends well at their end."""
        program = self.start(command, cwd, **environment)
        program.write(self.lines())
        program.wait_for_our_library()
        program.close_input()
        program.wait()

    def left_s(self):
        return max(0.1, self.deadline - time.monotonic())

    def written(self):
        """How many messages are in the topic by now; to wait for programs that run on."""
        return len(read_back(self.bootstrap, self.topic, 0))

    def wait_written(self):
        """Until the topic holds as many messages as it shall, or the run's time is over."""
        count = len(self.app.expected(self))
        return len(read_back(self.bootstrap, self.topic, count, self.left_s())) >= count

    def end(self):
        for program in self.programs:
            program.kill()


def message(number):
    """Keys and values are text without tabs or line ends, so that every program can take them as lines."""
    filler = ("Grüße, мир. " + "0123456789abcdef" * 40)[:number * 7 % 500]
    return f"key-{number % 50}".encode(), f"{number:06d} {filler}|".encode()


class Program:
    """A process, with what it and its children have mapped."""

    def __init__(self, run, command, cwd, environment):
        self.run, self.log = run, run.dir / "output.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*LEASH, *map(str, command)], cwd=cwd or run.dir, env=environment,
                                            stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
        self.name = os.path.basename(str(command[0]))
        self.mapped = set()
        self.writer = None
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self):
        while not self._over.wait(0.2 if self.has_our_library() else 0.003):
            self._look()

    def _look(self):
        for pid in with_children(self.process.pid):
            self.mapped |= mapped_files(pid)

    def has_our_library(self):
        return str(self.run.kit.library) in self.mapped

    def write(self, data):
        """Gives it input. From a thread of its own, as a program that doesn't read must not hold us up."""
        def go():
            try:
                self.process.stdin.write(data)
                self.process.stdin.flush()
            except OSError:
                pass  # it ended; its exit status tells
        self.writer = threading.Thread(target=go, daemon=True)
        self.writer.start()

    def wait_for_our_library(self):
        """Until it has mapped our library; its input must still be open then, or it must be one that runs on."""
        while not self.has_our_library():
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended before it loaded our library: {self.last_words()}")
            if self.run.left_s() <= 0.1:
                raise Failure(f"{self.name} did not load our library: {self.last_words()}")
            time.sleep(0.01)

    def close_input(self):
        if self.writer:
            self.writer.join(self.run.left_s())
        try:
            self.process.stdin.close()
        except OSError:
            pass

    def wait(self):
        """For its end, which must be a good one."""
        self._look()
        try:
            code = self.process.wait(self.run.left_s())
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {self.run.app.timeout_s} s: {self.last_words()}") from None
        if code != 0:
            how = f"exit status {code}" if code > 0 else signal.Signals(-code).name
            raise Failure(f"{self.name}: {how}: {self.last_words()}")

    def stop(self, number=signal.SIGTERM, codes=(0,)):
        """For a program that runs until told to end: `codes` are good ends."""
        self.wait_for_our_library()
        self._look()
        self.process.send_signal(number)
        try:
            code = self.process.wait(self.run.left_s())
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end upon {number.name}: {self.last_words()}") from None
        if code not in codes and code != -number:
            raise Failure(f"{self.name}: exit status {code} upon {number.name}: {self.last_words()}")

    def output(self):
        return self.log.read_text(errors="replace")

    def last_words(self):
        lines = [line for line in self.output().splitlines() if line.strip()]
        return lines[-1][:200] if lines else "no output"

    def kill(self):
        self._over.set()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self._watcher.join()
        self.close_input()


def with_children(pid):
    yield pid
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from with_children(int(child))


def mapped_files(pid):
    """The files that a process has mapped to run code of."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
    except OSError:
        return set()
    fields = (line.split(None, 5) for line in lines)
    return {field[5] for field in fields if len(field) == 6 and "x" in field[1] and field[5].startswith("/")}


def check_library(run):
    """Ours was mapped, and no other librdkafka: neither by name, nor inside of something else."""
    mapped = set().union(*(program.mapped for program in run.programs))
    if str(run.kit.library) not in mapped:
        raise Failure("our library was not mapped")
    for path in sorted(mapped - {str(run.kit.library)}):
        base = os.path.basename(path)
        if base.startswith("librdkafka") and not base.startswith("librdkafka++"):
            raise Failure(f"another librdkafka was mapped: {path}")
        if is_foreign(path):
            raise Failure(f"another librdkafka is inside of {path}")


def is_foreign(path):
    try:
        with open(path, "rb") as file:
            return FOREIGN_MARK in file.read()
    except OSError:
        return False


def compare(app, run, found):
    """Everything arrived once, unchanged, and within each partition in the order in which it was sent."""
    expected = list(app.expected(run))
    received = [(partition, app.received(key, value)) for partition, _, key, value in found]
    place = {pair: number for number, pair in enumerate(expected)}
    counts, last = {}, {}
    for partition, pair in received:
        if pair not in place:
            raise Failure(f"in the topic, but never sent: {pair!r}"[:300])
        counts[pair] = counts.get(pair, 0) + 1
        if app.ordered and place[pair] < last.get(partition, -1):
            raise Failure(f"out of order in partition {partition}: {pair!r}"[:300])
        last[partition] = place[pair]
    missing = [pair for pair in expected if pair not in counts]
    if missing:
        raise Failure(f"{len(missing)} of {len(expected)} messages are missing, the first: {missing[0]!r}"[:300])
    if len(received) > len(expected):
        raise Failure(f"{len(received) - len(expected)} messages are there twice")


def check_idempotence(run):
    share = run.cluster.idempotent_share(run.topic)
    if share is None:
        return
    with_id, batches = share
    if run.idempotent and with_id != batches:
        raise Failure(f"only {with_id} of {batches} batches bear a producer id")
    if not run.idempotent and with_id:
        raise Failure(f"{with_id} batches bear a producer id, though nobody asked for idempotence")


# ---- results --------------------------------------------------------------------------------------------------------

@dataclasses.dataclass
class Result:
    app: str
    title: str
    version: str
    cluster: str
    mode: str
    outcome: str                    # passed, failed, skipped
    seconds: float = 0.0            # from the program's start to its end
    messages: int = 0
    reason: str = ""
    note: str = ""

    def line(self):
        what = f"{self.messages} messages in {self.seconds:.2f} s" if self.outcome == "passed" else self.reason
        return f"{self.app:<16} {self.version:<14} {self.mode:<24} {self.cluster:<20} {self.outcome:<8} {what}"


def attempt(kit, app, version, cluster, mode):
    """One run, whatever happens in it."""
    result = Result(app.name, app.title, version, cluster.title, mode, "failed", note=app.note)
    run = Run(kit, app, cluster, mode)
    try:
        app.produce(run)
        result.seconds = round(time.monotonic() - run.began, 2)
        found = read_back(run.bootstrap, run.topic, len(app.expected(run)), app.read_timeout_s)
        compare(app, run, found)
        check_library(run)
        check_idempotence(run)
        result.outcome, result.messages = "passed", len(found)
    except Skip as skip:
        result.outcome, result.reason = "skipped", str(skip)
    except Failure as failure:
        result.reason = f"{failure}; output in {run.dir.relative_to(ROOT)}"
    except Exception as mistake:  # one app's mistake is no reason not to try the others
        result.reason = f"{type(mistake).__name__}: {mistake}"
    finally:
        run.end()
    return result
