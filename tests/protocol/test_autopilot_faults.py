"""Each named failure of the built-in autopilot, seen from the other end of its link."""

from collections.abc import Callable

import pytest
from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.faults import FAULTS
from tests.protocol.autopilot_peer import Peer


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


def link_drop(peer: Peer) -> None:
    peer.heard.clear()
    peer.wait(3.0)
    assert peer.heard == []
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) is None
    assert not peer.aircraft.armed


def battery_sag(peer: Peer) -> None:
    before = peer.aircraft.battery.true
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
    peer.wait(5.0)
    assert before - peer.aircraft.battery.true == pytest.approx(5 * (0.02 + 1 / 60), rel=0.1)


def gps_lost(peer: Peer) -> None:
    peer.wait(2.0)
    peer.heard.clear()
    peer.wait(2.0)
    kinds = [message.get_type() for message in peer.heard]
    assert "ATTITUDE" in kinds
    assert "GLOBAL_POSITION_INT" not in kinds
    assert all(m.fix_type == 0 for m in peer.heard if m.get_type() == "GPS_RAW_INT")
    assert peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_TEMPORARILY_REJECTED


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


SHOWN: dict[str, Callable[[Peer], None]] = {
    check.__name__: check
    for check in (
        ack_never,
        ack_then_ignore,
        fence_upload_refused,
        fence_readback_differs,
        fence_dropped,
        link_drop,
        battery_sag,
        gps_lost,
        remote_id_bad,
        remote_id_silent,
        not_armable,
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
        peer.until(lambda: peer.aircraft.mode == "DESCEND", 5.0)
        peer.until(lambda: not peer.aircraft.armed, 60.0)
        assert "Landing detected" in peer.texts()


def test_an_unknown_fault_says_which_there_are() -> None:
    with Peer() as peer, pytest.raises(ValueError, match="link_drop"):
        peer.aircraft.fault("gremlins")
