"""Work beside the engine's loop: each piece in a thread of its own, which nobody waits for at the end."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class Beside(Executor):
    """A `ThreadPoolExecutor` would keep the service from stopping until its work is done."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  whoever asks for the result gets it
                future.set_exception(error)

        threading.Thread(target=work, name=getattr(fn, "__name__", "work"), daemon=True).start()
        return future
