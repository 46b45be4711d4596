"""The HTTP face: sign-in, REST, the live socket, WHEP, the pages. `create_app(services)` makes the ASGI application."""

from dfr.server.factory import create_app
from dfr.server.services import Services

__all__ = ["Services", "create_app"]
