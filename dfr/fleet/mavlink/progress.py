"""The long operations of one aircraft that are under way. Thread-safe: the reading thread counts, the loop reads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dfr.core.progress import Progress


class ProgressBoard:
    """Each operation by its name; it is on the board only while its `with` block runs.

    `with board.show("Parameters", 31, "read"): board.count("Parameters", 7)` shows "Parameters: 7 of 31 read."
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[str, Progress] = {}

    @contextmanager
    def show(self, what: str, total: int, unit: str) -> Iterator[None]:
        """On the board with nothing done until the block ends, however it ends."""
        with self._lock:
            self._shown[what] = Progress(what, 0, total, unit)
        try:
            yield
        finally:
            with self._lock:
                self._shown.pop(what, None)

    def count(self, what: str, done: int) -> None:
        """So many are done now. One that is not on the board stays off it; a repeated item does not count back."""
        with self._lock:
            known = self._shown.get(what)
            if known is not None:
                done = max(known.done, min(done, known.total))
                self._shown[what] = Progress(what, done, known.total, known.unit)

    @property
    def shown(self) -> tuple[Progress, ...]:
        with self._lock:
            return tuple(self._shown.values())
