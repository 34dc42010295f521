"""proftpd with mod_kafka: logs each command of an FTP session. The process of a session makes the Kafka handle."""
import grp
import json
import os
import pwd
import socket
import time

import debian
from harness import MESSAGES, App, Failure

CONFIG = """
ServerType standalone
DefaultAddress 127.0.0.1
Port {port}
UseIPv6 off
DelayEngine off
WtmpLog off
RequireValidShell off
AuthPAM off
User {user}
Group {group}
ModulePath {root}/usr/lib/proftpd
PidFile {dir}/pid
ScoreboardFile {dir}/scoreboard
SystemLog {dir}/system.log
TransferLog none
AuthUserFile {dir}/users
AuthOrder mod_auth_file.c
MaxCommandRate 100000
LoadModule mod_kafka.c
<IfModule mod_kafka.c>
  KafkaEngine on
  KafkaLog {dir}/kafka.log
  KafkaBroker {bootstrap}
  KafkaProperty linger.ms 0
  {properties}
  LogFormat {topic} "%m %J"
  KafkaLogOnEvent CLNT {topic}
</IfModule>
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proftpd(App):
    title = "proftpd, mod_kafka"
    note = "waits for each message"
    timeout_s = 120

    def prepare(self, kit):
        self.root, version = debian.unpacked(kit, "proftpd-core", "proftpd-mod-kafka")
        return version

    def expected(self, run):
        return [(None, number) for number in range(MESSAGES)]

    def received(self, key, value):
        log = json.loads(value)
        return key, int(log["command_params"]) if log.get("command") == "CLNT" else value

    def produce(self, run):
        port = free_port()
        properties = "KafkaProperty enable.idempotence true" if run.idempotent else ""
        config = run.dir / "proftpd.conf"
        config.write_text(CONFIG.format(dir=run.dir, root=self.root, port=port, user=pwd.getpwuid(os.getuid()).pw_name,
                                        group=grp.getgrgid(os.getgid()).gr_name,
                                        bootstrap=run.bootstrap, topic=run.topic, properties=properties))
        (run.dir / "users").write_text("")
        os.chmod(run.dir / "users", 0o600)
        program = run.start([self.root / "usr/sbin/proftpd", "-n", "-q", "-c", config],
                            LD_LIBRARY_PATH=debian.libraries(run.kit, self.root))
        self.session(run, program, port)
        run.wait_written()
        program.stop()

    def session(self, run, program, port):
        while True:
            try:
                client = socket.create_connection(("127.0.0.1", port), run.left_s())
                break
            except OSError:
                if program.process.poll() is not None or run.left_s() <= 0.1:
                    raise Failure(f"proftpd does not listen: {program.last_words()}") from None
                time.sleep(0.05)
        with client:
            answers = client.makefile("rb")
            answers.readline()
            for number in range(MESSAGES):
                client.sendall(f"CLNT {number}\r\n".encode())
                answer = answers.readline()
                if not answer.startswith(b"200"):
                    raise Failure(f"proftpd: {answer!r}")
            # While the session lives, its process has the library mapped.
            program.wait_for_our_library()
