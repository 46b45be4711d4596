"""What is sent: every order goes through the gate, into the journal and onto the wire here, and is remembered."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dfr.core.command import CameraCommand, Command, Fly, Hold, Origin, Outcome, Request, TurnCamera, UploadFence
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight
from dfr.core.record import RefusalRecord, RefusalSubject
from dfr.core.telemetry import Timed
from dfr.core.traffic import TrafficPicture
from dfr.dispatch.acted import PositionsActedOn
from dfr.dispatch.fences import FenceBook
from dfr.dispatch.gate import Authorized, Refused, authorize
from dfr.dispatch.memory import Memory, new_id
from dfr.dispatch.orders import OrbitWish, OrderContext, looked_at
from dfr.dispatch.picture import Picture, Site
from dfr.dispatch.ports import Fleet
from dfr.dispatch.surroundings import Surroundings
from dfr.dispatch.takeover import Takeovers
from dfr.dispatch.zone_change import LEAVING


def is_flight_order(command: Command) -> bool:
    """Whether it moves the aircraft; camera orders run beside those."""
    return not isinstance(command, CameraCommand)


class Sender:
    """Knows the picture that an order is judged by, and which orders are under way. Used by the director alone."""

    def __init__(self, site: Site, memory: Memory, fleet: Fleet) -> None:
        self.site = site
        self.memory = memory
        self._fleet = fleet
        self.surroundings = Surroundings()
        self.traffic_heard: Callable[[float], TrafficPicture] = lambda now_s: TrafficPicture()
        self.fences = FenceBook(site)
        self.takeovers = Takeovers()
        self.positions = PositionsActedOn()
        self._sent: dict[str, Request] = {}
        """Every request whose outcome is awaited, by request id."""
        self._orders: dict[str, Request] = {}
        """The newest flight order, by asset id."""
        self._ordered_s: dict[str, float] = {}
        self._turned: dict[str, Timed[TurnCamera]] = {}

    def picture(self, now_s: float) -> Picture:
        telemetry = self._fleet.telemetry()
        flights = {flight.asset_id: flight for flight in self.memory.under_way()}
        around = self.surroundings
        return Picture(
            now_s,
            self.site,
            telemetry,
            flights,
            self.plans,
            self.fences.problems,
            weather=around.weather,
            streams=around.streams,
            traffic=self.traffic_heard(now_s),
            turned=self._turned,
            prepared=frozenset(self.fences.prepared),
        )

    @property
    def plans(self) -> Mapping[str, FencePlan]:
        """What belongs on board, by asset id: the dock's fence, or that of the flight that the asset is on."""
        own = {flight.asset_id: flight.fence for flight in self.memory.under_way() if flight.fence is not None}
        return {**self.fences.plans, **own} if own else self.fences.plans

    def order(
        self, asset_id: str, command: Command, origin: Origin, by: str, flight_id: str | None, now_s: float
    ) -> Refused | None:
        """Through the gate, into the journal, onto the wire: the only way a command leaves. None when it was sent."""
        request = Request(new_id("request"), asset_id, command, origin, by, flight_id)
        picture = self.picture(now_s)
        answer = authorize(request, picture, now_s)
        if isinstance(answer, Refused):
            return answer
        request, command = answer.request, answer.request.command
        self.positions.sent(command, picture.telemetry[asset_id], now_s)
        self.memory.keep_request(request, now_s)
        self._sent[request.id] = request
        if flight_id is not None and is_flight_order(command):
            self._orders[asset_id] = request
            self._ordered_s[asset_id] = now_s
            self.takeovers.ordered(asset_id, command, picture.telemetry[asset_id], now_s)
        if isinstance(command, TurnCamera):
            self._turned = {**self._turned, asset_id: Timed(command, now_s)}  # pictures keep the one they were given
        self._fleet.submit(answer)
        return None

    def steer(self, asset_id: str, command: Fly, now_s: float, keep: Callable[[Authorized], None]) -> Refused | None:
        """Another velocity under the newest order, which is a Fly: judged and limited by where the aircraft is now, put
        into the record by `keep`, then sent. None when it was sent."""
        request = replace(self._orders[asset_id], command=command)
        picture = self.picture(now_s)
        answer = authorize(request, picture, now_s)
        if isinstance(answer, Refused):
            return answer
        self.positions.sent(command, picture.telemetry[asset_id], now_s)
        keep(answer)
        self._fleet.submit(answer)
        return None

    def context(self, flight: Flight, now_s: float, orbit: OrbitWish | None) -> OrderContext:
        picture = self.picture(now_s)
        here = picture.telemetry[flight.asset_id].position_now(now_s)
        return OrderContext(
            airframe=self.site.assets[flight.asset_id].airframe,
            settings=self.site.settings,
            fence=picture.fences.get(flight.asset_id),
            home=picture.home(flight.asset_id),
            altitude=None if here is None else here.altitude,
            ground=picture.ground(looked_at(flight)),
            regime=picture.regime_of(flight),
            orbit=orbit or OrbitWish(),
        )

    def is_holding(self, asset_id: str) -> bool:
        order = self._orders.get(asset_id)
        return order is not None and order.id in self._sent and isinstance(order.command, Hold)

    def is_leaving(self, asset_id: str) -> bool:
        """Whether it is under way out of a zone that appeared over it."""
        order = self._orders.get(asset_id)
        return order is not None and order.id in self._sent and order.requested_by == LEAVING

    def refuse(
        self,
        subject: RefusalSubject,
        title: str,
        reasons: tuple[str, ...],
        by: str,
        flight: Flight,
        now_s: float,
    ) -> RefusalRecord:
        record = RefusalRecord(
            new_id("refusal"), now_s, subject, title, reasons, by, flight.incident_id, flight.id, flight.asset_id
        )
        return self.memory.keep_refusal(record)

    # -- which orders are under way -------------------------------------------------------------------------------

    def is_ordered(self, asset_id: str) -> bool:
        """Whether an order for this asset is under way."""
        return any(request.asset_id == asset_id for request in self._sent.values())

    def is_loading(self, asset_id: str) -> bool:
        """Whether a fence is being put on board."""
        orders = (request for request in self._sent.values() if request.asset_id == asset_id)
        return any(isinstance(request.command, UploadFence) for request in orders)

    def newest(self, asset_id: str) -> Request | None:
        """The newest flight order of ours that counts."""
        return self._orders.get(asset_id)

    def ordered_s(self, flight: Flight) -> float:
        """When its aircraft was last given a flight order; the start of its state when none was."""
        return self._ordered_s.get(flight.asset_id, flight.state_since_s)

    def ended(self, outcome: Outcome) -> Request | None:
        """The order that this is the end of; None for one that was sent before a restart."""
        return self._sent.pop(outcome.request_id, None)

    def forget(self, asset_id: str) -> None:
        """No order of ours counts any more for this aircraft."""
        self._orders.pop(asset_id, None)
        self.takeovers.forget(asset_id)
