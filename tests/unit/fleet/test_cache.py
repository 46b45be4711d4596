"""Messages in, telemetry out."""

import math
from typing import Any

import pytest

from dfr.core.geo import destination
from dfr.core.telemetry import Gimbal, LandedState, LinkState
from dfr.fleet.mavlink import decode
from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.kinds import PX4, mismatch
from dfr.fleet.mavlink.strangers import Strangers
from tests.unit.fleet.scripted import HOME

LOST_S = 2.5
HEARTBEAT = {"autopilot": 12, "type": 2, "custom_mode": 50593792, "base_mode": 0}
HOME_POSITION = {"latitude": 322217000, "longitude": -1109265000, "altitude": 728000}
HEALTHY = {
    "onboard_control_sensors_present": 0x1000002F,
    "onboard_control_sensors_enabled": 0x10000021,
    "onboard_control_sensors_health": 0x10000021,
}


def place(boot_s: float, north_m: float = 0.0) -> dict[str, Any]:
    where = destination(HOME, 0.0, north_m)
    x, y = round(where.latitude_deg * 1e7), round(where.longitude_deg * 1e7)
    still = {"vx": 0, "vy": 0, "vz": 0, "hdg": 65535, "alt": 728000, "relative_alt": 0}
    return {"time_boot_ms": int(boot_s * 1e3), "lat": x, "lon": y, **still}


@pytest.fixture
def cache() -> Cache:
    return Cache("sky-1", 7, 245, LOST_S)


def test_never_seen_online_and_lost_are_three_states(cache: Cache) -> None:
    assert cache.telemetry(100.0).link is LinkState.NEVER_SEEN
    cache.on_message("HEARTBEAT", 1, HEARTBEAT, 100.0)
    cache.on_message("HEARTBEAT", 1, HEARTBEAT, 101.0)
    online = cache.telemetry(102.0)
    assert (online.link, online.link_changed_s) == (LinkState.ONLINE, 100.0)
    lost = cache.telemetry(104.0)
    assert (lost.link, lost.link_changed_s) == (LinkState.LOST, 103.5)
    cache.on_message("HEARTBEAT", 1, HEARTBEAT, 110.0)
    back = cache.telemetry(110.1)
    assert (back.link, back.link_changed_s) == (LinkState.ONLINE, 110.0)


@pytest.mark.parametrize("fields", [{**HEARTBEAT, "autopilot": 8}])
def test_a_component_that_is_no_autopilot_is_no_aircraft(cache: Cache, fields: dict[str, int]) -> None:
    cache.on_message("HEARTBEAT", 1, fields, 100.0)
    cache.on_message("HEARTBEAT", 154, HEARTBEAT, 100.0)
    assert cache.telemetry(100.0).link is LinkState.NEVER_SEEN


def test_unknown_stays_unknown(cache: Cache) -> None:
    cache.on_message("HEARTBEAT", 1, HEARTBEAT, 100.0)
    cache.on_message("GLOBAL_POSITION_INT", 1, {**place(1.0), "lat": 0, "lon": 0}, 100.0)
    cache.on_message("EXTENDED_SYS_STATE", 1, {"landed_state": 0}, 100.0)
    cache.on_message("BATTERY_STATUS", 1, {"id": 0, "battery_remaining": -1, "voltages": [65535] * 10}, 100.0)
    cache.on_message("GPS_RAW_INT", 1, {"satellites_visible": 255, "fix_type": 0, "eph": 65535}, 100.0)
    cache.on_message("GIMBAL_DEVICE_ATTITUDE_STATUS", 1, {"q": [None] * 4, "flags": 64}, 100.0)
    seen = cache.telemetry(100.0)
    values = (seen.kinematics, seen.landed, seen.battery, seen.satellites, seen.gimbal, seen.home, seen.health)
    assert values == (None,) * 7
    cache.on_message("GLOBAL_POSITION_INT", 1, place(1.0), 100.0)
    kinematics = cache.telemetry(100.0).kinematics
    assert kinematics is not None
    assert kinematics.value.heading_deg is None


def test_texts_in_chunks_are_one_sentence_and_at_most_twenty_are_kept(cache: Cache) -> None:
    first = "Geofence invalid, doesn't contain current vehicle "
    cache.on_message("STATUSTEXT", 1, {"severity": 2, "text": first, "id": 3, "chunk_seq": 0}, 100.0)
    assert cache.telemetry(100.0).texts == ()
    cache.on_message("STATUSTEXT", 1, {"severity": 2, "text": "position\t", "id": 3, "chunk_seq": 1}, 100.0)
    assert [text.text for text in cache.telemetry(100.0).texts] == [first + "position"]
    mark = cache.mark
    for number in range(25):
        cache.on_message("STATUSTEXT", 1, {"severity": 6, "text": f"{number}\t", "id": 0, "chunk_seq": 0}, 100.0)
    assert [text.text for text in cache.telemetry(100.0).texts] == [str(number) for number in range(5, 25)]
    assert len(cache.texts_since(mark)) == 20


def ready(cache: Cache) -> None:
    cache.on_message("HEARTBEAT", 1, HEARTBEAT, 100.0)
    cache.on_message("HOME_POSITION", 1, HOME_POSITION, 100.0)
    cache.on_message("SYS_STATUS", 1, HEALTHY, 100.0)
    cache.on_message("GLOBAL_POSITION_INT", 1, place(50.0), 100.0)
    cache.parameters_checked(())


def missing(cache: Cache) -> tuple[str, ...]:
    health = cache.telemetry(100.0).health
    assert health is not None
    assert health.value.armable is not bool(health.value.missing)
    return health.value.missing


def test_armable_means_that_nothing_is_missing(cache: Cache) -> None:
    cache.on_message("SYS_STATUS", 1, {**HEALTHY, "onboard_control_sensors_health": 0x01}, 100.0)
    assert missing(cache) == (
        "The GPS is not healthy.",
        "The autopilot has not reported position and health since its link came back.",
        "PX4's own pre-arm checks do not pass.",
        "The autopilot has not reported its home position.",
        "The safety parameters have not been read from the aircraft yet.",
    )
    ready(cache)
    assert missing(cache) == ()
    cache.on_message("HEARTBEAT", 1, {**HEARTBEAT, "autopilot": 3}, 100.0)
    assert missing(cache) == (mismatch(3, PX4),)


@pytest.mark.parametrize(
    ("name", "fields", "problem"),
    [
        ("GLOBAL_POSITION_INT", place(3.0), "The autopilot has restarted"),
        ("HOME_POSITION", {**HOME_POSITION, "latitude": 322218000}, "Home has moved"),
        (
            "STATUSTEXT",
            {"severity": 2, "text": "Geofence invalid, doesn't contain Home position\t", "id": 0, "chunk_seq": 0},
            "PX4 has dropped the fence",
        ),
    ],
)
def test_what_clears_a_verified_fence(cache: Cache, name: str, fields: dict[str, Any], problem: str) -> None:
    ready(cache)
    cache.on_message("GLOBAL_POSITION_INT", 1, place(60.0), 100.0)
    cache.fence_verified("abc", 100.0)
    cache.on_message("GLOBAL_POSITION_INT", 1, place(60.1), 100.1)
    cache.on_message("HOME_POSITION", 1, {**HOME_POSITION, "latitude": 322217010}, 100.1)  # a step as at every arming
    assert cache.telemetry(100.1).fence is not None
    cache.on_message(name, 1, fields, 100.2)
    after = cache.telemetry(100.2)
    assert after.fence is None
    assert after.fence_problem.startswith(problem)


def test_values_of_before_a_gap_do_not_make_it_armable(cache: Cache) -> None:
    """The autopilot may have restarted meanwhile; its heartbeat comes before its position."""
    ready(cache)
    cache.on_message("HEARTBEAT", 1, HEARTBEAT, 110.0)
    assert missing(cache) == ("The autopilot has not reported position and health since its link came back.",)
    cache.on_message("SYS_STATUS", 1, HEALTHY, 110.5)
    cache.on_message("GLOBAL_POSITION_INT", 1, place(60.5), 110.6)
    assert missing(cache) == ()


def test_a_restart_is_noticed_by_the_clock_alone(cache: Cache) -> None:
    ready(cache)
    cache.fence_verified("abc", 100.0)
    cache.on_message("SYSTEM_TIME", 1, {"time_boot_ms": 900}, 110.0)
    assert cache.boots == 1
    assert cache.telemetry(110.0).fence is None


def test_a_restart_has_the_parameters_read_again(cache: Cache) -> None:
    ready(cache)
    cache.on_message("GLOBAL_POSITION_INT", 1, place(60.0), 100.0)
    cache.on_message("GLOBAL_POSITION_INT", 1, place(3.0), 100.1)
    assert cache.boots == 1
    assert any("being read again" in sentence for sentence in missing(cache))


@pytest.mark.parametrize(
    ("boot_times_s", "norths_m"),
    [
        ((50.0, 900.0), (0.0, 0.0)),  # two clocks
        ((50.0, 50.0), (0.0, 400.0)),  # started together, on two docks
    ],
)
def test_two_aircraft_with_one_system_id_are_noticed(
    cache: Cache, boot_times_s: tuple[float, float], norths_m: tuple[float, float]
) -> None:
    ready(cache)
    for tick in range(10):
        for boot_s, north_m in zip(boot_times_s, norths_m, strict=True):
            cache.on_message("GLOBAL_POSITION_INT", 1, place(boot_s + tick / 10, north_m), 100.0 + tick / 10)
    assert any("Two aircraft claim system id 7" in sentence for sentence in missing(cache))


def test_one_aircraft_flying_at_ten_times_real_time_is_one_aircraft(cache: Cache) -> None:
    ready(cache)
    for tick in range(100):
        cache.on_message("GLOBAL_POSITION_INT", 1, place(50.0 + tick, 20.0 * tick), 100.0 + tick / 10)
    assert missing(cache) == ()


def test_an_acknowledgement_for_another_ground_station_is_not_ours(cache: Cache) -> None:
    mark = cache.mark
    for target_system in (255, 245, 0):
        fields = {"command": 22, "result": target_system, "target_system": target_system}
        cache.on_message("COMMAND_ACK", 1, fields, 100.0)
    assert [ack.result for ack in cache.acks_since(mark, 22)] == [245, 0]


def test_landed_states(cache: Cache) -> None:
    for number, state in enumerate(
        (LandedState.ON_GROUND, LandedState.IN_AIR, LandedState.TAKING_OFF, LandedState.LANDING), start=1
    ):
        cache.on_message("EXTENDED_SYS_STATE", 1, {"landed_state": number}, 100.0)
        landed = cache.telemetry(100.0).landed
        assert landed is not None
        assert landed.value is state


def quaternion(pitch_deg: float, yaw_deg: float) -> list[float]:
    p, y = math.radians(pitch_deg) / 2, math.radians(yaw_deg) / 2
    return [math.cos(p) * math.cos(y), -math.sin(p) * math.sin(y), math.sin(p) * math.cos(y), math.cos(p) * math.sin(y)]


@pytest.mark.parametrize(
    ("flags", "yaw_deg"),
    [(64, 30.0), (16, 30.0), (32, 120.0), (0, 120.0), (16 | 32, 120.0)],
)
def test_gimbal_yaw_counts_from_north_or_from_the_nose_as_its_flags_say(flags: int, yaw_deg: float) -> None:
    seen = decode.gimbal({"q": quaternion(-40.0, 30.0), "flags": flags}, 90.0)
    assert seen is not None
    assert (seen.pitch_deg, seen.yaw_deg) == (pytest.approx(-40.0), pytest.approx(yaw_deg))


def test_gimbal_yaw_from_the_nose_needs_the_heading() -> None:
    assert decode.gimbal({"q": quaternion(0.0, 0.0), "flags": 32}, None) is None
    assert decode.gimbal({"q": quaternion(0.0, 0.0), "flags": 64}, None) == Gimbal(0.0, 0.0)


def test_strangers_are_aircraft_alone_and_are_forgotten() -> None:
    strangers = Strangers()
    strangers.on_message(255, "HEARTBEAT", {"autopilot": 8, "type": 6}, 100.0)
    strangers.on_message(99, "GLOBAL_POSITION_INT", place(1.0), 100.0)
    assert strangers.heard(100.0) == ()
    strangers.on_message(99, "HEARTBEAT", HEARTBEAT, 101.0)
    strangers.on_message(99, "GLOBAL_POSITION_INT", place(2.0), 102.0)
    (stranger,) = strangers.heard(110.0)
    assert (stranger.system_id, stranger.heard_s) == (99, 102.0)
    assert stranger.position is not None
    assert strangers.heard(200.0) == ()


def test_a_fence_that_failed_stays_failed_while_the_next_upload_goes_on(cache: Cache) -> None:
    cache.fence_uploading()
    assert (cache.telemetry(100.0).fence, cache.telemetry(100.0).fence_problem) == (None, "")
    cache.fence_failed("It was refused.")
    cache.fence_uploading()
    assert cache.telemetry(100.0).fence_problem == "It was refused."
    cache.fence_verified("abc", 100.0)
    assert cache.telemetry(100.0).fence_problem == ""
    cache.fence_uploading()
    assert (cache.telemetry(100.0).fence, cache.telemetry(100.0).fence_problem) == (None, "")
