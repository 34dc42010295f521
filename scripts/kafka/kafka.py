#!/usr/bin/env python3
"""Real Apache Kafka for the tests: fetch it once, run small KRaft clusters on loopback.

  kafka.py fetch VERSION                  jars from Maven Central into .cache/kafka/VERSION (once)
  kafka.py start VERSION BROKERS DIR      start 1 or 3 brokers, wait until ready, write DIR/cluster.env
  kafka.py stop DIR                       stop exactly the brokers that DIR's start (or restart) started
  kafka.py kill9|pause|resume|restart DIR ID
  kafka.py tool DIR COMMAND [ARG...]      one command of the Java tool (create, describe, move-leader, dump, ...)

VERSION is a release (4.4.0) or a line (4, 3.9). Every wait has a deadline. Needs java and javac 17 and mvn.
As a module, `Cluster` and `Tool` do the same for a test script; `Tool` keeps one JVM for many commands.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
import base64

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("KAFKA_CACHE", ROOT / ".cache" / "kafka"))
JAVA_SOURCES = ROOT / "tests" / "kafka" / "java"
LINES = {"4": "4.4.0", "3.9": "3.9.2"}
DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
START_TIMEOUT_S = 120
FAST_JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>kafka-runtime</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{version}</version>
 <exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion></exclusions>
</dependency>
<dependency><groupId>{log_group}</groupId><artifactId>{log_artifact}</artifactId><version>{log_version}</version></dependency>
</dependencies></project>
"""

LOG4J2 = """status = error
appender.err.type = Console
appender.err.name = err
appender.err.target = SYSTEM_ERR
appender.err.layout.type = PatternLayout
appender.err.layout.pattern = %d %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.err.ref = err
"""

LOG4J1 = """log4j.rootLogger=INFO, err
log4j.appender.err=org.apache.log4j.ConsoleAppender
log4j.appender.err.target=System.err
log4j.appender.err.layout=org.apache.log4j.PatternLayout
log4j.appender.err.layout.ConversionPattern=%d %p %m (%c)%n
"""

SERVER = """process.roles=broker,controller
node.id={id}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters={voters}
log.dirs={data}
num.partitions=4
default.replication.factor={rf}
min.insync.replicas={min_isr}
offsets.topic.replication.factor={rf}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={rf}
transaction.state.log.min.isr={min_isr}
transaction.state.log.num.partitions=4
auto.create.topics.enable=true
auto.leader.rebalance.enable=false
message.max.bytes=1100000
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=1
log.cleaner.dedupe.buffer.size=2097152
"""

# Appended when clients shall come through a proxy: a listener of their own, advertised with the proxy's port. Brokers and
# the Java tool stay on the direct one.
PROXIED = """listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port},CLIENT://127.0.0.1:{client_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CLIENT://127.0.0.1:{proxy_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT
"""


class Failure(Exception):
    """Something that the user can act on, told in one line."""


def release(version):
    return LINES.get(version, version)


def need(*programs):
    hints = {"java": "apt-get install openjdk-17-jdk-headless", "javac": "apt-get install openjdk-17-jdk-headless",
             "mvn": "apt-get install maven"}
    for program in programs:
        if not shutil.which(program):
            raise Failure(f"missing: {program} ({hints[program]})")


def wait_until(what, timeout_s, condition, interval_s=0.1):
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"timed out after {timeout_s} s: {what}")
        time.sleep(interval_s)


# ---- fetching -------------------------------------------------------------------------------------------------------

def fetch(version):
    """The directory with libs/, the logging configuration and a formatted metadata checkpoint of this release."""
    version = release(version)
    home = CACHE / version
    if not (home / "complete").exists():
        need("java", "javac", "mvn")
        work = CACHE / f"{version}.partial-{os.getpid()}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            download(version, work)
            format_once(work)
            (work / "complete").touch()
            shutil.rmtree(home, ignore_errors=True)
            work.rename(home)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return home


def download(version, work):
    modern = int(version.split(".")[0]) >= 4
    log = ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5") if modern else ("org.slf4j", "slf4j-reload4j", "1.7.36")
    (work / "pom.xml").write_text(POM.format(version=version, log_group=log[0], log_artifact=log[1], log_version=log[2]))
    (work / "log4j2.properties").write_text(LOG4J2)
    (work / "log4j.properties").write_text(LOG4J1)
    run = subprocess.run(["mvn", "-q", "-B", f"{DEPENDENCY_PLUGIN}:copy-dependencies", f"-DoutputDirectory={work}/libs",
                          "-DincludeScope=runtime"], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=900)
    if run.returncode != 0:
        errors = [line for line in run.stdout.splitlines() if "ERROR" in line]
        raise Failure(f"mvn could not fetch Kafka {version}: {errors[0] if errors else run.stdout[-300:]}")


def format_once(work):
    """Kafka's own formatter writes the bootstrap metadata once; clusters copy it, which saves a JVM per broker.
    Where it writes differs between releases. `meta.properties` holds the ids and is written per broker at start."""
    config = work / "format.properties"
    config.write_text(SERVER.format(id=1, port=9092, controller_port=9093, voters="1@127.0.0.1:9093", rf=1, min_isr=1,
                                    data=work / "format"))
    run = subprocess.run(java(work, "-Xmx128m") + ["kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", config],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    if run.returncode != 0 or not (work / "format" / "meta.properties").exists():
        raise Failure(f"formatting failed: {run.stdout[-500:]}")
    (work / "format" / "meta.properties").unlink()


def java(home, *options):
    return ["java", *FAST_JVM, *options, f"-Dlog4j2.configurationFile={home}/log4j2.properties",
            f"-Dlog4j.configuration=file:{home}/log4j.properties", "-cp", f"{home}/tool:{home}/libs/*"]


def cluster_id():
    """22 characters of URL-safe base64 that don't begin with '-', which the command line would take for an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


# ---- a running cluster ----------------------------------------------------------------------------------------------

def process_start(pid):
    """Start time of a live process: with the pid it names one process for good. None when gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def registered_brokers(port):
    """Ids of the brokers that this broker knows, from a Metadata v1 request for no topics. Empty while not up."""
    body = struct.pack(">hhih5si", 3, 1, 7, 5, b"ready", 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            stream = connection.makefile("rb")
            size = struct.unpack(">i", stream.read(4))[0]
            reply = stream.read(size)
        count, at, ids = struct.unpack(">i", reply[4:8])[0], 8, set()
        for _ in range(count):
            ids.add(struct.unpack(">i", reply[at:at + 4])[0])
            at += 4
            at += 2 + struct.unpack(">h", reply[at:at + 2])[0] + 4          # host, port
            at += 2 + max(0, struct.unpack(">h", reply[at:at + 2])[0])      # rack
        return ids
    except (OSError, struct.error):
        return set()


class Cluster:
    """Brokers 1..n, each broker and controller in one process, all state under `directory`."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory).resolve()
        state = self.directory / "cluster.json"
        if not state.exists():
            raise Failure(f"no cluster in {self.directory}")
        self.state = json.loads(state.read_text())
        self.launcher = []
        self.processes = []

    @classmethod
    def start(cls, version, count, directory, die_with_caller=False, proxy_ports=()):
        """`die_with_caller`: the kernel ends the brokers when this process dies, however that happens. `proxy_ports`: where
        proxies listen, one per broker, that lead to the brokers' `client_port`."""
        home = fetch(version)
        need("java")
        directory = pathlib.Path(directory).resolve()
        if (directory / "cluster.json").exists():
            raise Failure(f"{directory} already holds a cluster; stop it first")
        directory.mkdir(parents=True, exist_ok=True)
        ports = free_ports(3 * count)
        brokers = {str(i + 1): {"port": ports[3 * i], "controller_port": ports[3 * i + 1]} for i in range(count)}
        for i, proxy_port in enumerate(proxy_ports):
            brokers[str(i + 1)].update(client_port=ports[3 * i + 2], proxy_port=proxy_port)
        state = {"version": release(version), "home": str(home), "cluster_id": cluster_id(), "brokers": brokers}
        (directory / "cluster.json").write_text(json.dumps(state))
        cluster = cls(directory)
        if die_with_caller and shutil.which("setpriv"):
            cluster.launcher = ["setpriv", "--pdeathsig", "KILL"]
        try:
            for broker in brokers:
                cluster._format(broker)
                cluster._launch(broker)
            cluster.wait_ready()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{broker['port']}" for broker in self.state["brokers"].values())

    @property
    def home(self):
        return pathlib.Path(self.state["home"])

    def broker_dir(self, broker):
        return self.directory / f"broker-{broker}"

    def _format(self, broker):
        brokers, here = self.state["brokers"], self.broker_dir(broker)
        data = here / "data"
        shutil.copytree(self.home / "format", data)
        rf = len(brokers)
        voters = ",".join(f"{i}@127.0.0.1:{b['controller_port']}" for i, b in brokers.items())
        (here / "server.properties").write_text(SERVER.format(
            id=broker, port=brokers[broker]["port"], controller_port=brokers[broker]["controller_port"], voters=voters,
            rf=rf, min_isr=2 if rf >= 3 else 1, data=data)
            + (PROXIED.format(**brokers[broker]) if "proxy_port" in brokers[broker] else ""))
        (data / "meta.properties").write_text(
            f"version=1\ncluster.id={self.state['cluster_id']}\nnode.id={broker}\ndirectory.id={cluster_id()}\n")

    def _launch(self, broker):
        here = self.broker_dir(broker)
        with open(here / "server.log", "ab") as log:
            process = subprocess.Popen(
                [*self.launcher, *java(self.home, "-Xms64m", "-Xmx400m"), "kafka.Kafka", here / "server.properties"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=here)
        self.state["brokers"][broker].update(pid=process.pid, started=process_start(process.pid))
        self.processes.append(process)  # reaped in _alive
        self._save()

    def _save(self):
        brokers = self.state["brokers"]
        (self.directory / "cluster.json").write_text(json.dumps(self.state, indent=1))
        lines = [f"BOOTSTRAP={self.bootstrap}", f"KAFKA_VERSION={self.state['version']}",
                 "PIDS='" + " ".join(str(b["pid"]) for b in brokers.values() if "pid" in b) + "'"]
        for broker, b in brokers.items():
            lines += [f"BROKER_{broker}_PORT={b['port']}", f"BROKER_{broker}_PID={b.get('pid', '')}"]
        (self.directory / "cluster.env").write_text("\n".join(lines) + "\n")

    def _alive(self, broker):
        for process in self.processes:
            process.poll()
        b = self.state["brokers"][broker]
        return "pid" in b and b["started"] is not None and process_start(b["pid"]) == b["started"]

    def _signal(self, broker, number):
        if broker not in self.state["brokers"]:
            raise Failure(f"no broker {broker}")
        if self._alive(broker):
            os.kill(self.state["brokers"][broker]["pid"], number)
        elif number != signal.SIGKILL:
            raise Failure(f"broker {broker} is not running")

    def wait_ready(self):
        """Every living broker knows every living broker, so leaders can be elected and metadata is complete."""
        alive = [broker for broker in self.state["brokers"] if self._alive(broker)]
        wanted = {int(broker) for broker in alive}

        def ready():
            for broker in alive:
                if not self._alive(broker):
                    tail = (self.broker_dir(broker) / "server.log").read_text(errors="replace")[-600:]
                    raise Failure(f"broker {broker} ended while starting: {tail}")
            return all(registered_brokers(self.state["brokers"][b]["port"]) >= wanted for b in alive)

        wait_until("brokers to be ready", START_TIMEOUT_S, ready, 0.2)

    def kill9(self, broker):
        self._signal(broker, signal.SIGKILL)
        wait_until(f"broker {broker} to be gone", 10, lambda: not self._alive(broker), 0.02)

    def pause(self, broker):
        self._signal(broker, signal.SIGSTOP)

    def resume(self, broker):
        self._signal(broker, signal.SIGCONT)

    def restart(self, *brokers):
        for broker in brokers:
            self.kill9(broker)
        for broker in brokers:
            self._launch(broker)
        self.wait_ready()

    def stop(self):
        """Its data is worthless afterwards, so SIGKILL: quick, and it also ends a paused broker."""
        for broker in self.state["brokers"]:
            self._signal(broker, signal.SIGKILL)
        for broker in self.state["brokers"]:
            wait_until(f"broker {broker} to be gone", 10, lambda b=broker: not self._alive(b), 0.02)
        (self.directory / "cluster.json").unlink(missing_ok=True)


# ---- the Java tool --------------------------------------------------------------------------------------------------

def build_tool(home):
    need("javac")
    sources = sorted(JAVA_SOURCES.glob("*.java"))
    stamp = home / "tool" / "stamp"
    if not stamp.exists() or any(source.stat().st_mtime > stamp.stat().st_mtime for source in sources):
        subprocess.run(["javac", "-nowarn", "-d", home / "tool", "-cp", f"{home}/libs/*", *sources], check=True, timeout=120)
        stamp.touch()


class Tool:
    """One JVM with Kafka's own admin client and consumer; takes commands one by one."""

    def __init__(self, cluster):
        build_tool(cluster.home)
        self.log = open(cluster.directory / "tool.log", "ab")
        self.process = subprocess.Popen([*cluster.launcher, *java(cluster.home, "-Xmx700m"), "Tool", cluster.bootstrap],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        start_new_session=True)

    def run(self, *words):
        """The lines that the command prints; Failure with the tool's message when it fails."""
        self.process.stdin.write("\t".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line == "= ok":
                return lines
            if line.startswith("= error "):
                raise Failure(f"{' '.join(map(str, words))}: {line[8:]}")
            lines.append(line)
        raise Failure(f"the Java tool ended during: {words}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()
        self.log.close()


def main(args):
    match args:
        case ["fetch", version]:
            print(fetch(version))
        case ["start", version, count, directory]:
            begin = time.monotonic()
            cluster = Cluster.start(version, int(count), directory)
            print(f"ready in {time.monotonic() - begin:.1f} s: {cluster.bootstrap}")
        case ["stop", directory]:
            Cluster(directory).stop()
        case ["kill9" | "pause" | "resume" | "restart" as verb, directory, broker]:
            getattr(Cluster(directory), verb)(broker)
        case ["tool", directory, *words] if words:
            tool = Tool(Cluster(directory))
            try:
                print("\n".join(tool.run(*words)))
            finally:
                tool.close()
        case _:
            raise Failure(__doc__.strip())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as failure:
        sys.exit(f"kafka.py: {failure}")
