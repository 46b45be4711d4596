"""What a receiver writes of the aircraft that it hears: aircraft.json (readsb's fields) and BaseStation lines. Pure."""

import json
import math
from datetime import UTC, datetime
from typing import Any

from sim.traffic.flight import Aircraft, State

FOOT_M = 0.3048
KNOT_MPS = 1852.0 / 3600.0
STEP_FT = 25
"""Altitudes are sent in such steps (DO-260B)."""


def aircraft_json(heard: list[tuple[Aircraft, State]], geoid_height_m: float, now_s: float, messages: int) -> bytes:
    """`now_s` is UTC seconds. The air is the standard atmosphere at 1013.25 hPa."""
    entries = [_entry(aircraft, state, geoid_height_m, messages) for aircraft, state in heard]
    return json.dumps({"now": round(now_s, 1), "messages": messages, "aircraft": entries}).encode()


def _entry(aircraft: Aircraft, state: State, geoid_height_m: float, messages: int) -> dict[str, Any]:
    latitude_deg, longitude_deg = aircraft.frame.to_global(state.north_m, state.east_m)
    rate_fpm = _stepped(state.climb_mps / FOOT_M * 60.0, 64)
    entry: dict[str, Any] = {"hex": aircraft.address, "type": "adsb_icao", "flight": f"{aircraft.callsign:8}"}
    if aircraft.sends_altitude:
        entry |= {
            "alt_baro": _stepped(state.amsl_m / FOOT_M, STEP_FT),
            "alt_geom": _stepped((state.amsl_m + geoid_height_m) / FOOT_M, STEP_FT),
            "baro_rate": rate_fpm,
            "geom_rate": rate_fpm,
        }
    return entry | {
        "gs": round(state.speed_mps / KNOT_MPS, 1), "track": round(state.track_deg, 1), "squawk": "1200",
        "emergency": "none", "category": aircraft.category, "lat": round(latitude_deg, 6),
        "lon": round(longitude_deg, 6), "nic": 8, "rc": 186, "seen_pos": 0.0, "version": 2, "nic_baro": 1, "nac_p": 9,
        "nac_v": 2, "sil": 3, "sil_type": "perhour", "gva": 2, "sda": 2, "mlat": [], "tisb": [], "messages": messages,
        "seen": 0.0, "rssi": -12.0,
    }  # fmt: skip


def base_station(aircraft: Aircraft, state: State, now_s: float) -> list[str]:
    """MSG,1, 3 and 4: who, where, how fast. `now_s` is UTC seconds."""
    at = datetime.fromtimestamp(now_s, UTC)
    day, clock = at.strftime("%Y/%m/%d"), at.strftime("%H:%M:%S.%f")[:-3]
    address = aircraft.address.upper()
    latitude_deg, longitude_deg = aircraft.frame.to_global(state.north_m, state.east_m)
    feet = str(_stepped(state.amsl_m / FOOT_M, STEP_FT)) if aircraft.sends_altitude else ""
    rate = str(_stepped(state.climb_mps / FOOT_M * 60.0, 64))
    speed, track = f"{state.speed_mps / KNOT_MPS:.0f}", f"{state.track_deg:.0f}"
    said = (
        (1, f"{aircraft.callsign:8},,,,,,,,,,,"),
        (3, f",{feet},,,{latitude_deg:.5f},{longitude_deg:.5f},,,0,,0,0"),
        (4, f",,{speed},{track},,,{rate},,,,,0"),
    )
    return [f"MSG,{kind},1,1,{address},1,{day},{clock},{day},{clock},{rest}\r\n" for kind, rest in said]


def _stepped(value: float, step: int) -> int:
    return math.floor(value / step + 0.5) * step
