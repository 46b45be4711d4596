"""The built-in autopilot on the wire: parameters, lists, commands, gimbal, links."""

import math
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot import VehicleSpec, running_fleet
from sim.autopilot.commands import FLIGHT_HANDLERS, QUERY_HANDLERS
from sim.autopilot.parameters import float_of_int, int_of_float
from tests.protocol.autopilot_peer import HOME, NAN, SYSTEM_ID, Peer

ARM = mavlink.MAV_CMD_COMPONENT_ARM_DISARM


def read_parameter(peer: Peer, name: str) -> float | int | None:
    peer.send(mavlink.MAVLink_param_request_read_message(SYSTEM_ID, 1, name.encode(), -1))
    answer = peer.answer("PARAM_VALUE", param_id=name)
    if answer is None:
        return None
    is_int = answer.param_type == mavlink.MAV_PARAM_TYPE_INT32
    return int_of_float(answer.param_value) if is_int else float(answer.param_value)


def test_parameters_are_read_and_set_in_px4s_encoding() -> None:
    with Peer() as peer:
        assert read_parameter(peer, "GF_ACTION") == 2
        assert read_parameter(peer, "MPC_XY_CRUISE") == 5.0
        assert read_parameter(peer, "NO_SUCH_NAME") is None
        kind = mavlink.MAV_PARAM_TYPE_INT32
        peer.send(mavlink.MAVLink_param_set_message(SYSTEM_ID, 1, b"GF_ACTION", float_of_int(3), kind))
        assert int_of_float(peer.answer("PARAM_VALUE", param_id="GF_ACTION").param_value) == 3
        peer.send(mavlink.MAVLink_param_set_message(SYSTEM_ID, 1, b"GF_ACTION", 1.0, mavlink.MAV_PARAM_TYPE_REAL32))
        peer.wait(0.5)
        assert read_parameter(peer, "GF_ACTION") == 3


def test_the_list_brings_every_parameter_once() -> None:
    with Peer() as peer:
        peer.heard.clear()
        peer.send(mavlink.MAVLink_param_request_list_message(SYSTEM_ID, 1))
        peer.wait(3.0)
        heard = [message for message in peer.heard if message.get_type() == "PARAM_VALUE"]
        assert sorted(message.param_index for message in heard) == list(range(heard[0].param_count))
        assert {message.param_id for message in heard} == set(peer.aircraft.parameters.names)


def test_what_is_meant_for_others_is_ignored() -> None:
    with Peer() as peer:
        assert peer.command(ARM, 1, target=(SYSTEM_ID + 1, 1)) is None
        assert peer.command(ARM, 1, target=(SYSTEM_ID, 154)) is None
        assert not peer.aircraft.armed


def test_an_answer_names_the_component_that_asked() -> None:
    with Peer(source=(200, 77)) as peer:
        peer.send(mavlink.MAVLink_command_long_message(SYSTEM_ID, 1, ARM, 0, 1, 0, 0, 0, 0, 0, 0))
        answer = peer.answer("COMMAND_ACK", command=ARM)
        assert (answer.target_system, answer.target_component) == (200, 77)


def test_a_repeated_command_is_answered_again_and_done_once() -> None:
    with Peer() as peer:
        for confirmation in (0, 1):
            message = mavlink.MAVLink_command_long_message(SYSTEM_ID, 1, ARM, confirmation, 1, 0, 0, 0, 0, 0, 0)
            peer.send(message)
            assert peer.answer("COMMAND_ACK", command=ARM).result == mavlink.MAV_RESULT_ACCEPTED
            peer.aircraft.parameters.set("COM_DISARM_PRFLT", 0.2)
            peer.until(lambda: not peer.aircraft.armed, 2.0)
        assert peer.texts().count("Armed by external command") == 1


def test_a_fence_comes_back_as_it_was_sent() -> None:
    with Peer() as peer:
        sent = peer.square(300.0)
        assert peer.upload(sent) == mavlink.MAV_MISSION_ACCEPTED
        assert [(i.command, i.frame, i.param1, i.x, i.y) for i in peer.download()] == sent
        assert peer.upload([]) == mavlink.MAV_MISSION_ACCEPTED
        assert peer.download() == []


def test_rally_points_come_back_as_they_were_sent_and_nothing_else_is_taken_for_one() -> None:
    with Peer() as peer:
        points = [(5100, 0, 0.0, x, y) for _, _, _, x, y in peer.square(200.0)[:2]]
        assert peer.upload(points, mission_type=2) == mavlink.MAV_MISSION_ACCEPTED
        assert [(i.command, i.frame, i.param1, i.x, i.y) for i in peer.download(2)] == points
        assert peer.upload(peer.square(10.0)[:1], mission_type=2) == mavlink.MAV_MISSION_UNSUPPORTED
        assert len(peer.download(2)) == 2
        assert peer.upload([], mission_type=2) == mavlink.MAV_MISSION_ACCEPTED
        assert peer.download(2) == []


def test_a_lost_item_is_asked_for_again_and_a_lost_peer_given_up() -> None:
    with Peer() as peer:
        peer.send(mavlink.MAVLink_mission_count_message(SYSTEM_ID, 1, 4, 1))
        asked = [peer.answer("MISSION_REQUEST_INT") for _ in range(3)]
        assert [message.seq for message in asked] == [0, 0, 0]
        given_up = peer.answer("MISSION_ACK", limit_s=8.0)
        assert given_up.type == mavlink.MAV_MISSION_OPERATION_CANCELLED
        assert peer.upload(peer.square(300.0)) == mavlink.MAV_MISSION_ACCEPTED


def test_message_rates_and_single_messages_can_be_asked_for() -> None:
    with Peer() as peer:
        interval = mavlink.MAV_CMD_SET_MESSAGE_INTERVAL
        assert peer.command(interval, mavlink.MAVLINK_MSG_ID_ATTITUDE, 50_000) == 0
        assert peer.command(interval, mavlink.MAVLINK_MSG_ID_VFR_HUD, -1) == 0
        peer.heard.clear()
        peer.wait(2.0)
        kinds = [message.get_type() for message in peer.heard]
        assert kinds.count("ATTITUDE") == pytest.approx(40, abs=2)
        assert "VFR_HUD" not in kinds
        assert peer.command(mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAVLINK_MSG_ID_VFR_HUD) == 0
        assert any(message.get_type() == "VFR_HUD" for message in peer.heard)
        assert peer.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 9999) == mavlink.MAV_RESULT_DENIED


def test_the_gimbal_obeys_only_who_has_control_and_moves_at_its_rate() -> None:
    pitch_yaw = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW
    look_down = (-60.0, 0.0, NAN, NAN, float(mavlink.GIMBAL_MANAGER_FLAGS_YAW_LOCK))
    with Peer() as peer:
        assert peer.command(pitch_yaw, *look_down) == mavlink.MAV_RESULT_DENIED
        assert peer.command(mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE, 245, 191, -1, -1) == 0
        assert peer.command(pitch_yaw, *look_down) == mavlink.MAV_RESULT_ACCEPTED
        peer.wait(0.5)
        assert -40.0 < peer.aircraft.gimbal.pitch_deg < -20.0
        peer.wait(1.0)
        assert peer.aircraft.gimbal.pitch_deg == pytest.approx(-60.0)
        w, _, y, _ = peer.answer("GIMBAL_DEVICE_ATTITUDE_STATUS").q
        assert math.degrees(2 * math.atan2(y, w)) == pytest.approx(-60.0, abs=0.1)


def test_the_region_of_interest_is_kept_in_view_while_flying() -> None:
    with Peer() as peer:
        peer.take_off(30.0)
        lat, lon = peer.aircraft.frame.to_global(60.0, 0.0)
        target = (lat, lon, HOME[2])
        assert peer.command(mavlink.MAV_CMD_DO_SET_ROI_LOCATION, 0, 0, 0, 0, *target) == 0
        peer.reposition(60.0, 40.0, 30.0)
        peer.wait(25.0)
        north, east, down = peer.aircraft.body.position
        gimbal = peer.aircraft.gimbal
        assert gimbal.yaw_deg == pytest.approx(math.degrees(math.atan2(-east, 60.0 - north)), abs=2.0)
        assert gimbal.pitch_deg == pytest.approx(-math.degrees(math.atan2(-down, math.hypot(60 - north, east))), abs=2)
        assert peer.command(mavlink.MAV_CMD_DO_SET_ROI_NONE) == 0
        peer.wait(3.0)
        assert gimbal.pitch_deg == pytest.approx(0.0, abs=0.5)


ANY = st.one_of(st.sampled_from([0.0, 1.0, -1.0, NAN, math.inf, 3e38, 32.22, -110.92]), st.floats(width=32))
COMMANDS = st.sampled_from(sorted({*FLIGHT_HANDLERS, *QUERY_HANDLERS, 31999}))


@settings(max_examples=4, deadline=None)
@given(st.lists(st.tuples(COMMANDS, st.booleans(), st.lists(ANY, min_size=7, max_size=7)), min_size=25, max_size=25))
def test_no_command_whatever_its_parameters_goes_unanswered_or_breaks_it(
    sent: list[tuple[int, bool, list[float]]],
) -> None:
    with Peer() as peer:
        peer.take_off(10.0)
        for command, as_int, p in sent:
            if as_int:
                fields = (3, command, 0, 0, *p[:4], 2**31 - 1, -1109265000, p[6])
                peer.send(mavlink.MAVLink_command_int_message(SYSTEM_ID, 1, *fields))
            else:
                peer.send(mavlink.MAVLink_command_long_message(SYSTEM_ID, 1, command, 0, *p))
            assert peer.answer("COMMAND_ACK", command=command) is not None
        assert all(map(math.isfinite, (*peer.aircraft.position, *peer.aircraft.body.velocity)))


@settings(max_examples=5, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=40))
def test_noise_on_the_link_is_survived(datagrams: list[bytes]) -> None:
    """Noise that looks like the head of a long message swallows the next few, as in any MAVLink parser: try again."""
    with Peer() as peer:
        for data in datagrams:
            peer.socket.sendto(data, peer.address)
        peer.wait(1.0)
        assert any(peer.command(ARM, 1) == mavlink.MAV_RESULT_ACCEPTED for _ in range(8))


def listener(port: int = 0) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(5.0)
    made.bind(("127.0.0.1", port))
    return made


def test_a_service_that_restarts_is_found_again_and_the_payload_hears_its_own() -> None:
    first, camera = listener(), listener()
    address = first.getsockname()
    with running_fleet([VehicleSpec(SYSTEM_ID, HOME, address, camera.getsockname())], speed=5.0):
        assert first.recv(2000)
        first.close()
        time.sleep(0.3)  # datagrams are refused meanwhile
        with listener(address[1]) as second:
            assert second.recv(2000)
        codec, kinds, deadline = mavlink.MAVLink(None), set(), time.monotonic() + 5.0
        codec.robust_parsing = True
        wanted = {"GLOBAL_POSITION_INT", "ATTITUDE", "GIMBAL_DEVICE_ATTITUDE_STATUS", "SYSTEM_TIME"}
        while not wanted <= kinds and time.monotonic() < deadline:
            kinds |= {message.get_type() for message in codec.parse_buffer(camera.recv(2000)) or []}
        assert wanted <= kinds
    camera.close()


def test_an_aircraft_that_listens_answers_who_calls() -> None:
    with listener() as probe:
        port = probe.getsockname()[1]
    with running_fleet([VehicleSpec(SYSTEM_ID, HOME, f"udpout://127.0.0.1:{port}")]), listener() as caller:
        caller.settimeout(0.3)
        with pytest.raises(TimeoutError):
            caller.recv(2000)
        codec = mavlink.MAVLink(None, srcSystem=245, srcComponent=190)
        beat = mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, 8, 0, 0, 4, 3)
        caller.sendto(beat.pack(codec), ("127.0.0.1", port))
        caller.settimeout(5.0)
        assert caller.recv(2000)
