"""What the built-in autopilot does by itself, and what it does not, as PX4's facts say."""

import pytest
from pymavlink.dialects.v20 import common as mavlink

from tests.protocol.autopilot_peer import SYSTEM_ID, Peer

FENCE_M = 80.0


def fly_out(peer: Peer, north_mps: float = 6.0) -> None:
    """Cross the fence under OFFBOARD, and go on asking for it."""
    target = mavlink.MAVLink_set_position_target_local_ned_message(
        0, SYSTEM_ID, 1, mavlink.MAV_FRAME_LOCAL_NED, 0b110111000111, 0, 0, 0, north_mps, 0, 0, 0, 0, 0, 0, 0
    )
    peer.send(target)
    peer.wait(0.2)
    peer.send(mavlink.MAVLink_command_long_message(SYSTEM_ID, 1, mavlink.MAV_CMD_DO_SET_MODE, 0, 1, 6, 0, 0, 0, 0, 0))
    left = peer.fleet.now_s + 60.0
    while peer.aircraft.armed and not peer.aircraft.commander.failsafe.active:
        assert peer.fleet.now_s < left
        peer.send(target)
        peer.wait(0.3)


@pytest.mark.parametrize(("action", "mode"), [(3, "RTL"), (5, "LAND")])
def test_a_breach_holds_first_and_then_does_what_gf_action_says(action: int, mode: str) -> None:
    with Peer(parameters={"GF_ACTION": action}) as peer:
        assert peer.upload(peer.square(FENCE_M)) == 0
        peer.take_off(20.0)
        fly_out(peer)
        breached_s = peer.fleet.now_s
        assert peer.aircraft.mode == "LOITER"
        peer.until(lambda: peer.aircraft.mode == mode, 8.0)
        assert peer.fleet.now_s - breached_s == pytest.approx(5.0, abs=0.5)
        assert FENCE_M < peer.aircraft.body.position[0] < FENCE_M + 25.0


def test_a_breach_with_terminate_stops_the_motors() -> None:
    with Peer(parameters={"GF_ACTION": 4}) as peer:
        assert peer.upload(peer.square(FENCE_M)) == 0
        peer.take_off(10.0)
        fly_out(peer)
        peer.wait(5.0)
        assert not peer.aircraft.armed
        assert peer.aircraft.body.on_ground


@pytest.mark.parametrize("action", [0, 1])
def test_without_an_action_the_fence_is_flown_through(action: int) -> None:
    with Peer(parameters={"GF_ACTION": action}) as peer:
        assert peer.upload(peer.square(FENCE_M)) == 0
        peer.take_off(10.0)
        with pytest.raises(AssertionError):
            fly_out(peer)
        assert peer.aircraft.body.position[0] > FENCE_M + 50.0


def test_the_horizontal_limit_is_a_fence_too() -> None:
    with Peer(parameters={"GF_MAX_HOR_DIST": 60.0}) as peer:
        peer.take_off(10.0)
        assert peer.reposition(100.0, 0.0, 10.0) == mavlink.MAV_RESULT_ACCEPTED
        peer.wait(10.0)
        assert "Reposition is outside geofence" in peer.texts()
        assert peer.aircraft.body.distance_to(0.0, 0.0) < 3.0


def test_after_a_hold_at_the_fence_the_pilot_can_fly_back_in() -> None:
    with Peer() as peer:
        assert peer.upload(peer.square(FENCE_M)) == 0
        peer.take_off(10.0)
        fly_out(peer)
        assert peer.reposition(20.0, 0.0, 10.0) == 0
        peer.until(lambda: peer.aircraft.body.distance_to(20.0, 0.0) < 2.0, 60.0)
        assert peer.aircraft.mode == "LOITER"


def test_a_fence_that_leaves_the_aircraft_out_is_stored_and_not_enforced() -> None:
    with Peer() as peer:
        assert peer.upload(peer.square(50.0, north_m=500.0)) == mavlink.MAV_MISSION_ACCEPTED
        peer.wait(1.0)
        assert "Geofence invalid, doesn't contain current vehicle position" in peer.texts()
        peer.take_off(10.0)
        peer.reposition(40.0, 0.0, 10.0)
        peer.until(lambda: peer.aircraft.body.distance_to(40.0, 0.0) < 2.0, 60.0)


def test_two_corners_are_refused_and_the_fence_before_stays() -> None:
    with Peer() as peer:
        assert peer.upload(peer.square(200.0)) == 0
        two = [(command, frame, 2.0, x, y) for command, frame, _, x, y in peer.square(10.0)[:2]]
        assert peer.upload(two) == mavlink.MAV_MISSION_ERROR
        assert len(peer.download()) == 4


def test_link_loss_on_the_ground_station_alone_brings_it_home() -> None:
    with Peer(parameters={"NAV_DLL_ACT": 2, "COM_DL_LOSS_T": 5}) as peer:
        peer.take_off(20.0)
        peer.reposition(100.0, 0.0, 20.0)
        peer.wait(5.0)
        peer.beats, silent_s = False, peer.fleet.now_s
        peer.until(lambda: peer.aircraft.mode == "RTL", 20.0)
        assert peer.fleet.now_s - silent_s == pytest.approx(12.5, abs=0.7)
        peer.until(lambda: not peer.aircraft.armed, 120.0)
        assert peer.aircraft.body.distance_to(0.0, 0.0) < 2.0


def test_without_a_ground_station_it_does_not_arm_when_link_loss_matters() -> None:
    with Peer(parameters={"NAV_DLL_ACT": 2}) as peer:
        peer.beats = False
        peer.wait(4.0)
        assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_TEMPORARILY_REJECTED


def test_a_return_from_below_climbs_first() -> None:
    with Peer() as peer:
        peer.take_off(12.0)
        peer.reposition(100.0, 0.0, 12.0)
        peer.until(lambda: peer.aircraft.body.distance_to(100.0, 0.0) < 2.0, 60.0)
        peer.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
        peer.until(lambda: peer.aircraft.body.height_m > 29.0, 30.0)
        assert peer.aircraft.body.distance_to(100.0, 0.0) < 5.0


def test_armed_and_left_alone_it_disarms() -> None:
    with Peer() as peer:
        assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
        peer.wait(11.0)
        assert not peer.aircraft.armed


def test_silence_under_offboard_is_a_return() -> None:
    with Peer() as peer:
        peer.take_off(12.0)
        assert peer.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 6, 0) == 0, "it came"
        answers = [m.result for m in peer.heard if m.get_type() == "COMMAND_ACK" and m.command == 176]
        assert answers == [mavlink.MAV_RESULT_ACCEPTED, mavlink.MAV_RESULT_TEMPORARILY_REJECTED], "and is refused"
        assert "Switching to Offboard is currently not available" in peer.texts()
        message = mavlink.MAVLink_set_position_target_local_ned_message(
            0, SYSTEM_ID, 1, mavlink.MAV_FRAME_LOCAL_NED, 0b110111000111, 0, 0, 0, 2.0, 0, 0, 0, 0, 0, 0, 0
        )
        peer.send(message)
        peer.wait(0.2)
        assert peer.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 6, 0) == 0
        peer.until(lambda: peer.aircraft.mode == "RTL", 5.0)


def test_a_return_does_not_go_round_what_lies_on_the_way() -> None:
    """PX4 flew into an exclusion circle on its straight line home, and its own breach stopped it there."""
    with Peer() as peer:
        lat, lon = peer.aircraft.frame.to_global(60.0, 0.0)
        circle = (mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION, 5, 20.0, round(lat * 1e7), round(lon * 1e7))
        peer.take_off(30.0)
        peer.reposition(120.0, 0.0, 30.0)
        peer.until(lambda: peer.aircraft.body.distance_to(120.0, 0.0) < 2.0, 60.0)
        assert peer.upload([*peer.square(300.0), circle]) == 0
        peer.wait(1.0)
        peer.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
        peer.wait(60.0)
        assert peer.aircraft.mode == "LOITER"
        assert peer.aircraft.body.distance_to(60.0, 0.0) < 20.0


def test_it_flies_again_after_a_landing() -> None:
    with Peer() as peer:
        for _ in range(2):
            peer.take_off(12.0)
            assert peer.command(mavlink.MAV_CMD_NAV_LAND) == 0
            peer.until(lambda: not peer.aircraft.armed, 60.0)
            assert peer.aircraft.mode == "LOITER"
        assert peer.texts().count("Disarmed by landing") == 2
