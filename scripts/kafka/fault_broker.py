"""Brokers that misbehave, for the tests: TCP servers on loopback that speak just enough of the protocol to be hurtful.

A stage (connect, metadata, produce) and a fault. What comes before the stage is answered properly, as a Kafka 2.1 broker
would with one topic of one partition; at the stage the fault happens. `times` limits how often; then all is well.
Each connection has a daemon thread in the test script's process.
"""
import random
import socket
import struct
import threading
import time

PRODUCE, METADATA, API_VERSIONS = 0, 3, 18
API_RANGES = {PRODUCE: (0, 7), 1: (0, 10), 2: (0, 4), METADATA: (0, 7), 10: (0, 2), API_VERSIONS: (0, 2), 22: (0, 1)}
STAGES = {"connect": None, "apiversions": API_VERSIONS, "metadata": METADATA, "produce": PRODUCE}
UNSUPPORTED_VERSION = 35
FAULTS = ("silent", "close", "reset", "close-mid-response", "garbage", "random-body", "huge-length", "negative-length",
          "huge-count", "wrong-correlation", "truncated")


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, code):
        value = struct.unpack_from(">" + code, self.data, self.at)[0]
        self.at += struct.calcsize(">" + code)
        return value

    def take(self, size):
        self.at += max(0, size)
        return self.data[self.at - max(0, size):self.at]

    def varint(self):
        shift = value = 0
        while True:
            byte = self.number("B")
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value >> 1 ^ -(value & 1)

    def string(self):
        return self.take(self.number("h")).decode()


class FaultBroker:
    def __init__(self, stage, fault, times=1 << 30, seed=1):
        assert stage in STAGES and fault in FAULTS
        self.stage, self.fault, self.left = stage, fault, times
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.connections, self.faults_done, self.records = 0, 0, {}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        self.listener.close()
        with self.lock:
            for connection in self.open:
                connection.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.stage == "connect" and self._due():
                self._hurt(connection, b"\0\0\0\0", b"")
                return
            stream = connection.makefile("rb")
            while size := stream.read(4):
                request = Reader(stream.read(struct.unpack(">i", size)[0]))
                key, version, correlation = request.number("h"), request.number("h"), request.take(4)
                request.take(request.number("h"))  # client id
                answer = self._answer(key, version, request)
                if STAGES[self.stage] == key and self._due():
                    self._hurt(connection, correlation, answer)
                    return
                connection.sendall(struct.pack(">i", 4 + len(answer)) + correlation + answer)
        except (OSError, struct.error):
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()

    def _due(self):
        with self.lock:
            self.left -= 1
            self.faults_done += self.left >= 0
            return self.left >= 0

    # ---- proper answers ----

    def _answer(self, key, version, request):
        if key == API_VERSIONS:
            error = 0 if version <= 2 else UNSUPPORTED_VERSION
            body = struct.pack(">h", error) + array([struct.pack(">hhh", k, *r) for k, r in API_RANGES.items()])
            return body + (struct.pack(">i", 0) if 1 <= version <= 2 else b"")
        if key == METADATA:
            return self._metadata(version, request)
        if key == PRODUCE:
            return self._produced(version, request)
        raise OSError(f"unexpected request {key}")

    def _metadata(self, version, request):
        names = [request.string() for _ in range(max(0, request.number("i")))]
        broker = struct.pack(">i", 1) + string("127.0.0.1") + struct.pack(">i", self.port)
        broker += struct.pack(">h", -1) if version >= 1 else b""
        one = struct.pack(">ii", 1, 1)  # an array that holds broker 1
        partition = struct.pack(">hii", 0, 0, 1) + (struct.pack(">i", 0) if version >= 7 else b"") + one + one
        partition += struct.pack(">i", 0) if version >= 5 else b""
        topics = [struct.pack(">h", 0) + string(name) + (b"\0" if version >= 1 else b"") + array([partition]) for name in names]
        return ((struct.pack(">i", 0) if version >= 3 else b"") + array([broker]) +
                (string("fault-cluster") if version >= 2 else b"") + (struct.pack(">i", 1) if version >= 1 else b"") +
                array(topics))

    def _produced(self, version, request):
        if version >= 3:
            request.take(request.number("h"))  # transactional id
        request.take(6)                        # acks, timeout
        topics = []
        for _ in range(request.number("i")):
            name, partitions = request.string(), []
            for _ in range(request.number("i")):
                index, batch = request.number("i"), request.take(request.number("i"))
                error, base = self._store(name, index, batch)
                partitions.append(struct.pack(">ihq", index, error, base) + (struct.pack(">q", -1) if version >= 2 else b"") +
                                  (struct.pack(">q", 0) if version >= 5 else b""))
            topics.append(string(name) + array(partitions))
        return array(topics) + (struct.pack(">i", 0) if version >= 1 else b"")

    def _store(self, name, index, batch):
        with self.lock:
            base = self.records.get((name, index), 0)
            self.records[name, index] = base + struct.unpack_from(">i", batch, 57)[0]
        return 0, base

    # ---- faults ----

    def _hurt(self, connection, correlation, answer):
        whole = struct.pack(">i", 4 + len(answer)) + correlation + answer
        noise = self.random.randbytes(max(len(answer), 64))
        match self.fault:
            case "silent":
                self._wait(connection)
            case "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case "close-mid-response":
                connection.sendall(whole[:max(2, len(whole) // 2)])
            case "garbage":
                connection.sendall(self.random.randbytes(4096))
                self._wait(connection)
            case "random-body":
                connection.sendall(struct.pack(">i", 4 + len(noise)) + correlation + noise)
                self._wait(connection)
            case "huge-length":
                connection.sendall(b"\x7f\xff\xff\xff" + correlation + answer)
                self._wait(connection)
            case "negative-length":
                connection.sendall(b"\xff\xff\xff\xf0" + correlation + answer)
                self._wait(connection)
            case "huge-count":
                connection.sendall(struct.pack(">i", 4 + len(answer)) + correlation +
                                   (b"\x7f\xff\xff\xff" * (len(answer) // 4 + 1))[:len(answer)])
                self._wait(connection)
            case "wrong-correlation":
                connection.sendall(struct.pack(">i", 4 + len(answer)) + b"\x55\xaa\x55\xaa" + answer)
                self._wait(connection)
            case "truncated":
                cut = answer[:len(answer) // 2]
                connection.sendall(struct.pack(">i", 4 + len(cut)) + correlation + cut)
                self._wait(connection)

    @staticmethod
    def _wait(connection):
        """Takes what comes and answers nothing, until the client hangs up."""
        while connection.recv(65536):
            pass


class RejectingBroker(FaultBroker):
    """Stores most batches, but rejects some with retriable errors, hangs up before storing some and after storing others.

    `values` holds each stored record's value, at the index of its offset. A client that has several batches of a partition
    on the way and resends a rejected one after its successor was stored shows itself by the order."""
    RETRIABLE_ERRORS = [5, 6, 7, 19]  # leader not available, not leader, request timed out, not enough replicas
    THINK_TIME_S = 0.002              # so that requests pile up behind the one being answered

    def __init__(self, seed=1):
        self.values, self.rejected, self.hung_up = [], 0, 0
        super().__init__("produce", "close", times=0, seed=seed)

    def _store(self, name, index, batch):
        time.sleep(self.THINK_TIME_S)
        with self.lock:
            chance = self.random.random()
            if chance < 0.2:
                self.rejected += 1
                return self.random.choice(self.RETRIABLE_ERRORS), -1
            if chance < 0.23:
                self.hung_up += 1
                raise OSError("hangs up, not stored")
            base = len(self.values)
            self.values += values_of(batch)
            if chance < 0.26:
                self.hung_up += 1
                raise OSError("hangs up, stored")
            return 0, base


def values_of(batch):
    """Values of an uncompressed RecordBatch."""
    reader = Reader(batch)
    reader.take(57)
    values = []
    for _ in range(reader.number("i")):
        reader.varint()                         # length
        reader.take(1)
        reader.varint(), reader.varint()        # timestamp and offset deltas
        reader.take(reader.varint())            # key
        values.append(reader.take(reader.varint()))
        for _ in range(reader.varint()):
            reader.take(reader.varint())        # header name and value
            reader.take(reader.varint())
    return values
