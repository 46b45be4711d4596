"""Flights, with why and how; and a flight's report."""

from pydantic import Field

from dfr.core.camera import KeptPhotograph, Photograph
from dfr.core.command import Origin, OutcomeKind
from dfr.core.flight import Activity, Decision, Flight, FlightState
from dfr.core.look import HorizonProof
from dfr.core.record import CommandRecord, FlightReport, TrackPoint
from dfr.server.models.base import Answer, PositionModel, Time, WaypointModel
from dfr.server.models.incident import IncidentModel
from dfr.server.models.refusal import RefusalModel
from dfr.server.models.regime import RegimeModel


class CandidateModel(Answer):
    """One asset that was considered."""

    asset_id: str
    asset_name: str
    fit: bool
    sentence: str = Field(description="When it could be there, or why it was not chosen.")
    seconds_to_scene: float | None
    minutes_on_scene: float | None


class DecisionModel(Answer):
    """Why this aircraft went."""

    rule: str = Field(description="The policy rule that matched.")
    sentence: str
    requested_by: str
    candidates: list[CandidateModel]

    @classmethod
    def of(cls, decision: Decision) -> "DecisionModel":
        names = CandidateModel.model_fields
        return cls(
            rule=decision.rule,
            sentence=decision.sentence,
            requested_by=decision.requested_by,
            candidates=[CandidateModel(**{name: getattr(c, name) for name in names}) for c in decision.candidates],
        )


class FlightTimes(Answer):
    """When each thing happened; null while it has not."""

    requested_s: Time | None
    takeoff_sent_s: Time | None
    airborne_s: Time | None
    on_scene_s: Time | None
    camera_on_scene_s: Time | None = Field(description="The gimbal was first seen to point at the scene.")
    returning_s: Time | None
    landed_s: Time | None
    ended_s: Time | None


class FlightModel(Answer):
    """One asset sent for one incident."""

    id: str
    incident_id: str
    asset_id: str
    state: FlightState
    state_since_s: Time
    sentence: str = Field(description="Why it is in this state.")
    decision: DecisionModel
    scene: PositionModel
    route: list[WaypointModel] = Field(description="From above the dock to the stand-off, where it holds.")
    leg: int = Field(description="Index into `route` of the waypoint being flown to.")
    look_at: PositionModel | None = Field(description="What should be in the picture; null looks at the horizon.")
    activity: Activity
    regime: RegimeModel | None = Field(description="What it is flown under; null for flights of before that was kept.")
    times: FlightTimes

    @classmethod
    def of(cls, flight: Flight) -> "FlightModel":
        times = {name: flight.times_s.get(name.removesuffix("_s")) for name in FlightTimes.model_fields}
        return cls(
            id=flight.id,
            incident_id=flight.incident_id,
            asset_id=flight.asset_id,
            state=flight.state,
            state_since_s=flight.state_since_s,
            sentence=flight.sentence,
            decision=DecisionModel.of(flight.decision),
            scene=PositionModel.of(flight.scene),
            route=[WaypointModel.at(waypoint) for waypoint in flight.route],
            leg=flight.leg,
            look_at=PositionModel.maybe(flight.look_at),
            activity=flight.activity,
            regime=RegimeModel.maybe(flight.regime),
            times=FlightTimes(**times),
        )


class TrackPointModel(WaypointModel):
    """Where the aircraft was and where its camera looked."""

    at_s: Time
    height_above_takeoff_m: float
    ground_speed_mps: float
    battery_fraction: float | None
    gimbal_pitch_deg: float | None = Field(description="0 is the horizon, -90 straight down.")
    gimbal_yaw_deg: float | None = Field(description="Clockwise from true north.")

    @classmethod
    def then(cls, point: TrackPoint) -> "TrackPointModel":
        return cls(
            at_s=point.at_s,
            latitude_deg=point.position.latitude_deg,
            longitude_deg=point.position.longitude_deg,
            altitude_amsl_m=point.altitude.m,
            height_above_takeoff_m=point.height.m,
            ground_speed_mps=point.ground_speed_mps,
            battery_fraction=point.battery_fraction,
            gimbal_pitch_deg=None if point.gimbal is None else point.gimbal.pitch_deg,
            gimbal_yaw_deg=None if point.gimbal is None else point.gimbal.yaw_deg,
        )


class CommandRecordModel(Answer):
    """One authorised command and how it ended."""

    request_id: str
    at_s: Time
    command: str
    origin: Origin
    requested_by: str
    outcome: OutcomeKind | None = Field(description="Null while the goal has not been seen.")
    outcome_sentence: str
    outcome_at_s: Time | None

    @classmethod
    def of(cls, record: CommandRecord) -> "CommandRecordModel":
        return cls(**{name: getattr(record, name) for name in cls.model_fields})


class PhotographModel(Answer):
    """A photograph that the camera told of."""

    index: int
    at_s: Time
    position: PositionModel | None
    pitch_deg: float | None = Field(description="Where the camera looked; 0 is the horizon.")
    yaw_deg: float | None
    url: str = Field(description='Where the camera keeps it; "" when it does not say.')
    succeeded: bool
    kept: bool = Field(description="The service has a copy with the flight.")
    sha256: str = Field(description='Of that copy; "" without one.')
    sentence: str = Field(description='Why there is no copy; "" when there is one, or none yet.')

    @classmethod
    def of(cls, taken: Photograph, kept: KeptPhotograph | None) -> "PhotographModel":
        return cls(
            index=taken.index,
            at_s=taken.at_s,
            position=PositionModel.maybe(taken.position),
            pitch_deg=taken.pitch_deg,
            yaw_deg=taken.yaw_deg,
            url=taken.url if taken.url.startswith(("http://", "https://")) else "",
            succeeded=taken.succeeded,
            kept=kept is not None and bool(kept.sha256),
            sha256="" if kept is None else kept.sha256,
            sentence="" if kept is None else kept.sentence,
        )


class HorizonProofModel(Answer):
    """Whether the camera looked at the horizon for one stretch of the flight."""

    from_s: Time
    to_s: Time
    proven: bool = Field(description="It looked at the horizon all the time, and the record has no hole.")
    sentence: str
    lowest_deg: float | None
    lowest_at_s: Time | None
    longest_gap_s: float | None

    @classmethod
    def of(cls, proof: HorizonProof) -> "HorizonProofModel":
        return cls(**{name: getattr(proof, name) for name in cls.model_fields})


class FlightReportModel(Answer):
    """One flight as the journal tells it."""

    flight: FlightModel
    incident: IncidentModel | None
    track: list[TrackPointModel]
    commands: list[CommandRecordModel]
    refusals: list[RefusalModel]
    distance_flown_m: float | None
    horizon: list[HorizonProofModel] = Field(description="For the way out and the way home.")
    photographs: list[PhotographModel]

    @classmethod
    def of(cls, report: FlightReport) -> "FlightReportModel":
        kept = {(one.told_s, one.index): one for one in report.kept_photographs}
        return cls(
            flight=FlightModel.of(report.flight),
            incident=None if report.incident is None else IncidentModel.of(report.incident),
            track=[TrackPointModel.then(point) for point in report.track],
            commands=[CommandRecordModel.of(record) for record in report.commands],
            refusals=[RefusalModel.of(refusal) for refusal in report.refusals],
            distance_flown_m=report.distance_flown_m,
            horizon=[HorizonProofModel.of(proof) for proof in report.horizon],
            photographs=[
                PhotographModel.of(taken, kept.get((taken.at_s, taken.index))) for taken in report.photographs
            ],
        )
