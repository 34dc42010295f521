"""syslog-ng with its kafka-c destination: reads a file line by line and sends each line, as key and as value."""
import debian
from harness import App

CONFIG = """@version: 3.38
options {{ log-msg-size(65536); stats-freq(0); }};
source input {{ file("{input}" flags(no-parse) follow-freq(0.1) log-fetch-limit(1000)); }};
destination kafka {{
  kafka-c(bootstrap-servers("{bootstrap}") topic("{topic}") key("${{MESSAGE}}") message("${{MESSAGE}}")
          flush-timeout-on-shutdown(20000) poll-timeout(100) config({properties}));
}};
log {{ source(input); destination(kafka); flags(flow-control); }};
"""


class SyslogNg(App):
    title = "syslog-ng, kafka-c"

    def prepare(self, kit):
        self.root, version = debian.unpacked(kit, "syslog-ng-core", "syslog-ng-mod-rdkafka")
        return version

    def expected(self, run):
        return [(value, value) for _, value in run.messages]

    def produce(self, run):
        properties = ['"linger.ms" => "5"', *(['"enable.idempotence" => "true"'] if run.idempotent else [])]
        config = run.dir / "syslog-ng.conf"
        config.write_text(CONFIG.format(input=debian.lines_file(run), bootstrap=run.bootstrap, topic=run.topic,
                                        properties=" ".join(properties)))
        program = run.start([self.root / "usr/sbin/syslog-ng", "-F", "--no-caps", "-e", "-f", config, "-R", run.dir / "persist",
                             "-p", run.dir / "pid", "-c", run.dir / "control",
                             "--module-path", self.root / "usr/lib/syslog-ng/3.38"],
                            LD_LIBRARY_PATH=debian.libraries(run.kit, self.root, self.root / "usr/lib/syslog-ng"))
        run.wait_written()
        program.stop()
