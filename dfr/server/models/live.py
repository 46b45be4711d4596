"""Messages of the live socket: first a snapshot, then changes. `sequence` counts each connection's messages from 1."""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from dfr.core.flight import Flight
from dfr.core.incident import Incident
from dfr.core.record import Alarm
from dfr.core.stream import Stream
from dfr.core.telemetry import Telemetry
from dfr.server.changes import Change, Motion, SightSeen, Strangers, ZonesChanged
from dfr.server.models.asset import AssetModel, StrangerModel
from dfr.server.models.base import Answer, PositionModel, Time
from dfr.server.models.flight import FlightModel
from dfr.server.models.incident import IncidentModel
from dfr.server.models.refusal import AlarmModel, RefusalModel
from dfr.server.models.stream import StreamModel
from dfr.server.models.telemetry import GimbalModel, KinematicsModel, TelemetryModel
from dfr.server.models.traffic import TrafficModel
from dfr.server.snapshot import AssetStatus, Snapshot
from dfr.server.traffic import TrafficShown


class IncidentChanged(Answer):
    kind: Literal["incident"]
    incident: IncidentModel


class AssetChanged(Answer):
    kind: Literal["asset"]
    asset: AssetModel


class TelemetryChanged(Answer):
    kind: Literal["telemetry"]
    telemetry: TelemetryModel


class MotionChanged(Answer):
    """The part of an asset's telemetry that changes all the time; the rest of it stays as it was."""

    kind: Literal["motion"]
    asset_id: str
    kinematics: KinematicsModel | None
    gimbal: GimbalModel | None


class SightChanged(Answer):
    """Where on the ground an aircraft's camera looks."""

    kind: Literal["sight"]
    asset_id: str
    at_s: Time
    center: PositionModel | None = Field(description="Null when it looks at the horizon or above.")
    outline: list[PositionModel] = Field(description="The picture on the ground, four corners.")
    error_m: float | None = Field(description="How far off the centre may be.")

    @classmethod
    def of(cls, seen: SightSeen) -> "SightChanged":
        return cls(
            kind="sight",
            asset_id=seen.asset_id,
            at_s=seen.at_s,
            center=PositionModel.maybe(seen.sight.center),
            outline=[PositionModel.of(corner) for corner in seen.sight.outline],
            error_m=seen.sight.error_m,
        )


class FlightChanged(Answer):
    kind: Literal["flight"]
    flight: FlightModel


class StreamChanged(Answer):
    kind: Literal["stream"]
    stream: StreamModel


class RefusalAdded(Answer):
    kind: Literal["refusal"]
    refusal: RefusalModel


class StrangersChanged(Answer):
    """Replaces the whole list."""

    kind: Literal["strangers"]
    strangers: list[StrangerModel]


class TrafficChanged(Answer):
    """Replaces all of it."""

    kind: Literal["traffic"]
    traffic: TrafficModel


class ZonesChangedModel(Answer):
    """Zones or fences are others now: read /zones and /fences again."""

    kind: Literal["zones"]
    revision: int


class AlarmRaised(Answer):
    kind: Literal["alarm"]
    alarm: AlarmModel


ChangeModel = Annotated[
    IncidentChanged
    | AssetChanged
    | TelemetryChanged
    | MotionChanged
    | SightChanged
    | FlightChanged
    | StreamChanged
    | RefusalAdded
    | StrangersChanged
    | TrafficChanged
    | ZonesChangedModel
    | AlarmRaised,
    Field(discriminator="kind"),
]


class SnapshotModel(Answer):
    """Everything, of one moment."""

    clock_s: Time
    incidents: list[IncidentModel]
    assets: list[AssetModel]
    flights: list[FlightModel]
    streams: list[StreamModel]
    refusals: list[RefusalModel] = Field(description="Empty for those who may not read refusals.")
    strangers: list[StrangerModel]
    alarms: list[AlarmModel]
    traffic: TrafficModel
    zones_revision: int = Field(description="Goes up when zones or fences change: then read /zones and /fences again.")

    @classmethod
    def of(cls, snapshot: Snapshot, with_refusals: bool) -> "SnapshotModel":
        refusals = snapshot.refusals if with_refusals else ()
        return cls(
            clock_s=snapshot.clock_s,
            incidents=[IncidentModel.of(incident) for incident in snapshot.incidents],
            assets=[AssetModel.of(asset) for asset in snapshot.assets],
            flights=[FlightModel.of(flight) for flight in snapshot.flights],
            streams=[StreamModel.of(stream) for stream in snapshot.streams],
            refusals=[RefusalModel.of(refusal) for refusal in refusals],
            strangers=[StrangerModel.of(stranger) for stranger in snapshot.strangers],
            alarms=[AlarmModel.of(alarm) for alarm in snapshot.alarms],
            traffic=TrafficModel.of(snapshot.traffic),
            zones_revision=snapshot.zones_revision,
        )


class SnapshotMessage(Answer):
    """The first message, and again whenever a slow client has missed changes: forget the old, take this."""

    type: Literal["snapshot"]
    sequence: int
    clock_s: Time
    engine_age_s: float | None
    dropped: int = Field(description="Changes that were not sent since the last snapshot; 0 in the first.")
    snapshot: SnapshotModel


class ChangeMessage(Answer):
    """What changed; at most 10 of these a second, each thing with its newest value. Sent at least once a second,
    then with no changes: a client that hears nothing for 3 s is cut off and should say so."""

    type: Literal["change"]
    sequence: int
    clock_s: Time
    engine_age_s: float | None = Field(description="Seconds since the engine's loop last ran.")
    changes: list[ChangeModel]


class LiveMessage(RootModel[Annotated[SnapshotMessage | ChangeMessage, Field(discriminator="type")]]):
    """Any message of the live socket."""


def change_model(change: Change) -> ChangeModel:
    """The wire's shape of a change."""
    match change:
        case Incident():
            return IncidentChanged(kind="incident", incident=IncidentModel.of(change))
        case AssetStatus():
            return AssetChanged(kind="asset", asset=AssetModel.of(change))
        case Telemetry():
            return TelemetryChanged(kind="telemetry", telemetry=TelemetryModel.of(change))
        case SightSeen():
            return SightChanged.of(change)
        case Motion():
            return MotionChanged(
                kind="motion",
                asset_id=change.asset_id,
                kinematics=KinematicsModel.maybe(change.kinematics),
                gimbal=GimbalModel.maybe(change.gimbal),
            )
        case Flight():
            return FlightChanged(kind="flight", flight=FlightModel.of(change))
        case Stream():
            return StreamChanged(kind="stream", stream=StreamModel.of(change))
        case Strangers():
            return StrangersChanged(kind="strangers", strangers=[StrangerModel.of(s) for s in change.strangers])
        case TrafficShown():
            return TrafficChanged(kind="traffic", traffic=TrafficModel.of(change))
        case ZonesChanged():
            return ZonesChangedModel(kind="zones", revision=change.revision)
        case Alarm():
            return AlarmRaised(kind="alarm", alarm=AlarmModel.of(change))
        case _:
            return RefusalAdded(kind="refusal", refusal=RefusalModel.of(change))
