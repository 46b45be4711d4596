"""What routes take from the request: the services and who asks."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from dfr.server.auth import Identity
from dfr.server.services import Services


def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


def _identity(connection: HTTPConnection) -> Identity:
    """The door lets nobody through without one, but for the public routes, which do not ask."""
    identity: Identity = connection.state.identity
    return identity


ServicesHere = Annotated[Services, Depends(_services)]
Caller = Annotated[Identity, Depends(_identity)]
