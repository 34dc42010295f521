"""rsyslog with omkafka: reads a file line by line and sends each line."""
import debian
from harness import App, Failure

CONFIG = """
global(workDirectory="{dir}" maxMessageSize="64k")
module(load="imfile" mode="polling" pollingInterval="1")
module(load="omkafka")
template(name="raw" type="string" string="%msg%")
input(type="imfile" file="{input}" tag="app:" ruleset="out" freshStartTail="off")
ruleset(name="out") {{
  action(type="omkafka" broker=["{bootstrap}"] topic="{topic}" template="raw" partitions.auto="on" resubmitOnFailure="on"
         confParam=[{properties}] topicConfParam=["message.timeout.ms=30000"] closeTimeout="20000" errorFile="{dir}/errors.json")
}}
"""


class Rsyslog(App):
    title = "rsyslog, omkafka"

    def prepare(self, kit):
        self.root, version = debian.unpacked(kit, "rsyslog", "rsyslog-kafka")
        return version

    def expected(self, run):
        return [(None, value) for _, value in run.messages]

    def produce(self, run):
        properties = ['"linger.ms=5"', *(['"enable.idempotence=true"'] if run.idempotent else [])]
        config = run.dir / "rsyslog.conf"
        config.write_text(CONFIG.format(dir=run.dir, input=debian.lines_file(run), bootstrap=run.bootstrap, topic=run.topic,
                                        properties=",".join(properties)))
        program = run.start([self.root / "usr/sbin/rsyslogd", "-n", "-f", config, "-i", run.dir / "pid",
                             "-M", self.root / "usr/lib" / debian.ARCH / "rsyslog"],
                            LD_LIBRARY_PATH=debian.libraries(run.kit, self.root))
        run.wait_written()
        program.stop()
        if (run.dir / "errors.json").exists():
            raise Failure(f"omkafka wrote of errors: {(run.dir / 'errors.json').read_text()[:200]}")
