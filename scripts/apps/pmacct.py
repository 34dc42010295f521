"""pmacct's nfacctd with its kafka plugin: takes NetFlow and sends, as JSON, a record for each flow. The process that sends is a
child made for each second's records, and makes a Kafka handle of its own."""
import json
import signal
import socket
import struct
import time

import debian
from harness import MESSAGES, App, Failure

CONFIG = """daemonize: false
nfacctd_ip: 127.0.0.1
nfacctd_port: {listen}
pidfile: {dir}/pid
plugins: kafka
aggregate: src_host, dst_host, src_port, dst_port, proto
kafka_output: json
kafka_topic: {topic}
kafka_broker_host: {host}
kafka_broker_port: {port}
kafka_refresh_time: 1
kafka_config_file: {dir}/kafka.conf
"""
PORT_FIRST = 20000
FLOWS_PER_DATAGRAM = 30


def netflow():
    """Datagrams of NetFlow v5; each flow has another source port, and a packet of 32 bytes."""
    for first in range(0, MESSAGES, FLOWS_PER_DATAGRAM):
        numbers = range(first, min(first + FLOWS_PER_DATAGRAM, MESSAGES))
        flows = [struct.pack("!4s4s4sHHIIIIHHBBBBHHBBH", bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2)), bytes(4), 0, 0, 1, 32, 0, 0,
                             PORT_FIRST + number, 53, 0, 0, 17, 0, 0, 0, 0, 0, 0) for number in numbers]
        yield struct.pack("!HHIIIIBBH", 5, len(flows), 1000, int(time.time()), 0, first, 0, 0, 0) + b"".join(flows)


def free_port():
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pmacct(App):
    title = "pmacct, kafka"
    note = "a handle in each child that it forks"
    ordered = False                 # its table of flows has an order of its own

    def prepare(self, kit):
        self.root, version = debian.unpacked(kit, "pmacct")
        return version

    def expected(self, run):
        return [(None, PORT_FIRST + number) for number in range(MESSAGES)]

    def received(self, key, value):
        flow = json.loads(value)
        right = (flow["ip_src"], flow["ip_dst"], flow["port_dst"], flow["packets"]) == ("10.0.0.1", "10.0.0.2", 53, 1)
        return key, flow["port_src"] if right else value

    def produce(self, run):
        properties = ["global, linger.ms, 5", "topic, message.timeout.ms, 30000",
                      *(["global, enable.idempotence, true"] if run.idempotent else [])]
        (run.dir / "kafka.conf").write_text("\n".join(properties) + "\n")
        host, port = run.bootstrap.split(",")[0].rsplit(":", 1)
        listen, config = free_port(), run.dir / "nfacctd.conf"
        config.write_text(CONFIG.format(dir=run.dir, listen=listen, topic=run.topic, host=host, port=port))
        program = run.start([self.root / "usr/sbin/nfacctd", "-f", config], LD_LIBRARY_PATH=debian.libraries(run.kit, self.root))
        # What comes before the plugin's loop began is dropped without a word.
        while not all(line in program.output() for line in ("waiting for NetFlow", "Purging cache - END")):
            if program.process.poll() is not None or run.left_s() <= 0.1:
                raise Failure(f"nfacctd is not ready: {program.last_words()}")
            time.sleep(0.05)
        with socket.socket(type=socket.SOCK_DGRAM) as to:
            for datagram in netflow():
                to.sendto(datagram, ("127.0.0.1", listen))
                time.sleep(0.002)
        run.wait_written()
        program.stop(signal.SIGINT)
