"""Which messages of a link are due: nothing is looked at before the earliest of them is."""

import math
from collections.abc import Mapping


class Schedule:
    """Rates in Hz by message name, on whatever clock `due` is asked with."""

    def __init__(self) -> None:
        self._rates_hz: dict[str, float] = {}
        self._due_s: dict[str, float] = {}
        self._earliest_s = 0.0

    @property
    def rates_hz(self) -> Mapping[str, float]:
        return self._rates_hz

    def start(self, rates_hz: Mapping[str, float], first_s: float = 0.0) -> None:
        """These messages, the first of each at `first_s`."""
        self._rates_hz = dict(rates_hz)
        self._due_s = dict.fromkeys(rates_hz, first_s)
        self._earliest_s = first_s

    def set_rate(self, name: str, rate_hz: float) -> None:
        """0 stops it. A new rate counts from the next message that is due anyway, or from now."""
        self._rates_hz[name] = rate_hz
        self._due_s.setdefault(name, -math.inf)
        self._earliest_s = -math.inf

    def due(self, now_s: float, least_period_s: float) -> list[str]:
        """What is due now; no message comes more often than every `least_period_s`."""
        if now_s < self._earliest_s:
            return []
        names = []
        earliest = math.inf
        for name, rate_hz in self._rates_hz.items():
            if rate_hz <= 0:
                continue
            due_s = self._due_s[name]
            if now_s >= due_s:
                names.append(name)
                planned_s = due_s if due_s > -math.inf else now_s
                due_s = self._due_s[name] = max(planned_s + max(1 / rate_hz, least_period_s), now_s)
            earliest = min(earliest, due_s)
        self._earliest_s = earliest
        return names
