"""Makes what is measured: our library and sink, the program in C, and on request its peers in Java and Go."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

from harness.progress import progress

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCHES = ROOT / "benches"
OUT = ROOT / "target" / "bench"
SOURCES = [BENCHES / "producer.c", *sorted((BENCHES / "producer").glob("*.h"))]
PEERS = BENCHES / "peers"


def command(*args, **more):
    done = subprocess.run([str(a) for a in args], cwd=more.pop("cwd", ROOT), check=False, **more)
    if done.returncode:
        sys.exit(f"{done.stderr or ''}benches: {args[0]} failed")
    return done


def artifacts(profile):
    return ROOT / "target" / ("debug" if profile == "dev" else profile)


def our_library(profile, no_build=False):
    """The directory with our library under the two names that linker and loader look for."""
    if not no_build:
        progress(f"building ours, profile {profile}")
        command("cargo", "build", "-q", "--profile", profile, stderr=subprocess.PIPE, text=True)
    ours = ROOT / "target" / "lib" / profile
    ours.mkdir(parents=True, exist_ok=True)
    for name in ("librdkafka.so", "librdkafka.so.1"):
        link = ours / name
        link.unlink(missing_ok=True)
        link.symlink_to(artifacts(profile) / "librdkafka.so")
    return ours


def librdkafka(which):
    fetched = command("benches/fetch_librdkafka.sh", which, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(fetched.stdout.strip())


def program():
    """Linked to an empty library with the right name, so that it prefers none of the two."""
    OUT.mkdir(parents=True, exist_ok=True)
    names = {name for source in SOURCES for name in re.findall(r"\b(rd_kafka_[a-z0-9_]+)\(", source.read_text())}
    (OUT / "stub.c").write_text("".join(f"void {name}(void) {{}}\n" for name in sorted(names)))
    for old in OUT.glob("corpus-*"):
        old.unlink()
    cc, flags = os.environ.get("CC", "cc"), os.environ.get("CPPFLAGS", f"-I{ROOT / 'include'}").split()
    command(cc, "-shared", "-fPIC", "-Wl,-soname,librdkafka.so.1", "-o", OUT / "librdkafka.so", OUT / "stub.c")
    (OUT / "librdkafka.so.1").unlink(missing_ok=True)
    (OUT / "librdkafka.so.1").symlink_to("librdkafka.so")
    command(cc, "-O2", "-g", "-Wall", "-Wextra", *flags, SOURCES[0], "-o", OUT / "producer", f"-L{OUT}", "-lrdkafka",
            "-pthread", "-ldl")
    command(cc, "-O2", "-shared", "-fPIC", "benches/allocations.c", "-o", OUT / "allocations.so")


def kafka_module():
    """scripts/kafka/kafka.py, which fetches Kafka and runs brokers."""
    folder = str(ROOT / "scripts" / "kafka")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import kafka  # pylint: disable=import-outside-toplevel
    return kafka


def java_peer():
    """The command that runs it."""
    kafka = kafka_module()
    progress("building the peer in Java")
    try:
        home = kafka.fetch("4")
        kafka.need("java", "javac")
    except kafka.Failure as failure:
        sys.exit(f"benches: {failure}")
    classes = OUT / "java"
    classes.mkdir(parents=True, exist_ok=True)
    command("javac", "-d", classes, "-cp", f"{home}/libs/*", *sorted((PEERS / "java").glob("*.java")))
    return ["java", "-Xmx1g", f"-Dkafka.version={kafka.release('4')}",
            f"-Dlog4j2.configurationFile={home}/log4j2.properties", "-Dlog4j2.level=error", "-cp",
            f"{classes}:{home}/libs/*", "BenchProducer"]


def go_peer():
    """The command that runs it."""
    if not shutil.which("go"):
        sys.exit("benches: missing: go 1.21 or newer (apt-get install golang-go, or from go.dev)")
    progress("building the peer in Go")
    command("go", "build", "-o", OUT / "go-peer", ".", cwd=PEERS / "go")
    return [str(OUT / "go-peer")]
