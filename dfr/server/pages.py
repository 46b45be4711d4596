"""The built pages, and the headers that keep a page to itself."""

from html import escape
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dfr.server.access import PILOTS
from dfr.server.auth import Identity

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # Map and components set style attributes; no script can come in that way.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "child-src blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Sign-in links carry a secret in their address: no other site may be told it.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_NEVER_CHANGES = "public, max-age=31536000, immutable"
BUILD_SENTENCE = (
    "The pages are not built yet. Run `npm --prefix web ci && npm --prefix web run build` in the project's folder, "
    "or launch/demo, which does it; then reload."
)


class SecurityHeaders:
    """Sets them on every response; only hashed assets may be cached."""

    def __init__(self, app: ASGIApp, strict_transport: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if strict_transport:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def said_page(status: int, title: str, sentence: str) -> Response:
    """A page of one sentence, for a person in a browser."""
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        # An empty icon: without one a browser asks for /favicon.ico, and the signs are missing where nothing is built.
        '<link rel="icon" href="data:,">'
        f'<h1>{escape(title)}</h1><p>{escape(sentence)}</p><p><a href="/sign-in">Sign in</a></p></html>'
    )
    return HTMLResponse(page, status)


def page_routes(web_dist: Path) -> APIRouter:
    """The pages and their assets from the built folder, which may appear while the service runs."""
    router = APIRouter(include_in_schema=False)

    def page(name: str) -> Response:
        file = web_dist / f"{name}.html"
        return FileResponse(file) if file.is_file() else said_page(503, "Pages not built", BUILD_SENTENCE)

    @router.get("/")
    def home(request: Request) -> Response:
        identity: Identity = request.state.identity
        return RedirectResponse("/pilot" if identity.may(PILOTS) else "/rtcc", 303)

    @router.get("/pilot")
    def pilot() -> Response:
        return page("pilot")

    @router.get("/rtcc")
    def rtcc() -> Response:
        return page("rtcc")

    @router.get("/sign-in")
    def sign_in() -> Response:
        return page("sign-in")

    @router.get("/icon.svg")
    def icon() -> Response:
        return _static(web_dist, "icon.svg", "max-age=86400")

    @router.get("/assets/{path:path}")
    def asset(path: str) -> Response:
        return _static(web_dist / "assets", path, _NEVER_CHANGES)

    return router


def _static(folder: Path, path: str, cache_control: str) -> Response:
    """A file inside the folder; links and dots that lead out of it find nothing."""
    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        return said_page(404, "Not found", "There is no such file among the pages' assets.")
    return FileResponse(file, headers={"Cache-Control": cache_control})
