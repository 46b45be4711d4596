"""Zoom, palette and photographs: orders to the camera itself (MAVLink "Camera Protocol v2").

Zoom is set as a share of the range (ZOOM_TYPE_RANGE) and is done when CAMERA_SETTINGS reports it. A palette has no
command; it is a parameter of the camera (see `definition.py`). A photograph is done when CAMERA_IMAGE_CAPTURED tells of
a new one: the acknowledgement only says that the camera means to take it.
"""

from collections.abc import Callable
from itertools import count

from dfr.core.camera import PayloadCamera
from dfr.core.command import Request, SetPalette, ZoomCamera
from dfr.core.telemetry import Telemetry
from dfr.fleet.mavlink.commander import Commander, OrderFailed
from dfr.fleet.mavlink.common import Cmd
from dfr.fleet.mavlink.discovery import CAMERA_SETTINGS
from dfr.fleet.mavlink.wire import WireError

ZOOM_TYPE_RANGE = 2.0
ZOOM_TOLERANCE_PERCENT = 2.0
_SEQUENCE = count(1)


async def zoom(commander: Commander, request: Request, order: ZoomCamera) -> str:
    camera = _camera(commander, lambda camera: camera.can_zoom, "zoom")
    await commander.command(
        request, Cmd.SET_CAMERA_ZOOM, (ZOOM_TYPE_RANGE, order.percent), component_id=camera.component_id
    )
    _ask_settings(commander, camera)

    def reached(telemetry: Telemetry) -> bool | None:
        now = telemetry.camera.zoom_percent if telemetry.camera else None
        return True if now is not None and abs(now - order.percent) <= ZOOM_TOLERANCE_PERCENT else None

    if await commander.seen(reached, commander.timing.camera_s):
        return f"The camera of {commander.name} zooms to {order.percent:.0f} % of its range."
    now = commander.telemetry().camera
    says = (
        "does not say how far it zooms"
        if now is None or now.zoom_percent is None
        else f"is at {now.zoom_percent:.0f} %"
    )
    raise OrderFailed(
        f"The camera of {commander.name} accepted the zoom to {order.percent:.0f} %, but after "
        f"{commander.timing.camera_s:.0f} s it {says}."
    )


async def set_palette(commander: Commander, request: Request, order: SetPalette) -> str:
    camera = _camera(commander, lambda camera: bool(camera.palettes), "change its palette")
    setting = commander.cache.payload(lambda payload: payload.first.palette_setting if payload.first else None)
    if setting is None or order.palette not in setting.values:
        known = ", ".join(camera.palettes)
        raise OrderFailed(f"The camera of {commander.name} has no palette {order.palette!r}; it has {known}.")
    fields = {
        "target_system": commander.system_id,
        "target_component": camera.component_id,
        "param_id": setting.parameter,
        "param_value": setting.on_wire(order.palette),
        "param_type": setting.type,
    }

    def reached(telemetry: Telemetry) -> bool | None:
        return True if telemetry.camera and telemetry.camera.palette == order.palette else None

    for _ in range(commander.timing.ack_tries):
        commander.send_message(request, "PARAM_EXT_SET", fields)
        if await commander.seen(reached, commander.timing.camera_s / commander.timing.ack_tries):
            return f"The camera of {commander.name} shows heat in the palette {order.palette}."
    raise OrderFailed(
        f"The camera of {commander.name} was asked {commander.timing.ack_tries} times for the palette {order.palette} "
        f"and reports {commander.telemetry().camera.palette or 'none'}."  # type: ignore[union-attr]
    )


async def photograph(commander: Commander, request: Request) -> str:
    camera = _camera(commander, lambda camera: camera.can_photograph, "take photographs")
    known = commander.telemetry().photographs
    # The sequence number keeps a command that is sent again from becoming a second photograph.
    params = (0.0, 0.0, 1.0, float(next(_SEQUENCE)), None, None, None)
    await commander.command(request, Cmd.IMAGE_START_CAPTURE, params, component_id=camera.component_id)

    def told(telemetry: Telemetry) -> str | None:
        new = [one for one in telemetry.photographs if one not in known]
        if not new:
            return None
        if not new[-1].succeeded:
            raise OrderFailed(f"The camera of {commander.name} says that taking the photograph failed.")
        return f"Photograph {new[-1].index} of {commander.name} is taken."

    sentence = await commander.seen(told, commander.timing.camera_s)
    if sentence is None:
        raise OrderFailed(
            f"The camera of {commander.name} accepted the photograph, but told of none within "
            f"{commander.timing.camera_s:.0f} s. Look at its storage."
        )
    return sentence


async def zoom_out(commander: Commander, request: Request) -> None:
    """To wide, where it is zoomed in: at the horizon a long lens would look into what lies there. Never raises."""
    camera = commander.telemetry().camera
    if camera is None or not camera.zoom_percent or camera.zoom_percent <= ZOOM_TOLERANCE_PERCENT:
        return
    commander.send(request, Cmd.SET_CAMERA_ZOOM, (ZOOM_TYPE_RANGE, 0.0), component_id=camera.component_id)
    _ask_settings(commander, camera)


def _camera(commander: Commander, can: Callable[[PayloadCamera], bool], what: str) -> PayloadCamera:
    camera = commander.telemetry().camera
    if camera is None:
        raise OrderFailed(f"No camera of {commander.name} answers, so it cannot {what}.")
    if not can(camera):
        raise OrderFailed(f"The camera of {commander.name} ({camera.name}) cannot {what}.")
    return camera


def _ask_settings(commander: Commander, camera: PayloadCamera) -> None:
    try:
        commander.ask(Cmd.REQUEST_MESSAGE, (float(CAMERA_SETTINGS),), camera.component_id)
    except WireError as error:
        raise OrderFailed(str(error)) from error
