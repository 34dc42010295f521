"""collectd with write_kafka: takes values over its unixsock plugin and sends each as a PUTVAL command."""
import socket
import time

import debian
from harness import MESSAGES, App, Failure

CONFIG = """
Hostname "app"
BaseDir "{dir}"
PIDFile "{dir}/pid"
PluginDir "{root}/usr/lib/collectd"
TypesDB "{root}/usr/share/collectd/types.db"
Interval 3600
WriteThreads 1
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File STDOUT
</Plugin>
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "{dir}/socket"
</Plugin>
LoadPlugin write_kafka
<Plugin write_kafka>
  Property "metadata.broker.list" "{bootstrap}"
  {properties}
  <Topic "{topic}">
    Format Command
    Property "message.timeout.ms" "30000"
  </Topic>
</Plugin>
"""
BEGAN = 1700000000


class Collectd(App):
    title = "collectd, write_kafka"
    ordered = False                 # it draws a random key when it starts, and has queues of its own

    def prepare(self, kit):
        self.root, version = debian.unpacked(kit, "collectd-core")
        return version

    def expected(self, run):
        return [(None, f"PUTVAL app/try/gauge-{number:06d} interval=10.000 {BEGAN + number}.000:{number}".encode())
                for number in range(MESSAGES)]

    def received(self, key, value):
        return None, value

    def produce(self, run):
        config = run.dir / "collectd.conf"
        idempotent = 'Property "enable.idempotence" "true"' if run.idempotent else ""
        config.write_text(CONFIG.format(dir=run.dir, root=self.root, bootstrap=run.bootstrap, topic=run.topic, properties=idempotent))
        program = run.start([self.root / "usr/sbin/collectd", "-f", "-C", config],
                            LD_LIBRARY_PATH=debian.libraries(run.kit, self.root))
        self.put(run, program)
        run.wait_written()
        program.stop()

    def put(self, run, program):
        path = run.dir / "socket"
        while not path.exists():
            if program.process.poll() is not None or run.left_s() <= 0.1:
                raise Failure(f"collectd does not listen: {program.last_words()}")
            time.sleep(0.05)
        with socket.socket(socket.AF_UNIX) as to:
            to.settimeout(run.left_s())
            to.connect(str(path))
            answers = to.makefile("rb")
            for number in range(MESSAGES):
                to.sendall(f'PUTVAL "app/try/gauge-{number:06d}" interval=10 {BEGAN + number}:{number}\n'.encode())
                answer = answers.readline()
                if not answer.startswith(b"0 "):
                    raise Failure(f"collectd: {answer!r}")
