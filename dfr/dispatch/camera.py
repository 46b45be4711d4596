"""What a pilot's wish about the camera means as a command, and what speaks against camera commands. Pure."""

from dfr.airspace.sight import ground_point
from dfr.core.asset import Asset
from dfr.core.attitude import from_angles
from dfr.core.command import (
    CameraCommand,
    LookAt,
    LookAtHorizon,
    SetPalette,
    TakePhotograph,
    TurnCamera,
    ZoomCamera,
)
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.geo import Position, Waypoint
from dfr.core.pilot import PilotAction, PilotCommand, ZoomStep
from dfr.core.telemetry import Telemetry
from dfr.core.zone import Zone, ZoneKind
from dfr.dispatch.picture import Picture

CAMERA_ACTIONS = frozenset({PilotAction.TURN, PilotAction.ZOOM, PilotAction.PALETTE, PilotAction.PHOTOGRAPH})
"""What changes nothing of the flight itself."""
MOST_TURN_DEG = 45.0
TURN_PAUSE_S = 0.1
"""Two turns by hand are at least this far apart: a stuck key must not flood the link."""
AIM_HOLDS_S = 2.0
"""A turn that follows another so soon counts from where that one aims, not from where the gimbal has got to."""
GIMBAL_AGE_S = 2.0
ZOOM_STEP_PERCENT = 20.0


def camera_command(command: PilotCommand, flight: Flight, picture: Picture) -> CameraCommand | tuple[str, ...]:
    """The command, or the sentences why the wish cannot be understood as things stand."""
    telemetry = picture.telemetry[flight.asset_id]
    match command.action:
        case PilotAction.TURN:
            return _turn(command, flight, telemetry, picture)
        case PilotAction.ZOOM:
            return _zoom(command, telemetry)
        case PilotAction.PALETTE if command.palette:
            return SetPalette(command.palette)
        case PilotAction.PHOTOGRAPH:
            return TakePhotograph()
        case _:
            return ("Say which of the camera's palettes to use.",)


def _turn(
    command: PilotCommand, flight: Flight, telemetry: Telemetry, picture: Picture
) -> TurnCamera | tuple[str, ...]:
    if command.turn is None:
        return ("Say how far to turn the camera.",)
    if telemetry.gimbal is None or telemetry.gimbal.age_s(picture.now_s) > GIMBAL_AGE_S:
        return ("Where the camera looks now is not known, so it cannot be turned from there.",)
    pitch_deg, yaw_deg = telemetry.gimbal.value.pitch_deg, telemetry.gimbal.value.yaw_deg
    before = picture.turned.get(flight.asset_id)
    if before is not None and picture.now_s - before.at_s < AIM_HOLDS_S:
        pitch_deg, yaw_deg = before.value.pitch_deg, before.value.yaw_deg
    wanted_deg = pitch_deg + command.turn.up_deg
    limits = telemetry.gimbal_manager.limits
    low, high = limits.pitch_deg if limits else (-90.0, 90.0)
    low, high = max(low, -90.0), min(high, 90.0)
    reached = min(high, max(low, wanted_deg))
    if reached == pitch_deg and not command.turn.right_deg:
        side = "up" if command.turn.up_deg > 0 else "down"
        return (f"The gimbal turns no farther {side} than {abs(pitch_deg):.0f} degrees.",)
    return TurnCamera(reached, (yaw_deg + command.turn.right_deg) % 360.0, flight.activity is Activity.ORBIT)


def _zoom(command: PilotCommand, telemetry: Telemetry) -> ZoomCamera | tuple[str, ...]:
    match command.zoom:
        case ZoomStep() as step:
            now = telemetry.camera.zoom_percent if telemetry.camera else None
            if now is None:
                return ("The camera does not say how far it is zoomed.",)
            wanted = now + (ZOOM_STEP_PERCENT if step is ZoomStep.IN else -ZOOM_STEP_PERCENT)
            return ZoomCamera(min(100.0, max(0.0, wanted)))
        case float() as percent:
            return ZoomCamera(percent)
        case None:
            return ("Say how far to zoom.",)


def camera_reasons(command: CameraCommand, asset: Asset, flight: Flight | None, picture: Picture) -> tuple[str, ...]:
    """What speaks against a camera command, beside that the aircraft must be heard.

    Privacy is geometry: the camera looks at the horizon until on scene, and never into a privacy zone.
    """
    camera = picture.telemetry[asset.id].camera
    match command:
        case LookAtHorizon():
            return ()
        case LookAt():
            return _on_scene(asset, flight) or _look_reasons(command, flight, picture)
        case TurnCamera():
            return _on_scene(asset, flight) or _turn_reasons(command, asset, flight, picture)
        case SetPalette():
            if camera is None or command.palette not in camera.palettes:
                known = ", ".join(camera.palettes) if camera else ""
                return (f"{asset.name}'s camera has no palette {command.palette}; it has {known or 'none'}.",)
            return ()
        case ZoomCamera():
            if camera is None or not camera.can_zoom:
                return (f"{asset.name} has no camera that zooms.",)
            # Wide again is always allowed.
            return _on_scene(asset, flight) if command.percent > 0.0 else ()
        case TakePhotograph():
            if camera is None or not camera.can_photograph:
                return (f"{asset.name} has no camera that takes photographs.",)
            return _on_scene(asset, flight)


def _on_scene(asset: Asset, flight: Flight | None) -> tuple[str, ...]:
    if flight is not None and flight.state is FlightState.ON_SCENE:
        return ()
    return (f"{asset.name} is not on scene: until then, and on its way home, its camera looks at the horizon.",)


def _turn_reasons(command: TurnCamera, asset: Asset, flight: Flight | None, picture: Picture) -> tuple[str, ...]:
    telemetry = picture.telemetry[asset.id]
    before = picture.turned.get(asset.id)
    if before is not None and picture.now_s - before.at_s < TURN_PAUSE_S:
        return (f"{asset.name}'s camera was turned less than {TURN_PAUSE_S} s ago.",)
    if telemetry.gimbal_manager.sentence:
        return (f"{asset.name}: {telemetry.gimbal_manager.sentence}",)
    if telemetry.kinematics is None:
        return (f"{asset.name}'s position is not known.",)
    if telemetry.gimbal is not None:
        from_deg = before.value if before is not None and picture.now_s - before.at_s < AIM_HOLDS_S else None
        now = from_deg or telemetry.gimbal.value
        aside = abs((command.yaw_deg - now.yaw_deg + 180.0) % 360.0 - 180.0)
        if max(abs(command.pitch_deg - now.pitch_deg), aside) > MOST_TURN_DEG + 1e-6:
            return (f"A camera is turned by at most {MOST_TURN_DEG:.0f} degrees at once; turn it in steps.",)
    here = Waypoint(telemetry.kinematics.value.position, telemetry.kinematics.value.altitude)
    place = ground_point(here, from_angles(0.0, command.pitch_deg, command.yaw_deg), picture.ground)
    # Around a scene inside a privacy zone the camera must be turned to see what it was sent for.
    around_scene = picture.site.airspace.zones_at(flight.scene, ZoneKind.PRIVACY) if flight is not None else ()
    return () if place is None else _private(place, around_scene, picture)


def _look_reasons(command: LookAt, flight: Flight | None, picture: Picture) -> tuple[str, ...]:
    # A call inside a privacy zone is what the flight was sent to see.
    return () if flight is not None and command.position == flight.scene else _private(command.position, (), picture)


def _private(place: Position, besides: tuple[Zone, ...], picture: Picture) -> tuple[str, ...]:
    return tuple(
        f"That place is in the privacy zone {zone.name}; the camera does not look in there."
        for zone in picture.site.airspace.zones_at(place, ZoneKind.PRIVACY)
        if zone not in besides
    )
