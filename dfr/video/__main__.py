"""The video process: `python -m dfr.video --socket PATH`."""

import argparse
import asyncio
import logging
import os
import socket
import threading
import time
from pathlib import Path

import uvicorn

from dfr.video.service import create_app

_STANDARD_INPUT = 0
_LONGEST_FAREWELL_S = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dfr.video", description="Relay of live video (WHEP).")
    parser.add_argument("--socket", required=True, type=Path, help="Unix domain socket to serve the control face on")
    parser.add_argument("--nice", type=int, default=0, help="how much to give way to other processes, 0 to 19")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input is closed")
    arguments = parser.parse_args()
    os.nice(arguments.nice)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s video: %(message)s")
    for chatty in ("aioice", "aiortc", "libav"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    config = uvicorn.Config(
        create_app(), log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    if arguments.exit_with_stdin:
        threading.Thread(target=_stop_with_stdin, args=(server,), name="stdin", daemon=True).start()
    listener = _listen(arguments.socket)
    try:
        asyncio.run(server.serve(sockets=[listener]))
    finally:
        arguments.socket.unlink(missing_ok=True)


def _listen(path: Path) -> socket.socket:
    """A socket that only this user may use: it opens cameras by addresses that hold passwords."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    former_mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(former_mask)
    return listener


def _stop_with_stdin(server: uvicorn.Server) -> None:
    """The parent holds the other end of standard input: however it dies, this end closes, and no orphan is left.

    In a thread of its own, so that even a hung event loop ends.
    """
    while os.read(_STANDARD_INPUT, 1024):
        pass
    server.should_exit = True
    time.sleep(_LONGEST_FAREWELL_S)
    os._exit(1)


if __name__ == "__main__":
    main()
