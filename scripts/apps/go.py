"""confluent-kafka-go with `-tags dynamic`, in a small program of ours: scripts/apps/go."""
import re
import shutil

from clusters import ROOT
from harness import App, Skip, quiet

MODULE = "github.com/confluentinc/confluent-kafka-go/v2"


class Go(App):
    title = "Go confluent-kafka-go (`-tags dynamic`)"
    needs = ("go", "pkg-config", "cc")
    modes = ("Produce", "Produce idempotent", "channel", "channel batch idempotent")

    def prepare(self, kit):
        version = quiet(["go", "version"], 60)
        if tuple(map(int, re.search(r"go(\d+)\.(\d+)", version).groups())) < (1, 21):
            raise Skip(f"Go 1.21 or newer is needed, to fetch what its module asks for; here: {version.strip()}")
        work = kit.cache("go")
        shutil.copytree(ROOT / "scripts" / "apps" / "go", work, dirs_exist_ok=True)
        environment = kit.environment(CGO_ENABLED="1", GOFLAGS="-mod=mod")
        quiet(["go", "get", f"{MODULE}@latest"], 300, cwd=work, env=environment)
        self.program = work / "apps-go"
        quiet(["go", "build", "-p", "2", "-tags", "dynamic", "-o", self.program, "."], 900, cwd=work, env=environment)
        return quiet(["go", "list", "-m", "-f", "{{.Version}}", MODULE], 60, cwd=work, env=environment).strip().lstrip("v")

    def produce(self, run):
        run.feed([self.program, run.bootstrap, run.topic, run.mode])
