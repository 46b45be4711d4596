"""What is watched of every aircraft in the air: others who fly it, losses, energy, the line ahead, and traffic."""

from collections.abc import Callable
from dataclasses import asdict

from dfr.airspace.airspace import Airspace
from dfr.airspace.climb import too_low
from dfr.airspace.energy import AnyWind
from dfr.airspace.guard import GuardAction, GuardVerdict, foresee_each
from dfr.core.command import Origin, ReturnHome
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.record import Severity
from dfr.core.telemetry import Kinematics, LinkState, Telemetry
from dfr.dispatch.apart_watch import ApartWatch
from dfr.dispatch.energy import ahead_of, must_go_home, wind_of
from dfr.dispatch.energy_watch import EnergyWatch
from dfr.dispatch.losses import Losses
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture
from dfr.dispatch.sender import Sender
from dfr.dispatch.table import COMMANDED, Event
from dfr.dispatch.traffic import EncounterRecord, Move, TrafficWatch


class Overwatch:
    """Tells the flights what it sees, through `happen` (`FlightDirector.happen`). Used by the director alone."""

    def __init__(self, sender: Sender, happen: Callable[..., Flight]) -> None:
        self._sender = sender
        self._happen = happen
        settings = sender.site.settings
        self.energy = EnergyWatch(settings.worst_wind_mps, settings.return_height)
        self.traffic = TrafficWatch()
        self.apart = ApartWatch(sender, happen, self._may_wait, self.traffic.is_engaged)
        self._losses = Losses()

    def forget(self, flight: Flight) -> None:
        """The flight is over, or somebody else's."""
        self._losses.forget(flight)

    def look_for_others(self, flight: Flight, telemetry: Telemetry, now_s: float) -> Flight:
        """Another ground station that flies it within modes of ours."""
        if flight.state not in COMMANDED or telemetry.link is not LinkState.ONLINE:
            return flight
        why = self._sender.takeovers.look(flight.asset_id, telemetry, flight.state_since_s)
        return self._happen(flight, Event.TAKEOVER, now_s, why=why) if why else flight

    def look_for_losses(self, flight: Flight, telemetry: Telemetry, now_s: float) -> Flight:
        name = self._sender.site.assets[flight.asset_id].name
        loss = self._losses.look(flight, telemetry, name, now_s)
        return flight if loss is None else self._happen(flight, loss[0], now_s, why=loss[1])

    def look_at_energy(self, flight: Flight, picture: Picture) -> None:
        telemetry = picture.telemetry[flight.asset_id]
        if not in_the_air(telemetry) or flight.state.is_over:
            self.energy.forget(flight.asset_id)
        elif telemetry.link is LinkState.ONLINE:
            _, news = self.energy.look(
                self._sender.site.assets[flight.asset_id],
                telemetry,
                picture.now_s,
                picture.weather,
                ahead_of(flight),
            )
            for sentence in news:
                self._sender.memory.raise_alarm(
                    Severity.WARNING, sentence, picture.now_s, flight_id=flight.id, asset_id=flight.asset_id
                )

    def foresee(self, picture: Picture) -> dict[str, GuardVerdict]:
        """Where every flight would come to rest, judged together, by asset id; without a position of now it is not."""
        together: dict[int, tuple[Airspace, dict[str, Kinematics]]] = {}
        for asset_id, flight in picture.flights.items():
            here = picture.telemetry[asset_id].position_now(picture.now_s)
            if here is not None:
                # Flights under another regime, or for an incident with its own bubble, are judged by another airspace.
                airspace = picture.airspace_of(flight)
                together.setdefault(id(airspace), (airspace, {}))[1][asset_id] = here
        verdicts: dict[str, GuardVerdict] = {}
        for airspace, known in together.values():
            stops = [picture.site.assets[asset_id].airframe.stopping for asset_id in known]
            winds = [self._wind(picture, asset_id) for asset_id in known]
            found = foresee_each(tuple(known.values()), airspace, stops, picture.site.settings.guard, winds)
            verdicts |= dict(zip(known, found, strict=True))
        return verdicts

    @staticmethod
    def _wind(picture: Picture, asset_id: str) -> AnyWind:
        worst_mps = picture.site.settings.worst_wind_mps
        return wind_of(picture.telemetry[asset_id], picture.weather, worst_mps, picture.now_s)

    def guard(self, flight: Flight, picture: Picture, verdict: GuardVerdict | None) -> None:
        """Acts before the line: the predicted stopping point, and what the battery leaves."""
        telemetry = picture.telemetry[flight.asset_id]
        here = telemetry.position_now(picture.now_s)
        # Without a position of this moment it cannot judge: `losses.py` says so and stops the aircraft.
        if flight.state not in COMMANDED or here is None or verdict is None or telemetry.link is not LinkState.ONLINE:
            return
        if not in_the_air(telemetry):
            return
        self._sender.positions.judged(telemetry, picture.now_s)
        low = must_go_home(self._sender.site.assets[flight.asset_id], self.energy.of(flight.asset_id))
        if low:
            self._happen(flight, Event.ENERGY_LOW, picture.now_s, why=low, origin=Origin.GUARD, by="guard")
            return
        low = self._too_low(flight, here)
        if low:
            self._happen(flight, Event.GUARD_HOLD, picture.now_s, why=low, origin=Origin.GUARD, by="guard")
            return
        if self._sender.is_leaving(flight.asset_id):
            return  # over the line because the line came to it: it is on the nearest way out
        if verdict.action is GuardAction.RETURN:
            event = Event.GUARD_RETURN
        elif verdict.action is GuardAction.HOLD and not self._sender.is_holding(flight.asset_id):
            event = Event.GUARD_HOLD
        else:
            return
        self._happen(flight, event, picture.now_s, why=verdict.sentence, origin=Origin.GUARD, by="guard")

    def _too_low(self, flight: Flight, kinematics: Kinematics) -> str:
        """On the planned way the least height above the ground is kept, also by a climb that falls behind."""
        if flight.state is not FlightState.EN_ROUTE or flight.leg == 0 or flight.activity is Activity.MOVE:
            return ""
        if self._sender.is_holding(flight.asset_id):
            return ""
        settings = self._sender.site.settings
        stopping = self._sender.site.assets[flight.asset_id].airframe.stopping
        return too_low(kinematics, self._sender.site.airspace, settings.minimum_height, stopping, settings.guard)

    def avoid(self, flight: Flight, picture: Picture) -> None:
        """Other aircraft: stop or go down when one comes too near, tell, and go on when it is gone."""
        for answer in self.traffic.look(flight, picture, self._may_wait(flight)):
            now_s = picture.now_s
            if isinstance(answer, Move):
                self._happen(
                    flight, answer.event, now_s, why=answer.why, origin=Origin.GUARD, by="traffic", aside=answer.to
                )
            elif isinstance(answer, EncounterRecord):
                self._sender.memory.note("encounter", asdict(answer), now_s)
            else:
                self._sender.memory.raise_alarm(
                    answer.severity, answer.sentence, now_s, flight_id=flight.id, asset_id=flight.asset_id
                )

    def _may_wait(self, flight: Flight) -> bool:
        """Whether its way home was ordered by us, and its battery lets it wait."""
        order = self._sender.newest(flight.asset_id)
        ours = order is not None and isinstance(order.command, ReturnHome)
        return ours and not must_go_home(self._sender.site.assets[flight.asset_id], self.energy.of(flight.asset_id))
