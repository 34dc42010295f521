"""The crate rdkafka with its feature `dynamic-linking`, in a small program of ours: scripts/apps/rust."""
import json
import shutil

from clusters import ROOT
from harness import App, quiet


class Rust(App):
    title = "Rust rdkafka (`dynamic-linking`)"
    needs = ("cargo", "pkg-config")
    modes = ("BaseProducer", "BaseProducer idempotent", "ThreadedProducer", "FutureProducer", "FutureProducer idempotent")

    def prepare(self, kit):
        work = kit.cache("rust")
        shutil.copytree(ROOT / "scripts" / "apps" / "rust", work, dirs_exist_ok=True)
        environment = kit.environment(CARGO_TARGET_DIR=str(work / "target"))
        quiet(["cargo", "build", "-q", "-j", "2"], 900, cwd=work, env=environment)
        self.program = work / "target" / "debug" / "apps-rust"
        packages = json.loads(quiet(["cargo", "metadata", "--format-version", "1"], 60, cwd=work, env=environment))["packages"]
        return next(package["version"] for package in packages if package["name"] == "rdkafka")

    def produce(self, run):
        run.feed([self.program, run.bootstrap, run.topic, run.mode])
