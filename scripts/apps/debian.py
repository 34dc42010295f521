"""Daemons from Debian, unpacked beside the system: nothing is installed, no service starts, each runs from a directory of its own."""
import os
import shutil

from harness import Failure, Skip, quiet

ARCH = "x86_64-linux-gnu"


def unpacked(kit, *packages):
    """Downloads packages and those of their dependencies that the system lacks, and unpacks them into the cache, but for any
    librdkafka: (directory, version of the first)."""
    root = kit.cache("debian") / "+".join(packages)
    if not (root / "version").exists():
        if not shutil.which("apt-get"):
            raise Skip(f"{packages[0]}: not a Debian system")
        partial = kit.cache("debian") / f"partial-{packages[0]}-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)
        (partial / "debs" / "partial").mkdir(parents=True)
        try:
            download(partial / "debs", packages)
        except Failure as failure:
            raise Skip(f"{packages[0]}: {failure}") from None
        debs = sorted(deb for deb in (partial / "debs").glob("*.deb") if not deb.name.startswith("librdkafka"))
        for deb in debs:
            quiet(["dpkg-deb", "-x", deb, partial], 120)
        first = next(deb for deb in debs if deb.name.startswith(f"{packages[0]}_"))
        (partial / "version").write_text(quiet(["dpkg-deb", "-f", first, "Version"], 30).strip())
        shutil.rmtree(partial / "debs")
        partial.rename(root)
    return root, (root / "version").read_text()


def download(to, packages):
    """Packages that are there already come again; that others would have to go does not matter."""
    command = ["apt-get", "-qq", "-y", "--no-install-recommends", "--download-only", "--reinstall", "-o", "APT::Sandbox::User=root",
               "-o", "Debug::NoLocking=1", "-o", f"Dir::Cache::archives={to}", "install", *packages]
    try:
        quiet(command, 600)
    except Failure:
        if os.getuid() != 0:
            raise
        # Perhaps the list of packages is old, or not there.
        quiet(["apt-get", "-qq", "update"], 300)
        quiet(command, 600)


def libraries(kit, root, *more):
    """LD_LIBRARY_PATH for a program of that directory: our library first, then what was unpacked."""
    return ":".join(str(path) for path in (kit.lib, root / "usr/lib" / ARCH, root / "lib" / ARCH, *more))


def lines_file(run):
    """The run's values, a line each, in a file: (path, what is to be in the topic)."""
    path = run.dir / "input.txt"
    path.write_bytes(b"".join(value + b"\n" for _, value in run.messages))
    return path
