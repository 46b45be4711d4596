"""Cameras and gimbal manager out of their messages, and what of a camera's word is not taken."""

import math
from typing import Any

import pytest

from dfr.core.camera import GimbalControl
from dfr.fleet.mavlink.definition import VALUE_BYTES, DefinitionError, palette_in
from dfr.fleet.mavlink.payload import LOST_AFTER_S, NO_GIMBAL_AFTER, Payload
from dfr.fleet.mavlink.video_uri import usable_url

INFORMATION: dict[str, Any] = {
    "time_boot_ms": 5000,
    "vendor_name": [*b"Acme", 0, 0],
    "model_name": [*b"Eye 2", 0],
    "focal_length": 4.75,
    "sensor_size_h": 6.17,
    "flags": 2 | 64 | 256,
    "cam_definition_uri": "",
}
STREAM: dict[str, Any] = {
    "stream_id": 1,
    "count": 2,
    "type": 0,
    "flags": 1,
    "framerate": 30.0,
    "resolution_h": 1280,
    "resolution_v": 720,
    "hfov": 66,
    "name": "Wide",
    "uri": "rtsp://10.0.0.8/wide",
}


def known(**streams: Any) -> Payload:
    payload = Payload("sky-1", (245, 191))
    assert payload.take("CAMERA_INFORMATION", 100, INFORMATION, 10.0)
    assert payload.take("VIDEO_STREAM_INFORMATION", 100, {**STREAM, **streams}, 10.0)
    return payload


def test_a_camera_is_what_its_messages_say() -> None:
    payload = known()
    payload.take("VIDEO_STREAM_INFORMATION", 100, {**STREAM, "stream_id": 2, "flags": 3, "name": "Heat"}, 10.0)
    camera = payload.camera(10.0)
    assert camera is not None
    assert camera.name == "Acme Eye 2"
    assert camera.can_zoom
    assert camera.can_photograph
    assert camera.zoom_percent is None, "no settings have come"
    assert [(one.id, one.name, one.thermal) for one in camera.streams] == [
        ("sky-1", "Wide", False),
        ("sky-1-100-2", "Heat", True),
    ]
    assert camera.wide_fov_deg == pytest.approx(66.0, abs=0.1)
    payload.take("CAMERA_FOV_STATUS", 100, {"hfov": 22.0, "vfov": 12.5}, 10.0)
    zoomed = payload.camera(10.0)
    assert zoomed is not None
    assert zoomed.magnification == pytest.approx(3.0, abs=0.01)


def test_a_camera_that_falls_silent_keeps_its_streams_and_is_asked_anew() -> None:
    payload = known()
    later_s = 10.0 + LOST_AFTER_S + 1.0
    silent = payload.camera(later_s)
    assert silent is not None
    assert "not been heard for more than 6 s" in silent.sentence
    payload.take("CAMERA_SETTINGS", 100, {"zoomLevel": 10.0}, 10.5)
    payload.take("HEARTBEAT", 100, {"autopilot": 8}, later_s)
    back = payload.camera(later_s)
    assert back is not None
    assert back.sentence == ""
    assert back.zoom_percent is None
    assert [one.id for one in back.streams] == ["sky-1"]


def test_a_camera_that_restarted_tells_its_streams_again() -> None:
    payload = known()
    payload.take("CAMERA_INFORMATION", 100, {**INFORMATION, "time_boot_ms": 10}, 11.0)
    camera = payload.camera(11.0)
    assert camera is not None
    assert camera.streams == ()


def test_an_autopilots_own_storage_is_no_camera() -> None:
    payload = Payload("sky-1", (245, 191))
    assert not payload.take("STORAGE_INFORMATION", 1, {"available_capacity": 5.0}, 1.0)
    assert payload.camera(1.0) is None
    assert not payload.take("HEARTBEAT", 1, {}, 1.0), "the autopilot's heartbeat is the aircraft's"
    assert not payload.take("CAMERA_INFORMATION", 42, INFORMATION, 1.0)


@pytest.mark.parametrize(
    ("primary", "control"),
    [
        ((245, 191), GimbalControl.OURS),
        ((0, 0), GimbalControl.NOBODY),
        ((7, 1), GimbalControl.AUTOPILOT),
        ((255, 190), GimbalControl.OTHER),
    ],
)
def test_who_has_the_gimbal(primary: tuple[int, int], control: GimbalControl) -> None:
    payload = Payload("sky-1", (245, 191))
    fields = {"primary_control_sysid": primary[0], "primary_control_compid": primary[1]}
    payload.take("GIMBAL_MANAGER_STATUS", 1, fields, 1.0)
    manager = payload.gimbal_manager()
    assert manager.control is control
    assert manager.controller


def test_a_gimbal_manager_that_never_answers_is_said_to_be_missing() -> None:
    payload = Payload("sky-1", (245, 191))
    assert payload.gimbal_manager().sentence == ""
    payload.manager_asked = NO_GIMBAL_AFTER
    assert "No gimbal manager answers" in payload.gimbal_manager().sentence
    limits = {"pitch_min": -math.pi / 2, "pitch_max": 0.5, "yaw_min": None, "yaw_max": None}
    payload.take("GIMBAL_MANAGER_INFORMATION", 1, limits, 1.0)
    assert payload.gimbal_manager().limits is None, "a limit that is not told is not made up"
    assert payload.gimbal_manager().sentence == ""


@pytest.mark.parametrize(
    ("uri", "host", "url"),
    [
        ("rtsp://10.0.0.8:8554/wide", "", "rtsp://10.0.0.8:8554/wide"),
        ("rtsp://10.0.0.8/wide", "10.1.1.1", "rtsp://10.0.0.8/wide"),
        ("rtsp://0.0.0.0:8554/wide", "10.1.1.1", "rtsp://10.1.1.1:8554/wide"),
        ("rtsp://user:pw@127.0.0.1/wide", "10.1.1.1", "rtsp://user:pw@10.1.1.1/wide"),
        ("rtsp://localhost/wide", "fd00::8", "rtsp://[fd00::8]/wide"),
        ("rtsp://127.0.0.1:8554/wide", "", "rtsp://127.0.0.1:8554/wide"),
        ("rtsp://0.0.0.0:8554/wide", "", ""),
        ("file:///etc/passwd", "", ""),
        ("rtsp:///nowhere", "", ""),
        ("rtsp://[bad/", "", ""),
        ("5600", "", ""),
    ],
)
def test_only_an_address_that_can_be_reached_is_used(uri: str, host: str, url: str) -> None:
    found, sentence = usable_url(0, uri, host)
    assert found == url
    assert bool(sentence) == (url == "")


def test_a_video_that_is_not_rtsp_is_refused_in_words() -> None:
    assert "type 1" in usable_url(1, "5600")[1]


DEFINITION = b"""<mavlinkcamera><parameters>
<parameter name="CAM_EV" type="float"><description>Exposure</description></parameter>
<parameter name="THERM_COL" type="int32"><description>Thermal palette</description><options>
<option name="White hot" value="0"/><option name="Lava" value="258"/><option name="broken" value="x"/>
</options></parameter>
</parameters></mavlinkcamera>"""


def test_the_palette_is_found_in_the_definition() -> None:
    setting = palette_in(DEFINITION)
    assert setting is not None
    assert setting.parameter == "THERM_COL"
    assert setting.type == 6
    assert list(setting.values) == ["White hot", "Lava"]
    wire = setting.on_wire("Lava")
    assert len(wire) == VALUE_BYTES
    assert wire[:4] == [2, 1, 0, 0]
    assert setting.name_of(wire) == "Lava"
    assert setting.name_of([0] * VALUE_BYTES) == "White hot"
    assert setting.name_of([9, *[0] * 127]) is None
    assert palette_in(b"<mavlinkcamera><parameters/></mavlinkcamera>") is None


@pytest.mark.parametrize("content", [b"no XML", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_definition_is_refused(content: bytes) -> None:
    with pytest.raises(DefinitionError):
        palette_in(content)
