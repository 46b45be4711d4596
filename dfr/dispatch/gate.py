"""The one gate: nothing is sent to an aircraft that `authorize` has not passed."""

from dataclasses import dataclass

from dfr.core.command import Request

_KEY = object()


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not allowed, and why, in sentences for the person who asked."""

    request: Request
    reasons: tuple[str, ...]
    at_s: float


class Authorized:
    """A request that passed the gate. Only `authorize` can make one: drivers take nothing else."""

    __slots__ = ("at_s", "request")

    def __init__(self, request: Request, at_s: float, *, key: object) -> None:
        if key is not _KEY:
            raise TypeError("Only the gate makes an Authorized: call dfr.dispatch.gate.authorize.")
        self.request = request
        self.at_s = at_s
