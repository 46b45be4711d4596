"""Keeps how aircraft and camera are turned, ten times a second for each flight, and the photographs that were taken.

A sample is about 100 bytes in the journal (3.6 MB for an hour's flight); those of a second are written together, for
all flights in one commit. After a crash at most that second is missing, and the proof says so.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from dfr.core.attitude import Quaternion
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Position
from dfr.core.look import LookSample
from dfr.core.telemetry import Telemetry
from dfr.dispatch.memory import Memory

WRITE_EVERY_S = 1.0
MOST_WAITING = 256
"""Samples of one flight; a journal that takes no more has ended the engine before."""
_PARTS = 1e4


class Witness:
    """Used by the engine's loop alone."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._waiting: dict[str, tuple[Flight, list[LookSample]]] = {}
        self._seen_s: dict[str, float] = {}
        self._photographs: dict[str, float] = {}
        """By asset id: when the newest photograph that was kept was told."""
        self._written_s = 0.0

    def see(self, flight: Flight, telemetry: Telemetry) -> None:
        """One look at a flight that is under way: a sample, when the gimbal has said something new."""
        self._keep_photographs(flight, telemetry)
        if flight.state is FlightState.PREPARING:
            return
        sample = sample_of(telemetry)
        if sample is None or sample.at_s <= self._seen_s.get(flight.asset_id, 0.0):
            return
        self._seen_s[flight.asset_id] = sample.at_s
        waiting = self._waiting.setdefault(flight.id, (flight, []))[1]
        if len(waiting) < MOST_WAITING:
            waiting.append(sample)

    def write(self, now_s: float) -> None:
        """What has gathered, once a second."""
        if now_s - self._written_s < WRITE_EVERY_S:
            return
        self._written_s = now_s
        batches = [(flight, encode(samples)) for flight, samples in self._waiting.values() if samples]
        self._waiting.clear()
        if batches:
            self._memory.keep_looks(batches, now_s)

    def _keep_photographs(self, flight: Flight, telemetry: Telemetry) -> None:
        """Also those that somebody else asked the camera for: they are of this flight all the same."""
        newest_s = max(self._photographs.get(flight.asset_id, 0.0), flight.times_s.get("requested", 0.0))
        for photograph in telemetry.photographs:
            if photograph.at_s > newest_s:
                self._photographs[flight.asset_id] = photograph.at_s
                self._memory.keep_photograph(flight, photograph)


def sample_of(telemetry: Telemetry) -> LookSample | None:
    """None while the gimbal or the position is not known."""
    if telemetry.gimbal is None or telemetry.kinematics is None:
        return None
    attitude, kinematics = telemetry.attitude, telemetry.kinematics.value
    return LookSample(
        at_s=telemetry.gimbal.at_s,
        boot_s=None if attitude is None else attitude.value.boot_s,
        position=kinematics.position,
        altitude=kinematics.altitude,
        height=kinematics.height,
        aircraft=None if attitude is None else attitude.value.orientation,
        gimbal=telemetry.gimbal.value.orientation,
        horizontal_fov_deg=None if telemetry.camera is None else telemetry.camera.horizontal_fov_deg,
        position_s=telemetry.kinematics.at_s,
    )


def encode(samples: Sequence[LookSample]) -> dict[str, Any]:
    """Samples as the journal keeps them: rows of whole numbers after the time of the first, in microseconds.

    Row: ms after the first, ms of the aircraft's clock, latitude and longitude in 1e-7 degrees, altitude and height in
    cm, the aircraft's quaternion and the camera's in 1e-4, field of view in 1e-2 degrees, ms of the position after the
    first (absent in older journals); null is unknown.
    """
    first_s = samples[0].at_s
    return {"first_us": round(first_s * 1e6), "rows": [_row(sample, first_s) for sample in samples]}


def decode(content: dict[str, Any]) -> tuple[LookSample, ...]:
    """The samples of a journal entry."""
    return tuple(_sample(row, content["first_us"] / 1e6) for row in content["rows"])


def _row(sample: LookSample, first_s: float) -> list[Any]:
    fov_deg = sample.horizontal_fov_deg
    return [
        round((sample.at_s - first_s) * 1e3),
        None if sample.boot_s is None else round(sample.boot_s * 1e3),
        round(sample.position.latitude_deg * 1e7),
        round(sample.position.longitude_deg * 1e7),
        round(sample.altitude.m * 100),
        round(sample.height.m * 100),
        None if sample.aircraft is None else _whole(sample.aircraft),
        _whole(sample.gimbal),
        None if fov_deg is None else round(fov_deg * 100),
        None if sample.position_s is None else round((sample.position_s - first_s) * 1e3),
    ]


def _sample(row: Sequence[Any], first_s: float) -> LookSample:
    after_ms, boot_ms, latitude, longitude, altitude, height, aircraft, gimbal, fov, *newer = row
    position_ms = newer[0] if newer else None
    return LookSample(
        at_s=first_s + after_ms / 1e3,
        boot_s=None if boot_ms is None else boot_ms / 1e3,
        position=Position(latitude / 1e7, longitude / 1e7),
        altitude=Amsl(altitude / 100),
        height=AboveTakeoff(height / 100),
        aircraft=None if aircraft is None else _quaternion(aircraft),
        gimbal=_quaternion(gimbal),
        horizontal_fov_deg=None if fov is None else fov / 100,
        position_s=None if position_ms is None else first_s + position_ms / 1e3,
    )


def _whole(q: Quaternion) -> list[int]:
    return [round(part * _PARTS) for part in (q.w, q.x, q.y, q.z)]


def _quaternion(parts: Iterable[int]) -> Quaternion:
    return Quaternion(*(part / _PARTS for part in parts))
