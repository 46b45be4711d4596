"""Assets: the site's aircraft with all that is known of them, and strangers."""

from pydantic import Field

from dfr.core.asset import Readiness
from dfr.core.check import Check, CheckState
from dfr.core.energy import Endurance
from dfr.dispatch.ports import Stranger
from dfr.server.models.base import Answer, PositionModel, Time, WaypointModel
from dfr.server.models.telemetry import TelemetryModel
from dfr.server.snapshot import AssetStatus


class DockModel(Answer):
    """Where an asset lives."""

    id: str
    name: str
    place: WaypointModel


class AirframeModel(Answer):
    name: str
    cruise_mps: float
    climb_mps: float
    descent_mps: float
    endurance_s: float = Field(description="Hovering time from full to empty.")
    reserve_fraction: float = Field(description="Battery fraction that must be left at touchdown.")


class CheckModel(Answer):
    """One line of the pre-flight list."""

    name: str
    value: str = Field(description="What was found, in words with its unit.")
    limit: str = Field(description="What it should be, in words with its unit.")
    state: CheckState
    sentence: str = Field(description='Why it is not passed; "" when it is, or when it is not required.')
    blocks: bool = Field(description="Whether the aircraft stays on the ground for it.")

    @classmethod
    def of(cls, check: Check) -> "CheckModel":
        return cls(**{name: getattr(check, name) for name in cls.model_fields})


class EnduranceModel(Answer):
    """How long an aircraft in the air may still go on: the most pessimistic of all that is known."""

    at_s: Time = Field(description="The moment of which the rest speaks.")
    left_s: float = Field(description="Until it must turn for home, hovering where it is; negative when it is late.")
    turn_by_s: Time = Field(description="The point of no return: when it must turn for home at the latest.")
    home_by_s: Time = Field(description="On the ground at this time if it stays as long as it may.")
    on_scene_s: float = Field(description="What it will have on the scene if it flies on there; `left_s` once there.")
    way_home_s: float = Field(description="From turning to touchdown.")
    reach_m: float = Field(description="How far from its home it may be and still come back; 0 when it must turn.")
    charge_fraction: float = Field(description="Reckoned with: gauge, voltage or charge drawn, whichever is least.")
    wind_mps: float | None = Field(description="Estimated by the aircraft; null: the site's worst case.")
    sentence: str = Field(description='What is worse than the gauge says; "" when nothing is.')

    @classmethod
    def maybe(cls, endurance: Endurance | None) -> "EnduranceModel | None":
        if endurance is None:
            return None
        wind_mps = None if endurance.wind is None else endurance.wind.speed_mps
        names = [name for name in cls.model_fields if name != "wind_mps"]
        return cls(wind_mps=wind_mps, **{name: getattr(endurance, name) for name in names})


class AssetModel(Answer):
    """One aircraft of the site."""

    id: str
    name: str
    system_id: int | None = Field(description="Its MAVLink system id; null when its serial number alone names it.")
    dock: DockModel
    airframe: AirframeModel
    readiness: Readiness
    sentences: list[str] = Field(description="Why it is not ready; empty when it is.")
    progress: list[str] = Field(description='How far what lasts has come: "Fence upload: 12 of 34 items."')
    flight_id: str | None = Field(description="The flight it is on; null when it is on none.")
    checks: list[CheckModel] = Field(description="The pre-flight list, in its order; empty while it is on a flight.")
    endurance: EnduranceModel | None = Field(description="While it is in the air on a flight; null when unknown.")
    telemetry: TelemetryModel

    @classmethod
    def of(cls, status: AssetStatus) -> "AssetModel":
        asset, frame, dock = status.asset, status.asset.airframe, status.asset.dock
        place = WaypointModel(
            latitude_deg=dock.position.latitude_deg,
            longitude_deg=dock.position.longitude_deg,
            altitude_amsl_m=dock.altitude.m,
        )
        return cls(
            id=asset.id,
            name=asset.name,
            system_id=asset.system_id,
            dock=DockModel(id=dock.id, name=dock.name, place=place),
            airframe=AirframeModel(**{name: getattr(frame, name) for name in AirframeModel.model_fields}),
            readiness=status.readiness,
            sentences=list(status.sentences),
            progress=[progress.sentence for progress in status.telemetry.progress],
            flight_id=status.flight_id,
            checks=[CheckModel.of(check) for check in status.checks],
            endurance=EnduranceModel.maybe(status.endurance),
            telemetry=TelemetryModel.of(status.telemetry),
        )


class StrangerModel(Answer):
    """An aircraft heard on a link that no asset declares: shown, never commanded."""

    system_id: int
    heard_s: Time
    position: PositionModel | None
    sentence: str

    @classmethod
    def of(cls, stranger: Stranger) -> "StrangerModel":
        return cls(
            system_id=stranger.system_id,
            heard_s=stranger.heard_s,
            position=PositionModel.maybe(stranger.position),
            sentence=stranger.sentence,
        )
