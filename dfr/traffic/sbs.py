"""BaseStation (SBS-1) lines, as receivers send them on TCP port 30003: MSG,1 to 8 put together by aircraft. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

from dfr.core.geo import Position
from dfr.core.traffic import STALE_S, Intruder
from dfr.traffic import units

FIELDS = 22
MOST = 1000
LONGEST_LINE = 1024


@dataclass(slots=True)
class _Parts:
    """What the lines of one aircraft said so far, each with when."""

    callsign: str = ""
    position: Position | None = None
    position_s: float = 0.0
    altitude_ft: float | None = None
    altitude_s: float = 0.0
    speed_knots: float | None = None
    track_deg: float | None = None
    climb_fpm: float | None = None
    velocity_s: float = 0.0
    on_ground: bool = False


class BaseStation:
    """Lines in, intruders out. Times are those of arrival: receivers write local time without a zone."""

    def __init__(self, source: str, most: int = MOST) -> None:
        self._source = source
        self._most = most
        self._aircraft: OrderedDict[str, _Parts] = OrderedDict()
        self.bad_lines = 0

    def take(self, line: str, now_s: float) -> Intruder | None:
        """The aircraft as it is known after this line; None when that says nothing of where it is now."""
        fields = line.strip().split(",")
        if fields[0] != "MSG":
            self.bad_lines += fields[0] not in ("", "SEL", "ID", "AIR", "STA", "CLK")
            return None
        try:
            parts, address = self._update(fields, now_s)
        except (ValueError, IndexError):
            self.bad_lines += 1
            return None
        return self._intruder(address, parts, now_s)

    def _update(self, fields: list[str], now_s: float) -> tuple[_Parts, str]:
        if len(fields) != FIELDS or not 1 <= int(fields[1]) <= 8:
            raise ValueError
        address = fields[4].strip().lower()
        if len(address.removeprefix("~")) != 6:
            raise ValueError
        int(address.removeprefix("~"), 16)
        callsign, altitude, speed, track = (fields[index].strip() for index in (10, 11, 12, 13))
        latitude, longitude, climb, ground = (fields[index].strip() for index in (14, 15, 16, 21))
        place = Position(float(latitude), float(longitude)) if latitude and longitude else None
        altitude_ft, speed_knots, track_deg, climb_fpm = (_number(text) for text in (altitude, speed, track, climb))
        parts = self._aircraft.setdefault(address, _Parts())
        self._aircraft.move_to_end(address)
        if len(self._aircraft) > self._most:
            self._aircraft.popitem(last=False)
        parts.callsign = callsign or parts.callsign
        if place is not None:
            parts.position, parts.position_s = place, now_s
        if altitude_ft is not None:
            parts.altitude_ft, parts.altitude_s = altitude_ft, now_s
        if speed_knots is not None:
            parts.speed_knots, parts.track_deg, parts.climb_fpm = speed_knots, track_deg, climb_fpm
            parts.velocity_s = now_s
        if ground:
            parts.on_ground = ground not in ("0", "false")
        return parts, address

    def _intruder(self, address: str, parts: _Parts, now_s: float) -> Intruder | None:
        if parts.position is None:
            return None
        altitude, error_m = None, 0.0
        if parts.altitude_ft is not None and now_s - parts.altitude_s < STALE_S:
            altitude, error_m = units.pressure(parts.altitude_ft)
        moving = now_s - parts.velocity_s < STALE_S
        return Intruder(
            id=address,
            position=parts.position,
            position_error_m=units.UNKNOWN_POSITION_ERROR_M,
            seen_s=parts.position_s,
            source=self._source,
            callsign=parts.callsign,
            altitude=altitude,
            altitude_error_m=error_m,
            velocity=units.velocity(parts.speed_knots, parts.track_deg) if moving else None,
            climb_mps=parts.climb_fpm * units.FOOT_A_MINUTE_MPS if moving and parts.climb_fpm is not None else None,
            on_ground=parts.on_ground,
        )


def _number(text: str) -> float | None:
    """None for an empty field. Raises ValueError for what is no finite number."""
    if not text:
        return None
    number = float(text)
    if number - number != 0.0:
        raise ValueError
    return number
