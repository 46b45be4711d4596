"""Telemetry: each value carries the time it was received (`at_s`), null is unknown."""

from pydantic import Field

from dfr.core.remote_id import RemoteIdState
from dfr.core.telemetry import FlightMode, Gimbal, Kinematics, LandedState, LinkState, Telemetry, Timed
from dfr.server.models.base import Answer, Latitude, Longitude, Time, WaypointModel
from dfr.server.models.camera import CameraModel, GimbalManagerModel


class KinematicsModel(Answer):
    """Where the aircraft is and how it moves."""

    at_s: Time
    latitude_deg: Latitude
    longitude_deg: Longitude
    altitude_amsl_m: float = Field(description="Metres above mean sea level.")
    height_above_takeoff_m: float
    north_mps: float
    east_mps: float
    down_mps: float
    ground_speed_mps: float
    heading_deg: float | None = Field(description="Clockwise from true north.")

    @classmethod
    def maybe(cls, kinematics: Timed[Kinematics] | None) -> "KinematicsModel | None":
        if kinematics is None:
            return None
        now = kinematics.value
        return cls(
            at_s=kinematics.at_s,
            latitude_deg=now.position.latitude_deg,
            longitude_deg=now.position.longitude_deg,
            altitude_amsl_m=now.altitude.m,
            height_above_takeoff_m=now.height.m,
            north_mps=now.velocity.north_mps,
            east_mps=now.velocity.east_mps,
            down_mps=now.velocity.down_mps,
            ground_speed_mps=now.velocity.ground_mps,
            heading_deg=now.heading_deg,
        )


class ModeModel(Answer):
    at_s: Time
    value: FlightMode


class ArmedModel(Answer):
    at_s: Time
    value: bool


class LandedModel(Answer):
    at_s: Time
    value: LandedState


class BatteryModel(Answer):
    at_s: Time
    remaining_fraction: float = Field(description="0 is empty, 1 full.")
    voltage_v: float | None


class GimbalModel(Answer):
    """Where the camera looks."""

    at_s: Time
    pitch_deg: float = Field(description="0 is the horizon, -90 straight down.")
    yaw_deg: float = Field(description="Clockwise from true north.")

    @classmethod
    def maybe(cls, gimbal: Timed[Gimbal] | None) -> "GimbalModel | None":
        if gimbal is None:
            return None
        return cls(at_s=gimbal.at_s, pitch_deg=gimbal.value.pitch_deg, yaw_deg=gimbal.value.yaw_deg)


class HomeModel(Answer):
    at_s: Time
    place: WaypointModel


class AutopilotHealthModel(Answer):
    at_s: Time
    armable: bool
    missing: list[str] = Field(description="What the autopilot lacks before it can be armed, in words.")


class SatellitesModel(Answer):
    at_s: Time
    count: int


class RemoteIdModel(Answer):
    """What the aircraft's Remote ID module says of itself."""

    state: RemoteIdState
    sentence: str
    since_s: Time | None = Field(description="Since when it is so; null when no module was ever heard.")


class FenceOnBoardModel(Answer):
    """The fence that was uploaded, read back and found equal."""

    digest: str
    verified_s: Time


class StatusTextModel(Answer):
    """A sentence of the autopilot."""

    at_s: Time
    severity: int = Field(ge=0, le=7, description="RFC 5424: 0 emergency to 7 debug.")
    text: str


class TelemetryModel(Answer):
    """The last values of one aircraft."""

    asset_id: str
    link: LinkState
    link_changed_s: Time | None
    kinematics: KinematicsModel | None
    mode: ModeModel | None
    armed: ArmedModel | None
    landed: LandedModel | None
    battery: BatteryModel | None
    gimbal: GimbalModel | None
    gimbal_manager: GimbalManagerModel
    camera: CameraModel | None = Field(description="Null while no camera has told of itself.")
    photographs: int = Field(description="So many the camera has told of, at most 20.")
    home: HomeModel | None
    health: AutopilotHealthModel | None
    satellites: SatellitesModel | None
    remote_id: RemoteIdModel
    fence: FenceOnBoardModel | None
    fence_problem: str = Field(description='Why the fence on board is not the one that should be; "" when it is.')
    texts: list[StatusTextModel] = Field(description="The newest status texts, oldest first.")

    @classmethod
    def of(cls, telemetry: Telemetry) -> "TelemetryModel":
        t = telemetry
        return cls(
            asset_id=t.asset_id,
            link=t.link,
            link_changed_s=t.link_changed_s,
            kinematics=KinematicsModel.maybe(t.kinematics),
            mode=None if t.mode is None else ModeModel(at_s=t.mode.at_s, value=t.mode.value),
            armed=None if t.armed is None else ArmedModel(at_s=t.armed.at_s, value=t.armed.value),
            landed=None if t.landed is None else LandedModel(at_s=t.landed.at_s, value=t.landed.value),
            battery=_battery(t),
            gimbal=GimbalModel.maybe(t.gimbal),
            gimbal_manager=GimbalManagerModel.of(t.gimbal_manager),
            camera=None if t.camera is None else CameraModel.of(t.camera),
            photographs=len(t.photographs),
            home=None if t.home is None else HomeModel(at_s=t.home.at_s, place=WaypointModel.at(t.home.value)),
            health=_health(t),
            satellites=(
                None if t.satellites is None else SatellitesModel(at_s=t.satellites.at_s, count=t.satellites.value)
            ),
            remote_id=RemoteIdModel(
                state=t.remote_id.state, sentence=t.remote_id.sentence, since_s=t.remote_id.since_s
            ),
            fence=(
                None if t.fence is None else FenceOnBoardModel(digest=t.fence.digest, verified_s=t.fence.verified_s)
            ),
            fence_problem=t.fence_problem,
            texts=[StatusTextModel(at_s=text.at_s, severity=text.severity, text=text.text) for text in t.texts],
        )


def _battery(telemetry: Telemetry) -> BatteryModel | None:
    if telemetry.battery is None:
        return None
    battery = telemetry.battery.value
    return BatteryModel(
        at_s=telemetry.battery.at_s, remaining_fraction=battery.remaining_fraction, voltage_v=battery.voltage_v
    )


def _health(telemetry: Telemetry) -> AutopilotHealthModel | None:
    if telemetry.health is None:
        return None
    health = telemetry.health.value
    return AutopilotHealthModel(at_s=telemetry.health.at_s, armable=health.armable, missing=list(health.missing))
