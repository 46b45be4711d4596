"""The door: every request passes here before any route, and nothing in the table's gaps gets through.

Pure ASGI, so that it stands before body parsing and also before the live socket.
"""

import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from dfr.server.access import API, PUBLIC, WEBSOCKET, rule_for
from dfr.server.auth import Authenticator, Identity, IdentityKind
from dfr.server.pages import said_page
from dfr.server.problems import problem

SESSION_COOKIE = "dfr_session"
MAX_BODY_BYTES = 1 << 20
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOG = logging.getLogger(__name__)


class Door:
    """Authenticates, then asks the table of `dfr.server.access`. The identity is handed on in `request.state`."""

    def __init__(self, app: ASGIApp, auth: Authenticator, public_origins: tuple[str, ...]) -> None:
        self._app = app
        self._auth = auth
        self._origins = frozenset(public_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        identity = self._identify(connection)
        refusal = self._refusal(scope, connection.headers, identity)
        if refusal is None:
            scope.setdefault("state", {})["identity"] = identity
            await self._app(scope, _limited(receive), send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(refusal)
        else:
            await refusal(scope, receive, send)

    def _identify(self, connection: HTTPConnection) -> Identity | None:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._auth.token(token.strip())
        session_id = connection.cookies.get(SESSION_COOKIE)
        return None if session_id is None else self._auth.session(session_id)

    def _refusal(self, scope: Scope, headers: Headers, identity: Identity | None) -> Response | None:
        """None when the request may go on."""
        method = WEBSOCKET if scope["type"] == "websocket" else scope["method"]
        path = scope["path"]
        rule = rule_for(method, path)
        is_page = not path.startswith(f"{API}/") and method == "GET"
        if rule.allowed is not PUBLIC:
            if identity is None and is_page:
                return RedirectResponse("/sign-in", 303)
            if identity is None:
                headers_out = {"WWW-Authenticate": "Bearer"}
                return problem(401, "Sign in first, or send a bearer token that is still good.", headers=headers_out)
            if not rule.known:
                return problem(404, "There is nothing at this address. /api/v1/openapi.json lists what there is.")
            if method not in rule.methods:
                allow = ", ".join(sorted(rule.methods))
                return problem(405, f"This address answers {allow}, not {method}.", headers={"Allow": allow})
            if not identity.may(rule.allowed):
                needed = " or ".join(sorted(rule.allowed))
                _LOG.info("%s was refused %s %s.", identity.name, method, path)
                sentence = f"{identity.name} may not do this: it needs the role {needed}."
                return said_page(403, "Not for this account", sentence) if is_page else problem(403, sentence)
        unsafe = method == WEBSOCKET or method not in _SAFE_METHODS
        by_cookie = identity is not None and identity.kind is IdentityKind.SESSION
        if unsafe and not self._from_our_pages(headers, required=by_cookie):
            return problem(403, "This request does not come from this service's own pages, so it was not done.")
        return None

    def _from_our_pages(self, headers: Headers, required: bool) -> bool:
        """Whether the browser says that our own page asks. Without both headers only non-browsers pass."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None and site is None:
            return not required
        ours = origin is None or origin in self._origins or urlsplit(origin).netloc == headers.get("host")
        return ours and (site in (None, "same-origin") or origin in self._origins)


def _limited(receive: Receive) -> Receive:
    """Counts the body as it comes and stops at the limit."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise HTTPException(413, f"The request is larger than {MAX_BODY_BYTES // 1024} KiB, the most taken.")
        return message

    return counted
