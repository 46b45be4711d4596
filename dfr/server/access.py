"""Who may do what: the one table of routes and roles. A route that is not in it answers nobody."""

import re
from dataclasses import dataclass

from starlette.routing import compile_path

from dfr.server.auth_store import Role

EVERYBODY: frozenset[Role] = frozenset(Role)
READERS = frozenset({Role.PILOT, Role.RTCC, Role.VIEWER, Role.ADMIN})
WATCHFLOOR = frozenset({Role.PILOT, Role.RTCC, Role.ADMIN})
PILOTS = frozenset({Role.PILOT, Role.ADMIN})
CALLTAKERS = frozenset({Role.CAD, Role.ADMIN})
ZONE_MAKERS = frozenset({Role.PILOT, Role.CAD, Role.ADMIN})
PUBLIC = None
"""Answers without a session or token."""

WEBSOCKET = "WEBSOCKET"
API = "/api/v1"

ACCESS: dict[tuple[str, str], frozenset[Role] | None] = {
    ("GET", f"{API}/health"): PUBLIC,
    ("POST", f"{API}/session"): PUBLIC,
    ("GET", f"{API}/session"): EVERYBODY,
    ("DELETE", f"{API}/session"): EVERYBODY,
    ("GET", f"{API}/openapi.json"): EVERYBODY,
    ("POST", f"{API}/cad/incidents"): CALLTAKERS,
    ("POST", f"{API}/cad/eido"): CALLTAKERS,
    ("GET", f"{API}/incidents"): READERS,
    ("GET", f"{API}/incidents/{{incident_id}}"): READERS,
    ("POST", f"{API}/incidents/{{incident_id}}/launch"): PILOTS,
    ("GET", f"{API}/assets"): READERS,
    ("GET", f"{API}/assets/{{asset_id}}"): READERS,
    ("GET", f"{API}/flights"): READERS,
    ("GET", f"{API}/flights/{{flight_id}}"): READERS,
    ("POST", f"{API}/flights/{{flight_id}}/commands"): PILOTS,
    ("GET", f"{API}/flights/{{flight_id}}/report"): WATCHFLOOR,
    ("GET", f"{API}/zones"): READERS,
    ("POST", f"{API}/zones/temporary"): ZONE_MAKERS,
    ("DELETE", f"{API}/zones/temporary/{{zone_id}}"): ZONE_MAKERS,
    ("GET", f"{API}/fences"): READERS,
    ("GET", f"{API}/basemap"): READERS,
    ("GET", f"{API}/site"): READERS,
    ("GET", f"{API}/streams"): READERS,
    ("POST", f"{API}/streams/{{stream_id}}/whep"): READERS,
    ("PATCH", f"{API}/streams/{{stream_id}}/whep/{{session_id}}"): READERS,
    ("DELETE", f"{API}/streams/{{stream_id}}/whep/{{session_id}}"): READERS,
    ("GET", f"{API}/refusals"): WATCHFLOOR,
    (WEBSOCKET, f"{API}/live"): READERS,
    ("GET", "/"): EVERYBODY,
    ("GET", "/pilot"): PILOTS,
    ("GET", "/rtcc"): READERS,
    ("GET", "/sign-in"): PUBLIC,
    ("GET", "/icon.svg"): PUBLIC,
    ("GET", "/assets/{path:path}"): PUBLIC,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What the table says of a request. `known` is False for a path it does not hold, `methods` those it holds."""

    known: bool
    allowed: frozenset[Role] | None = frozenset()
    methods: tuple[str, ...] = ()


_PATTERNS: list[tuple[re.Pattern[str], str, frozenset[Role] | None]] = [
    (compile_path(path)[0], method, allowed) for (method, path), allowed in ACCESS.items()
]


def rule_for(method: str, path: str) -> Rule:
    """The rule of a request by its method (or WEBSOCKET) and path."""
    rows = [(row_method, allowed) for pattern, row_method, allowed in _PATTERNS if pattern.match(path)]
    methods = tuple(row_method for row_method, _ in rows)
    for row_method, allowed in rows:
        if row_method == method:
            return Rule(True, allowed, methods)
    return Rule(bool(rows), frozenset(), methods)
