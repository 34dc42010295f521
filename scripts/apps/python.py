"""confluent_kafka for Python: Debian's, the newest wheel with its library swapped for ours, and built from source on ours."""
import shutil
import sys
import zipfile

from clusters import ROOT, Failure
from harness import App, debian_unpacked, quiet

SCRIPT = ROOT / "scripts" / "apps" / "python" / "produce.py"
PACKAGE = "confluent-kafka"


class Python(App):
    python = sys.executable

    def produce(self, run):
        run.feed([self.python, SCRIPT, run.bootstrap, run.topic, run.mode], PYTHONPATH=str(self.path),
                 PYTHONDONTWRITEBYTECODE="1")


class Debian(Python):
    name, title = "python-debian", "Python confluent_kafka (Debian)"
    python = "/usr/bin/python3"

    def prepare(self, kit):
        root, version = debian_unpacked(kit, "python3-confluent-kafka")
        self.path = root / "usr/lib/python3/dist-packages"
        return version


class Wheel(Python):
    name, title = "python-wheel", "Python confluent_kafka (wheel, library swapped)"
    modes = ("plain", "idempotent", "asyncio")
    short = True

    def prepare(self, kit):
        cache = kit.cache("python-wheel")
        if not list(cache.glob("*.whl")):
            quiet([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", cache, PACKAGE])
        wheel = next(cache.glob("*.whl"))
        self.path = cache / "swapped"
        shutil.rmtree(self.path, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.path)
        bundled = [path for path in self.path.glob("*.libs/librdkafka*")]
        if len(bundled) != 1:
            raise Failure(f"the wheel has not one librdkafka but {len(bundled)}")
        bundled[0].unlink()
        bundled[0].symlink_to(kit.library)
        return wheel.name.split("-")[1]


class Source(Python):
    name, title = "python-source", "Python confluent_kafka (from source)"
    modes = ("plain", "idempotent", "asyncio idempotent")

    def prepare(self, kit):
        """Built anew against our header each time, from the downloaded source."""
        cache = kit.cache("python-source")
        if not list(cache.glob("*.tar.gz")):
            quiet([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", PACKAGE, "-d", cache, PACKAGE])
        archive = next(cache.glob("*.tar.gz"))
        self.path = cache / "built"
        shutil.rmtree(self.path, ignore_errors=True)
        environment = {**kit.environment(), "C_INCLUDE_PATH": str(kit.include), "LIBRARY_PATH": str(kit.lib)}
        quiet([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-cache-dir", "--target", self.path, archive],
              env=environment)
        return archive.name.removesuffix(".tar.gz").split("-")[1]
