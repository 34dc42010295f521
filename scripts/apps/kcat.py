"""kcat from Debian, which links librdkafka.so.1."""
from harness import App, debian_version


class Kcat(App):
    title = "kcat (Debian)"
    short = True

    def prepare(self, kit):
        return debian_version("kcat")

    def produce(self, run):
        idempotent = ["-X", "enable.idempotence=true"] if run.idempotent else []
        run.feed(["kcat", "-P", "-b", run.bootstrap, "-t", run.topic, "-K", "\t", *idempotent])
