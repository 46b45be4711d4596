"""Two aircraft that claim one system id: their messages arrive interleaved, so clock and position jump to and fro."""

from collections import deque

from dfr.core.geo import Position, distance_m

CLOCK_BACKSTEP_S = 0.2
SILENCE_S = 2.5
"""After so long without a heartbeat, another autopilot may have taken the place of the first."""
JUMP_M = 10.0
"""No aircraft of this site moves so far between two position messages."""
JUMPS = 4
WINDOW_S = 5.0
REMEMBER_S = 30.0
RETURNS = 2
"""An aircraft that moves to another address stays there; one that is heard here, there, and here again is two."""


class TwinWatch:
    """One reboot is one step back, one GPS glitch two jumps; several within five seconds are two aircraft."""

    def __init__(self) -> None:
        self._boot_time_s: float | None = None
        self._position: Position | None = None
        self._jumps_s: deque[float] = deque(maxlen=JUMPS)
        self._seen_s: float | None = None
        self._place = ""
        self._places_s: dict[str, float] = {}
        self._returns_s: deque[float] = deque(maxlen=RETURNS)
        self._other_places: tuple[str, str] | None = None
        self._heard_s: float | None = None
        self._number = ""
        self._other_numbers: tuple[str, str] | None = None

    def numbered(self, serial_number: str, now_s: float) -> None:
        """One AUTOPILOT_VERSION ("" when it tells no number). An autopilot is not replaced without a silence."""
        if serial_number and self._number and serial_number != self._number:
            self._seen_s, self._other_numbers = now_s, (self._number, serial_number)
        self._number = serial_number or self._number

    def heard_at(self, place: str, now_s: float) -> None:
        """One heartbeat, and from where."""
        if self._heard_s is not None and now_s - self._heard_s > SILENCE_S:
            self._number = ""
        self._heard_s = now_s
        last_here_s = self._places_s.get(place)
        if place != self._place and last_here_s is not None and now_s - last_here_s < WINDOW_S:
            self._returns_s.append(now_s)
            if len(self._returns_s) == RETURNS and now_s - self._returns_s[0] < WINDOW_S:
                self._seen_s, self._other_places = now_s, (self._place, place)
        self._place = place
        self._places_s = {one: at_s for one, at_s in self._places_s.items() if now_s - at_s < WINDOW_S}
        self._places_s[place] = now_s

    def see(self, boot_time_s: float, position: Position | None, now_s: float) -> None:
        """One GLOBAL_POSITION_INT."""
        back = self._boot_time_s is not None and boot_time_s < self._boot_time_s - CLOCK_BACKSTEP_S
        elapsed_s = abs(boot_time_s - self._boot_time_s) if self._boot_time_s is not None else 0.0
        jumped = (
            self._position is not None
            and position is not None
            and elapsed_s < 1.0
            and distance_m(self._position, position) > JUMP_M + 30.0 * elapsed_s
        )
        self._boot_time_s, self._position = boot_time_s, position
        if back or jumped:
            self._jumps_s.append(now_s)
            if len(self._jumps_s) == JUMPS and now_s - self._jumps_s[0] < WINDOW_S:
                self._seen_s = now_s

    def sentence(self, system_id: int, now_s: float) -> str:
        """What is wrong, "" when nothing is."""
        if self._seen_s is None or now_s - self._seen_s > REMEMBER_S:
            return ""
        if self._other_places is not None:
            return (
                f"Two aircraft claim system id {system_id}: it is heard from {' and from '.join(self._other_places)}. "
                "Give one of them another MAV_SYS_ID (or cut the second way to one aircraft); neither is commanded "
                "until then."
            )
        if self._other_numbers is not None:
            return (
                f"Two aircraft claim system id {system_id}: one says the serial number {self._other_numbers[0]}, one "
                f"{self._other_numbers[1]}. Give one of them another MAV_SYS_ID; neither is commanded until then."
            )
        return (
            f"Two aircraft claim system id {system_id}: clock and position jump between them. "
            "Give one of them another MAV_SYS_ID; neither is commanded until then."
        )
