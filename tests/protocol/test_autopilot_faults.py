"""Each named failure of the built-in autopilot, seen from the other end of its link."""

from collections.abc import Callable

import pytest
from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.faults import FAULTS
from tests.protocol.autopilot_peer import SYSTEM_ID, Peer


def ack_never(peer: Peer) -> None:
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) is None
    assert peer.aircraft.armed


def ack_then_ignore(peer: Peer) -> None:
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_ACCEPTED
    peer.wait(1.0)
    assert not peer.aircraft.armed


def fence_upload_refused(peer: Peer) -> None:
    assert peer.upload(peer.square(100.0)) == mavlink.MAV_MISSION_ERROR
    assert peer.download() == []


def fence_readback_differs(peer: Peer) -> None:
    sent = peer.square(100.0)
    assert peer.upload(sent) == mavlink.MAV_MISSION_ACCEPTED
    read = [(item.x, item.y) for item in peer.download()]
    assert read != [item[3:] for item in sent]
    assert read[1:] == [item[3:] for item in sent][1:]


def fence_dropped(peer: Peer) -> None:
    assert peer.upload(peer.square(100.0)) == mavlink.MAV_MISSION_ACCEPTED
    peer.wait(1.0)
    assert "Geofence invalid, doesn't contain current vehicle position" in peer.texts()
    assert not peer.aircraft.fence.enforced
    assert len(peer.download()) == 4


def ack_twice(peer: Peer) -> None:
    assert peer.command(mavlink.MAV_CMD_DO_CHANGE_SPEED, 0, 5.0) == mavlink.MAV_RESULT_ACCEPTED
    peer.wait(0.5)
    acks = [m for m in peer.heard if m.get_type() == "COMMAND_ACK" and m.command == mavlink.MAV_CMD_DO_CHANGE_SPEED]
    assert len(acks) == 2


def ack_of_another(peer: Peer) -> None:
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) is None
    acks = [m for m in peer.heard if m.get_type() == "COMMAND_ACK"]
    assert [m.command for m in acks] == [mavlink.MAV_CMD_COMPONENT_ARM_DISARM + 1]
    assert peer.aircraft.armed


def offer_fence(peer: Peer) -> list[str]:
    """Offer four items by hand and give what is asked for; what kinds of message came back."""
    items = peer.square(100.0)
    peer.heard.clear()
    peer.send(mavlink.MAVLink_mission_count_message(SYSTEM_ID, 1, len(items), 1))
    while (asked := peer.answer("MISSION_REQUEST_INT", 0.4)) is not None:
        command, frame, first, x, y = items[asked.seq]
        fields = (asked.seq, frame, command, 0, 1, first, 0.0, 0.0, 0.0, x, y, 0.0, 1)
        peer.send(mavlink.MAVLink_mission_item_int_message(SYSTEM_ID, 1, *fields))
    peer.wait(6.0)
    return [m.get_type() for m in peer.heard if m.get_type().startswith("MISSION_") and "CURRENT" not in m.get_type()]


def upload_refused_at_item(peer: Peer) -> None:
    assert offer_fence(peer) == ["MISSION_REQUEST_INT"] * 3 + ["MISSION_ACK"]
    assert [m.type for m in peer.heard if m.get_type() == "MISSION_ACK"] == [mavlink.MAV_MISSION_INVALID]
    assert peer.aircraft.fence.items == []


def upload_stops_half_way(peer: Peer) -> None:
    assert offer_fence(peer) == ["MISSION_REQUEST_INT"] * 2
    assert peer.aircraft.fence.items == []


def uplink_lost(peer: Peer) -> None:
    peer.heard.clear()
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) is None
    assert not peer.aircraft.armed
    assert "GLOBAL_POSITION_INT" in {message.get_type() for message in peer.heard}


def downlink_lost(peer: Peer) -> None:
    peer.wait(0.1)
    peer.heard.clear()
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) is None
    assert peer.heard == []
    assert peer.aircraft.armed


def link_bad(peer: Peer) -> None:
    peer.wait(1.0)
    peer.heard.clear()
    peer.wait(20.0)
    told = [m for m in peer.heard if m.get_type() == "GLOBAL_POSITION_INT"]
    assert 130 < len(told) < 190, "of 200"
    late_ms = [peer.aircraft.boot_ms - told[-1].time_boot_ms]
    assert 280 <= late_ms[0] < 800
    order = [m.time_boot_ms for m in told]
    assert order == sorted(order)


def gps_jump(peer: Peer) -> None:
    peer.wait(0.5)
    seen = peer.answer("GLOBAL_POSITION_INT")
    north, east = peer.aircraft.frame.to_local(seen.lat / 1e7, seen.lon / 1e7)
    assert (north, east) == (pytest.approx(0.0, abs=1.0), pytest.approx(60.0, abs=1.0))


def heading_unstable(peer: Peer) -> None:
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_TEMPORARILY_REJECTED
    assert "Preflight Fail: heading estimate not stable" in peer.texts()
    health = peer.answer("SYS_STATUS").onboard_control_sensors_health
    assert not health & mavlink.MAV_SYS_STATUS_PREARM_CHECK
    assert not health & mavlink.MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL


def motor_fails(peer: Peer) -> None:
    """In the air; on the ground PX4 disarms."""
    peer.aircraft.parameters.set("COM_ACT_FAIL_ACT", 3)
    broken = peer.aircraft.faults.active("motor_fails", peer.fleet.now_s)
    peer.aircraft.clear_fault("motor_fails")
    peer.take_off(30.0)
    if broken:
        peer.aircraft.fault("motor_fails")
    peer.wait(4.0)
    assert "Failsafe activated: entering Hold for 5 seconds" in " ".join(peer.texts())
    assert not peer.answer("SYS_STATUS").onboard_control_sensors_health & mavlink.MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS
    peer.until(lambda: not peer.aircraft.armed, 60.0)
    assert peer.aircraft.position[2] < 0.5


def wind_12_mps(peer: Peer) -> None:
    peer.wait(0.5)
    told = []
    for _ in range(20):
        hud = peer.answer("VFR_HUD")
        assert hud.groundspeed < 0.5
        told.append(hud.airspeed)
    assert sum(told) / len(told) == pytest.approx(12.0, abs=4.0), "with its gusts"


def clock_restarts(peer: Peer) -> None:
    peer.wait(1.0)
    assert peer.answer("GLOBAL_POSITION_INT").time_boot_ms < 2000
    assert peer.answer("SYSTEM_TIME").time_boot_ms < 4000


def id_twice(peer: Peer) -> None:
    peer.heard.clear()
    peer.wait(2.0)
    told = [m for m in peer.heard if m.get_type() == "GLOBAL_POSITION_INT"]
    assert len({round(m.lat / 1e7, 3) for m in told}) == 2
    assert max(m.time_boot_ms for m in told) - min(m.time_boot_ms for m in told) > 3_000_000


def link_drop(peer: Peer) -> None:
    peer.heard.clear()
    peer.wait(3.0)
    assert peer.heard == []
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) is None
    assert not peer.aircraft.armed


def battery_sag(peer: Peer) -> None:
    assert peer.answer("BATTERY_STATUS").battery_remaining >= 99, "not without load"
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
    peer.wait(6.0)
    first = peer.answer("BATTERY_STATUS").battery_remaining
    peer.wait(1.0)
    second = peer.answer("BATTERY_STATUS").battery_remaining
    assert first - second == pytest.approx(2.0 * 100 * (0.02 + 1 / 60), abs=2.0)


def gps_lost(peer: Peer) -> None:
    """PX4 goes on telling positions, by dead reckoning first and then as a guess."""
    peer.wait(6.0)
    peer.heard.clear()
    peer.wait(2.5)
    kinds = [message.get_type() for message in peer.heard]
    assert "GLOBAL_POSITION_INT" in kinds
    assert "Preflight: GPS fix too low" in peer.texts()
    assert all(m.fix_type == 0 for m in peer.heard if m.get_type() == "GPS_RAW_INT")
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_TEMPORARILY_REJECTED


def weak_cell(peer: Peer) -> None:
    cells = [voltage for voltage in peer.answer("BATTERY_STATUS").voltages if voltage != 65535]
    assert len(cells) == 4
    assert max(cells) - min(cells) == 300


def no_storage(peer: Peer) -> None:
    """STORAGE_INFORMATION comes only when it is asked for."""
    wanted = mavlink.MAVLINK_MSG_ID_STORAGE_INFORMATION
    peer.send(
        mavlink.MAVLink_command_long_message(SYSTEM_ID, 1, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, wanted, *[0.0] * 6)
    )
    answer = peer.answer("STORAGE_INFORMATION")
    assert (answer.storage_count, answer.status) == (0, mavlink.STORAGE_STATUS_EMPTY)


def remote_id_bad(peer: Peer) -> None:
    status = peer.answer("OPEN_DRONE_ID_ARM_STATUS")
    assert status.status == mavlink.MAV_ODID_ARM_STATUS_PRE_ARM_FAIL_GENERIC
    assert "operator location" in status.error


def remote_id_silent(peer: Peer) -> None:
    peer.heard.clear()
    peer.wait(3.0)
    assert all(message.get_srcComponent() == 1 for message in peer.heard)


def not_armable(peer: Peer) -> None:
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_TEMPORARILY_REJECTED
    assert "Arming denied: Resolve system health failures first" in peer.texts()
    status = peer.answer("SYS_STATUS")
    assert not status.onboard_control_sensors_health & mavlink.MAV_SYS_STATUS_PREARM_CHECK


def parameters_kept(peer: Peer) -> None:
    peer.send(mavlink.MAVLink_param_set_message(peer.aircraft.spec.system_id, 1, b"RTL_RETURN_ALT", 77.0, 9))
    answer = peer.answer("PARAM_VALUE", param_id="RTL_RETURN_ALT")
    assert answer.param_value == 30.0


SHOWN: dict[str, Callable[[Peer], None]] = {
    check.__name__: check
    for check in (
        ack_never,
        ack_then_ignore,
        ack_twice,
        ack_of_another,
        upload_refused_at_item,
        upload_stops_half_way,
        uplink_lost,
        downlink_lost,
        link_bad,
        gps_jump,
        heading_unstable,
        motor_fails,
        wind_12_mps,
        clock_restarts,
        id_twice,
        fence_upload_refused,
        fence_readback_differs,
        fence_dropped,
        link_drop,
        battery_sag,
        gps_lost,
        weak_cell,
        no_storage,
        remote_id_bad,
        remote_id_silent,
        not_armable,
        parameters_kept,
    )
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_fault_shows_and_without_it_the_aircraft_is_well(name: str) -> None:
    with Peer(remote_id=True) as faulty:
        faulty.aircraft.fault(name)
        SHOWN[name](faulty)
    with Peer(remote_id=True) as well, pytest.raises(AssertionError):
        SHOWN[name](well)


def test_a_link_drop_ends_after_its_seconds() -> None:
    with Peer() as peer:
        peer.aircraft.fault("link_drop", lasts_s=2.0)
        peer.wait(1.5)
        peer.heard.clear()
        peer.wait(1.0)
        assert {message.get_type() for message in peer.heard} >= {"HEARTBEAT", "GLOBAL_POSITION_INT"}


def test_a_position_lost_in_the_air_ends_in_a_blind_descent() -> None:
    with Peer() as peer:
        peer.take_off(15.0)
        peer.aircraft.fault("gps_lost")
        peer.wait(4.0)
        assert peer.aircraft.mode == "LOITER", "dead reckoning"
        peer.until(lambda: peer.aircraft.mode == "DESCEND", 3.0)
        assert "Failsafe activated" in peer.texts()
        assert peer.aircraft.told_position[1] > peer.aircraft.longitude_deg, "what it tells is a guess"
        peer.until(lambda: not peer.aircraft.armed, 60.0)
        assert "Landing detected" in peer.texts()


def test_the_same_seed_loses_the_same_messages() -> None:
    def told(seed: int) -> list[int]:
        with Peer(seed=seed) as peer:
            peer.aircraft.fault("link_bad")
            peer.heard.clear()
            peer.wait(5.0)
            return [m.time_boot_ms for m in peer.heard if m.get_type() == "GLOBAL_POSITION_INT"]

    assert told(3) == told(3) != told(4)


def test_the_same_seed_is_the_same_flight_byte_for_byte_on_the_wire() -> None:
    """What a ground station hears of a take-off in gusts over a bad link; the date is not the wall clock's."""

    def heard(seed: int) -> bytes:
        with Peer(seed=seed) as peer:
            peer.take_off(12.0)
            peer.aircraft.fault("wind_12_mps")
            peer.aircraft.fault("link_bad")
            peer.reposition(60.0, -40.0, 20.0)
            peer.wait(20.0)
            assert {"SYSTEM_TIME", "STATUSTEXT", "GLOBAL_POSITION_INT"} <= {m.get_type() for m in peer.heard}
            return bytes(peer.wire)

    first = heard(3)
    assert heard(3) == first
    assert heard(4) != first


def test_a_slow_link_delivers_on_time_although_nothing_follows() -> None:
    with Peer(seed=5) as peer:
        peer.beats = False
        peer.aircraft.fault("link_bad")
        for _ in range(5):  # a fifth is lost
            peer.send(mavlink.MAVLink_param_set_message(SYSTEM_ID, 1, b"RTL_RETURN_ALT", 77.0, 9))
        peer.wait(0.2)
        assert peer.aircraft.parameters["RTL_RETURN_ALT"] != 77.0
        peer.wait(0.2)
        assert peer.aircraft.parameters["RTL_RETURN_ALT"] == 77.0


def test_sticks_take_an_aircraft_out_of_an_automatic_mode_and_their_loss_brings_it_home() -> None:
    """As PX4 does it with COM_RC_IN_MODE 1, COM_RC_OVERRIDE 1 and NAV_RCL_ACT 2."""
    with Peer(parameters={"COM_RC_IN_MODE": 1, "NAV_RCL_ACT": 2}) as peer:
        peer.take_off(15.0)

        def hold_sticks(forward: int, seconds: float) -> None:
            end = peer.fleet.now_s + seconds
            while peer.fleet.now_s < end:
                peer.send(mavlink.MAVLink_manual_control_message(SYSTEM_ID, forward, 0, 500, 0, 0))
                peer.wait(0.1)

        peer.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 3, 0)
        peer.wait(0.5)
        assert peer.aircraft.mode == "LOITER", "not without sticks"
        hold_sticks(0, 1.0)
        assert peer.aircraft.mode == "LOITER"
        hold_sticks(800, 5.0)
        assert peer.aircraft.mode == "POSITION"
        assert "Pilot took over using sticks" in peer.texts()
        assert 4.0 < peer.aircraft.body.ground_speed_mps < 9.0
        hold_sticks(0, 4.0)
        assert peer.aircraft.body.ground_speed_mps < 0.5
        peer.until(lambda: peer.aircraft.mode == "LOITER", 3.0)
        peer.until(lambda: peer.aircraft.mode == "RTL", 7.0)
        texts = " ".join(peer.texts())
        assert "entering Hold for 5 seconds" in texts


def test_without_leave_sticks_are_not_heard() -> None:
    with Peer(parameters={"COM_RC_IN_MODE": 4}) as peer:
        peer.take_off(15.0)
        for forward in (0, 800, 0, 800):
            peer.send(mavlink.MAVLink_manual_control_message(SYSTEM_ID, forward, 0, 500, 0, 0))
            peer.wait(0.2)
        assert peer.aircraft.mode == "LOITER"


def test_an_unknown_fault_says_which_there_are() -> None:
    with Peer() as peer, pytest.raises(ValueError, match="link_drop"):
        peer.aircraft.fault("gremlins")
