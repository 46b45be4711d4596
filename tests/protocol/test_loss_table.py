"""Who acts first when something is lost: the table in dfr/fleet/README.md, row by row."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import common as mavlink

from dfr.core.clock import SystemClock
from dfr.core.command import Hold, ReturnHome
from dfr.core.flight import FlightState
from dfr.core.onboard import FixKind, SatelliteFix
from dfr.core.telemetry import FlightMode, Timed
from dfr.dispatch.clock_watch import ClockWatch
from dfr.dispatch.losses import MOTOR_ACTS_S, SILENT_RETURN_S
from dfr.fleet.mavlink.timing import Timing
from tests.protocol import test_fleet_faults
from tests.protocol.autopilot_peer import SYSTEM_ID, Peer
from tests.protocol.fleet_rig import FIRMWARE
from tests.support.fakes import Fault
from tests.unit.dispatch.small import Rig
from tests.unit.dispatch.test_careful import seen_otherwise

S = FlightState
README = Path(__file__).parents[2] / "dfr" / "fleet" / "README.md"
FLOWN: dict[str, Callable[..., None]] = {}


def rows() -> list[str]:
    """The first cell of every row of the table."""
    found = re.search(r"\| lost \|.*?\n((?:\|.*\n)+)", README.read_text(encoding="utf-8"))
    assert found is not None
    return [line.split("|")[1].strip() for line in found[1].splitlines()[1:]]


def row(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def keep(check: Callable[..., None]) -> Callable[..., None]:
        FLOWN[name] = check
        return check

    return keep


def aloft(**parameters: float) -> Peer:
    """An aircraft with the airframe's own parameters, on its way."""
    peer = Peer(parameters_file=FIRMWARE / "parameters.toml", parameters=parameters)
    peer.__enter__()
    peer.take_off(20.0)
    peer.reposition(300.0, 0.0, 20.0)
    peer.wait(4.0)
    return peer


def engine(folder: Path) -> tuple[Rig, str]:
    rig = Rig(folder)
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    return rig, flight_id


def comes_home_after(peer: Peer, seconds: float) -> None:
    began_s = peer.fleet.now_s
    peer.until(lambda: peer.aircraft.mode == "RTL", seconds + 5.0)
    assert peer.fleet.now_s - began_s == pytest.approx(seconds, abs=1.5)


@row("the service, or its loop")
def service(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft() as peer:
        peer.beats = False
        comes_home_after(peer, 17.0)


@row("the link, both ways")
def link(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft() as peer:
        peer.aircraft.fault("link_drop")
        comes_home_after(peer, 17.0)
    assert Timing().link_lost_s == 2.5
    rig, flight_id = engine(folder)
    rig.fleet.fail("sky-1", Fault.LOSES_LINK)
    assert "Not heard any more" in rig.until_state(flight_id, S.LINK_LOST, 1.0).sentence


@row("the way to the aircraft")
def uplink(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft() as peer:
        peer.aircraft.fault("uplink_lost")
        comes_home_after(peer, 17.0)
    rig, flight_id = engine(folder)
    seen_otherwise(rig.fleet, "sky-1", patch, unanswered_since_s=rig.now_s)
    rig.run(9.0)
    assert "does not answer" in rig.flight(flight_id).sentence


@row("the way from the aircraft")
def downlink(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft() as peer:
        peer.aircraft.fault("downlink_lost")
        peer.wait(25.0)
        assert peer.aircraft.mode == "LOITER", "it hears the heartbeat and waits for ever"
        assert peer.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH) is None
        assert peer.aircraft.mode == "RTL"
    rig, flight_id = engine(folder)
    rig.fleet.fail("sky-1", Fault.LOSES_LINK)
    rig.until_state(flight_id, S.LINK_LOST, 1.0)
    rig.run(SILENT_RETURN_S - 1.0)
    assert rig.fleet.sent("sky-1", ReturnHome) == []
    rig.run(2.0)
    assert len(rig.fleet.sent("sky-1", ReturnHome)) == 1


@row("positions")
def positions(folder: Path, patch: pytest.MonkeyPatch) -> None:
    rig, flight_id = engine(folder)
    rig.fleet.fail("sky-1", Fault.POSITION_STALLS)
    judged = rig.director.positions.count
    rig.run(4.0)
    assert rig.director.positions.count <= judged + 1
    assert rig.flight(flight_id).state is S.HOLDING
    assert len(rig.fleet.sent("sky-1", Hold)) == 1


@row("satellites")
def satellites(folder: Path, patch: pytest.MonkeyPatch) -> None:
    rig, flight_id = engine(folder)
    seen_otherwise(rig.fleet, "sky-1", patch, satellite_fix=Timed(SatelliteFix(FixKind.NONE), rig.now_s))
    rig.run(3.5)
    assert rig.flight(flight_id).state is S.HOLDING
    with aloft() as peer:
        peer.aircraft.fault("gps_lost")
        peer.wait(4.5)
        assert peer.aircraft.mode == "LOITER"
        peer.until(lambda: peer.aircraft.mode == "DESCEND", 2.0)


@row("a motor")
def motor(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft() as peer:
        peer.aircraft.fault("motor_fails")
        peer.wait(4.5)
        assert peer.aircraft.mode == "LOITER", "it holds for COM_FAIL_ACT_T"
        peer.until(lambda: peer.aircraft.mode == "LAND", 2.0)
    rig, flight_id = engine(folder)
    seen_otherwise(rig.fleet, "sky-1", patch, motors_ok=Timed(False, rig.now_s))
    rig.turn()
    assert "A motor fails" in rig.flight(flight_id).sentence
    rig.run(MOTOR_ACTS_S - 1.0)
    assert rig.flight(flight_id).state is S.EN_ROUTE, "an order would take its own failsafe away"
    rig.run(2.0)
    assert rig.flight(flight_id).state is S.RETURNING


@row("the battery, slowly")
def battery(folder: Path, patch: pytest.MonkeyPatch) -> None:
    rig, flight_id = engine(folder)
    rig.fleet.fail("sky-1", Fault.EMPTY_BATTERY)
    assert "battery" in rig.until_state(flight_id, S.RETURNING, 60.0).sentence


@row("the battery, suddenly")
def sag(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft(SIM_BAT_DRAIN=100.0, SIM_BAT_MIN_PCT=0.0) as peer:
        peer.until(lambda: peer.aircraft.mode == "RTL", 120.0)
        assert 8 <= peer.aircraft.battery.percent <= 15
        peer.until(lambda: peer.aircraft.mode == "LAND", 60.0)
        assert peer.aircraft.battery.percent <= 8


@row("the fence's line")
def fence(folder: Path, patch: pytest.MonkeyPatch) -> None:
    rig, flight_id = engine(folder)
    rig.fleet.fail("sky-1", Fault.RUNS_AWAY)
    assert "Stopped before the line" in rig.until_state(flight_id, S.HOLDING, 200.0).sentence
    with aloft(GF_MAX_HOR_DIST=50.0) as peer:
        peer.aircraft.fault("gps_jump")
        peer.until(lambda: peer.aircraft.commander.failsafe.active, 5.0)
        assert peer.aircraft.mode == "LOITER"


def hold_sticks(peer: Peer, forward: int, seconds: float) -> None:
    for _ in range(round(seconds / 0.1)):
        peer.send(mavlink.MAVLink_manual_control_message(SYSTEM_ID, forward, 0, 500, 0, 0))
        peer.wait(0.1)


@row("sticks, flown by hand")
def flown_by_hand(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft() as peer:
        hold_sticks(peer, 0, 1.0)
        hold_sticks(peer, 500, 2.0)
        assert peer.aircraft.mode == "POSITION"
        comes_home_after(peer, 5.5)


@row("sticks, not flown by hand")
def not_flown_by_hand(folder: Path, patch: pytest.MonkeyPatch) -> None:
    with aloft() as peer:
        hold_sticks(peer, 0, 2.0)
        peer.wait(10.0)
        assert peer.aircraft.mode == "LOITER", "they were there, and took nothing"


@row("the aircraft, to somebody else")
def somebody_else(folder: Path, patch: pytest.MonkeyPatch) -> None:
    rig, flight_id = engine(folder)
    sent, beats = len(rig.fleet.submitted), len(rig.fleet.heartbeats_s)
    seen_otherwise(rig.fleet, "sky-1", patch, mode=Timed(FlightMode.MANUAL, rig.now_s + 600.0))
    rig.until_state(flight_id, S.TAKEN_OVER, 6.0)
    rig.run(60.0)
    assert (len(rig.fleet.submitted), len(rig.fleet.heartbeats_s)) == (sent, beats)


@row("the machine's clock")
def machine_clock(folder: Path, patch: pytest.MonkeyPatch) -> None:
    utc_s, monotonic_s = [1_800_000_000.0], [50.0]
    clock = SystemClock(utc=lambda: utc_s[0], monotonic=lambda: monotonic_s[0])
    watch, before_s = ClockWatch(), clock.now_s()
    assert watch.look(before_s, clock.machine_ahead_s()) == ""
    utc_s[0], monotonic_s[0] = utc_s[0] + 3601.0, monotonic_s[0] + 1.0
    assert clock.now_s() - before_s == pytest.approx(1.0), "an age grows by what has passed"
    assert "go on undisturbed" in watch.look(clock.now_s(), clock.machine_ahead_s())


FLOWN |= {
    "an order's acknowledgement": test_fleet_faults.test_a_launch_that_does_not_happen,
    "the effect of an accepted flight": test_fleet_faults.test_an_order_in_the_air_that_is_not_obeyed,
    "the autopilot's memory, by a restart": test_fleet_faults.test_a_restarted_autopilot_has_no_verified_fence,
}
"""The last three are flown where they stand."""


def test_every_row_is_flown_and_nothing_else_is() -> None:
    assert set(rows()) == set(FLOWN)


@pytest.mark.parametrize("name", [name for name in FLOWN if FLOWN[name].__module__ == __name__])
def test_row(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FLOWN[name](tmp_path, monkeypatch)


def test_the_return_that_is_sent_unheard_waits_for_the_aircrafts_own() -> None:
    """2.5 s until the link is lost here, and 25 s more, are longer than the 17 s of its failsafe."""
    with Peer(parameters_file=FIRMWARE / "parameters.toml") as peer:
        get = peer.aircraft.parameters.__getitem__
        own_s = float(get("COM_DL_LOSS_T")) + float(get("COM_FAIL_ACT_T")) + 2.5
    assert own_s + 5.0 < SILENT_RETURN_S + Timing().link_lost_s
