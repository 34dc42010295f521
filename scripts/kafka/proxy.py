"""A TCP proxy before one broker that can hurt the connections through it: cut, stall, slow down, cut inside a response.

All proxies of a process share one asyncio loop, in a daemon thread of its own; the methods without `_` are called from
other threads and return when the fault has begun.
"""
import asyncio
import socket
import struct
import threading
import time

CHUNK_BYTES = 65536


class Loop:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)


class Proxy:
    """`target` is set once the broker's port is known; until then, and while `refused`, connections are closed at once."""

    def __init__(self, loop):
        self.loop, self.target = loop, None
        self.links = set()
        self.connections = self.cuts = 0
        self.latency_s = 0.0
        self.stalled_until = {"up": 0.0, "down": 0.0}
        self.refused_until = 0.0
        self.cut_after_bytes = None
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        loop.run(self._start())

    async def _start(self):
        self.server = await asyncio.start_server(self._serve, sock=self.listener)

    # ---- faults ----

    def cut(self, reset):
        """Every connection, with RST or in the middle of what is being sent. How many there were."""
        return self.loop.run(self._cut(reset))

    def cut_in_response(self, after_bytes):
        """The connection that brings the next response, after so many of its bytes."""
        self.cut_after_bytes = after_bytes

    def stall(self, direction, seconds):
        """`up`: requests don't reach the broker. `down`: they do, but answers don't come back."""
        self.stalled_until[direction] = time.monotonic() + seconds

    def slow_down(self, latency_s):
        self.latency_s = latency_s

    def refuse(self, seconds):
        self.refused_until = time.monotonic() + seconds
        return self.cut(True)

    # ---- in the loop ----

    async def _cut(self, reset):
        links = list(self.links)
        for link in links:
            self._abort(link, reset)
        return len(links)

    def _abort(self, link, reset):
        if link in self.links:
            self.links.discard(link)
            self.cuts += 1
        for writer in link:
            connection = writer.get_extra_info("socket")
            if reset and connection is not None and connection.fileno() >= 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            if self.target is None or time.monotonic() < self.refused_until:
                raise OSError("refused")
            broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        link = (writer, broker_writer)
        self.links.add(link)
        await asyncio.gather(self._pump("up", reader, broker_writer, link), self._pump("down", broker_reader, writer, link))
        self.links.discard(link)

    async def _pump(self, direction, reader, writer, link):
        """The end of either side ends both: a broker that died must not look half open."""
        try:
            while data := await reader.read(CHUNK_BYTES):
                if self.latency_s:
                    await asyncio.sleep(self.latency_s)
                while time.monotonic() < self.stalled_until[direction]:
                    await asyncio.sleep(0.02)
                if direction == "down" and self.cut_after_bytes is not None:
                    keep, self.cut_after_bytes = min(self.cut_after_bytes, len(data) - 1), None
                    writer.write(data[:keep])
                    await writer.drain()
                    self._abort(link, False)
                    return
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            self.links.discard(link)
            for end in link:
                end.close()
