"""A ground receiver on this machine: aircraft.json over HTTP, BaseStation lines over TCP, and ways to fail."""

import socketserver
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sim.traffic.flight import Aircraft, State
from sim.traffic.formats import aircraft_json, base_station

PATH = "/data/aircraft.json"
EVERY_S = 0.5
FAULTS = {
    "stopped": "the decoder has stopped: what is served is not renewed",
    "refuses": "HTTP answers 503; TCP connections are closed at once",
    "silent": "it takes requests and connections, and answers nothing",
}


class Sky:
    """Who flies now. Safe from any thread; times are UTC seconds."""

    def __init__(self, aircraft: Sequence[Aircraft], geoid_height_m: float = 0.0) -> None:
        self._aircraft = tuple(aircraft)
        self._lock = threading.Lock()
        self.began_s = time.time()
        self.geoid_height_m = geoid_height_m

    def add(self, aircraft: Aircraft) -> None:
        """It begins to fly now."""
        with self._lock:
            self._aircraft = (*self._aircraft, aircraft)

    def now_s(self) -> float:
        """Seconds since this sky was made."""
        return time.time() - self.began_s

    def heard(self, now_s: float) -> list[tuple[Aircraft, State]]:
        with self._lock:
            aircraft = self._aircraft
        states = ((one, one.state(now_s)) for one in aircraft)
        return [(one, state) for one, state in states if state is not None]


class GroundReceiver:
    """Both servers of one sky. A port of None is not served, 0 is picked by the system."""

    def __init__(self, sky: Sky, http_port: int | None = 0, sbs_port: int | None = None) -> None:
        self.sky = sky
        self.fault = ""
        self._frozen_s = 0.0
        self._ended = threading.Event()
        self._servers: list[ThreadingHTTPServer | _LineServer] = []
        self.http_port = self.sbs_port = 0
        if http_port is not None:
            web = ThreadingHTTPServer(("127.0.0.1", http_port), _handler(self))
            web.daemon_threads = True
            self._servers.append(web)
            self.http_port = web.server_address[1]
        if sbs_port is not None:
            lines = _LineServer(sbs_port, self)
            self._servers.append(lines)
            self.sbs_port = lines.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}{PATH}"

    def fail(self, fault: str) -> None:
        """Begin one of `FAULTS`, or "" to be well again. Raises ValueError for any other."""
        if fault and fault not in FAULTS:
            raise ValueError(f"A receiver does not fail as {fault!r}, but as {', '.join(FAULTS)}.")
        self._frozen_s = self.sky.now_s()
        self.fault = fault

    def now_s(self) -> float:
        """Of the sky; it stands still when the decoder has stopped."""
        return self._frozen_s if self.fault == "stopped" else self.sky.now_s()

    def document(self) -> bytes:
        now_s = self.now_s()
        return aircraft_json(self.sky.heard(now_s), self.sky.geoid_height_m, self.sky.began_s + now_s, round(now_s * 9))

    def lines(self) -> list[str]:
        now_s = self.now_s()
        return [line for one, state in self.sky.heard(now_s) for line in base_station(one, state, time.time())]

    def wait(self, seconds: float) -> bool:
        """Whether it was closed meanwhile."""
        return self._ended.wait(seconds)

    def start(self) -> None:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.1,), name="receiver", daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _LineServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, receiver: GroundReceiver) -> None:
        self.receiver = receiver
        super().__init__(("127.0.0.1", port), _Lines)


class _Lines(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _LineServer)
        receiver = self.server.receiver
        self.request.settimeout(5.0)
        try:
            while receiver.fault != "refuses":
                if not receiver.fault:
                    self.request.sendall("".join(receiver.lines()).encode("ascii"))
                if receiver.wait(EVERY_S):
                    break
        except OSError:
            pass  # the listener is gone


def _handler(receiver: GroundReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            while receiver.fault == "silent":
                if receiver.wait(EVERY_S):
                    return
            if receiver.fault == "refuses" or self.path.split("?")[0] != PATH:
                self.send_error(503 if receiver.fault else 404)
                return
            content = receiver.document()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def running_receiver(
    aircraft: Sequence[Aircraft] = (),
    geoid_height_m: float = 0.0,
    http_port: int | None = 0,
    sbs_port: int | None = None,
) -> Iterator[GroundReceiver]:
    """A receiver until the block ends."""
    receiver = GroundReceiver(Sky(aircraft, geoid_height_m), http_port, sbs_port)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.close()
