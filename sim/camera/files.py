"""What the cameras keep and hand out over HTTP: their definition file and the newest photographs."""

import threading
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEPT = 200


class CameraFiles:
    """A small HTTP server in a thread of its own; the oldest files go first. OSError when the port is taken."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._files: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._lock = threading.Lock()
        files = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = files.get(self.path)
                if found is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", found[0])
                self.send_header("Content-Length", str(len(found[1])))
                self.end_headers()
                self.wfile.write(found[1])

            def log_message(self, format: str, *args: object) -> None:
                """Nothing to the terminal."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="camera files", daemon=True)
        self._thread.start()

    def put(self, path: str, media_type: str, content: bytes) -> str:
        """The address at which the file is now."""
        with self._lock:
            self._files[path] = (media_type, content)
            if len(self._files) > KEPT:
                del self._files[next(name for name in self._files if name.endswith(".jpg"))]
        return self.url + path

    def get(self, path: str) -> tuple[str, bytes] | None:
        with self._lock:
            return self._files.get(path)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
