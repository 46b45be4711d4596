"""The driver and the simulated camera over UDP, by way of the autopilot: found, zoomed, its palette, a photograph."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import httpx

from dfr.core.camera import GimbalControl
from dfr.core.command import LookAtHorizon, OutcomeKind, SetPalette, TakePhotograph, TurnCamera, ZoomCamera
from dfr.core.telemetry import Telemetry
from sim.autopilot.fleet import running_fleet
from sim.camera.encoder import VideoFormat
from sim.camera.running import running_cameras
from sim.camera.site import CameraSpec, Place
from tests.protocol.fleet_rig import HOME, Rig, free_port, rig, spec

SMALL = VideoFormat(320, 176, 5)


def described(seen: Telemetry) -> bool:
    camera = seen.camera
    if camera is None or seen.kinematics is None or camera.horizontal_fov_deg is None:
        return False
    return len(camera.streams) == 2 and camera.palette is not None and camera.zoom_percent is not None


async def the_camera_is_used(port: int) -> None:
    async with rig(port) as made:
        seen = await made.until(described)
        camera = seen.camera
        assert camera is not None
        assert camera.can_zoom
        assert camera.can_photograph
        assert camera.streams[0].url.startswith("rtsp://127.0.0.1:")
        assert not camera.streams[0].thermal
        assert camera.streams[1].thermal
        assert camera.streams[1].url.endswith("/heat")
        assert [one.id for one in camera.streams] == ["sky-7", "sky-7-100-2"]
        assert camera.palette == "White hot"
        assert camera.palettes[-1] == "Rainbow"
        assert abs((camera.horizontal_fov_deg or 0.0) - 66.0) < 0.1
        await zoom_and_photograph(made)
        await turn_and_level(made)


async def zoom_and_photograph(made: Rig) -> None:
    outcome = await made.do(SetPalette("Rainbow"))
    assert outcome.kind is OutcomeKind.DONE, outcome.sentence
    outcome = await made.do(SetPalette("Plaid"))
    assert outcome.kind is OutcomeKind.FAILED
    assert "no palette 'Plaid'" in outcome.sentence
    outcome = await made.do(ZoomCamera(60.0))
    assert outcome.kind is OutcomeKind.DONE, outcome.sentence
    zoomed = await made.until(lambda seen: seen.camera is not None and (seen.camera.magnification or 0.0) > 3.0)
    assert zoomed.camera is not None
    assert (zoomed.camera.horizontal_fov_deg or 66.0) < 25.0
    outcome = await made.do(TakePhotograph())
    assert outcome.kind is OutcomeKind.DONE, outcome.sentence
    photograph = made.telemetry().photographs[-1]
    assert photograph.succeeded
    assert photograph.position is not None
    assert abs(photograph.position.latitude_deg - HOME[0]) < 1e-3
    answer = await asyncio.to_thread(httpx.get, photograph.url, timeout=5.0)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xff\xd8\xff"), "a real JPEG"
    assert (await made.do(TakePhotograph())).kind is OutcomeKind.DONE
    assert [one.index for one in made.telemetry().photographs] == [0, 1]


async def turn_and_level(made: Rig) -> None:
    outcome = await made.do(TurnCamera(-30.0, 40.0))
    assert outcome.kind is OutcomeKind.DONE, outcome.sentence
    seen = await made.until(lambda seen: seen.gimbal_manager.control is GimbalControl.OURS)
    assert seen.gimbal is not None
    assert abs(seen.gimbal.value.pitch_deg + 30.0) < 5.0
    assert seen.gimbal_manager.limits is not None
    assert [round(limit) for limit in seen.gimbal_manager.limits.pitch_deg] == [-90, 30]
    assert (await made.do(LookAtHorizon())).kind is OutcomeKind.DONE
    await made.until(lambda seen: seen.camera is not None and seen.camera.zoom_percent == 0.0)


def with_camera(work: Any) -> None:
    camera = CameraSpec("sky-7", "SKY-7", Place(*HOME), "sky-7", video=SMALL)
    port = free_port()
    with running_cameras([camera]) as cameras:
        payload = ("127.0.0.1", cameras["sky-7"].payload_port)
        with running_fleet([replace(spec(7, port), payload_link=payload)]):
            run: Coroutine[Any, Any, None] = work(port)
            asyncio.run(run)


def test_a_camera_is_found_and_used_without_any_configuration() -> None:
    with_camera(the_camera_is_used)


async def nothing_is_there(port: int) -> None:
    async with rig(port) as made:
        await made.ready()
        assert made.telemetry().camera is None
        for command, word in ((ZoomCamera(50.0), "zoom"), (TakePhotograph(), "photographs")):
            outcome = await made.do(command)
            assert outcome.kind is OutcomeKind.FAILED
            assert "No camera of SKY-7 answers" in outcome.sentence
            assert word in outcome.sentence


def test_without_a_camera_every_order_says_so() -> None:
    port = free_port()
    with running_fleet([spec(7, port)], speed=5.0):
        asyncio.run(nothing_is_there(port))
