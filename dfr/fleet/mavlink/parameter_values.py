"""Parameters asked for by name, their answers taken from the frames themselves.

Many may be asked for at once and none holds a thread, unlike mavsdk's blocking call; and the bits of PX4's integers
arrive as they are, which JSON could not carry. Source: https://mavlink.io/en/services/parameter.html (encoding; a
PARAM_VALUE that was lost is asked for again).
"""

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator

from dfr.fleet.mavlink.frames import payload_of

PARAM_VALUE_ID = 22
REAL32 = 9
"""MAV_PARAM_TYPE_REAL32."""
ASKS = 4
"""Each waits twice as long as the one before. Asks are counted, not only seconds: a machine that stood still for some
of them has not heard "no"."""

_LAYOUT = struct.Struct("<4sHH16sB")
_BITS = {1: "<Bxxx", 2: "<bxxx", 3: "<Hxx", 4: "<hxx", 5: "<I", 6: "<i"}
"""MAV_PARAM_TYPE of an integer to where its bits lie within the float's four bytes."""

Value = int | float


def decode(frame: bytes, as_bits: bool) -> tuple[str, Value] | None:
    """Name and value of a PARAM_VALUE. `as_bits`: integers are sent as their own bits and not as a float of their
    size. None for a type that no autopilot's parameters have."""
    raw, _, _, name, kind = _LAYOUT.unpack(payload_of(frame).ljust(_LAYOUT.size, b"\0"))
    number: Value = struct.unpack("<f", raw)[0]
    if kind != REAL32:
        if kind not in _BITS:
            return None
        number = struct.unpack(_BITS[kind], raw)[0] if as_bits else int(number)
    return name.rstrip(b"\0").decode("ascii", "replace"), number


def _pauses_s(timeout_s: float) -> Iterator[float]:
    whole = 2**ASKS - 1
    return (timeout_s * 2**ask / whole for ask in range(ASKS))


class ParameterValues:
    """One aircraft's. `heard` is called by the reading thread, `read` in the event loop."""

    def __init__(self, ask: Callable[[str], None]) -> None:
        """`ask` sends PARAM_REQUEST_READ of a name."""
        self.as_bits = True
        """As PX4 does; ArduPilot sends an integer as a float of its size."""
        self._ask = ask
        self._waiting: dict[str, list[asyncio.Future[Value]]] = {}
        self._lock = threading.Lock()

    def heard(self, frame: bytes) -> None:
        """One PARAM_VALUE of the autopilot."""
        with self._lock:
            if not self._waiting:
                return
            named = decode(frame, self.as_bits)
            futures = self._waiting.pop(named[0], []) if named is not None else []
        for future in futures:
            assert named is not None
            future.get_loop().call_soon_threadsafe(_set, future, named[1])

    async def read(self, name: str, timeout_s: float) -> Value:
        """Raises TimeoutError when no answer came within about `timeout_s`, in which it is asked for ASKS times."""
        future: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.setdefault(name, []).append(future)
        try:
            for pause_s in _pauses_s(timeout_s):
                self._ask(name)
                await asyncio.wait({future}, timeout=pause_s)
                if future.done():
                    return future.result()
            raise TimeoutError
        finally:
            self._forget(name, future)

    def _forget(self, name: str, future: asyncio.Future[Value]) -> None:
        with self._lock:
            left = [one for one in self._waiting.get(name, ()) if one is not future]
            if left:
                self._waiting[name] = left
            else:
                self._waiting.pop(name, None)


def _set(future: asyncio.Future[Value], value: Value) -> None:
    if not future.done():
        future.set_result(value)
