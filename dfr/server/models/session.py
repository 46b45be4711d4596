"""Who is signed in."""

from typing import Literal

from pydantic import Field

from dfr.server.auth import IdentityKind
from dfr.server.auth_store import Role
from dfr.server.models.base import Answer, Question, Time


class PasswordSignIn(Question):
    """Sign in by name and password."""

    user: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


class LinkSignIn(Question):
    """Exchange a one-time sign-in link."""

    link: str = Field(min_length=1, max_length=200, description="The value of `link` in the sign-in address.")


class SessionModel(Answer):
    """Who is asking."""

    user: str
    roles: list[Role]
    kind: IdentityKind
    expires_s: Time | None = Field(description="When the session ends at the latest; null for a token.")


class HealthModel(Answer):
    """Whether the service is working. `status` is "ok" or, with status 503, "failing"."""

    status: Literal["ok", "failing"]
    version: str
    clock: str = Field(description="The service's time, ISO 8601 UTC.")
    clock_s: Time
    engine_age_s: float | None = Field(
        description="Seconds since the engine's loop last ran; null before its first turn."
    )
    video: Literal["ok", "failing"]
    positions_acted_on: int = Field(description="Decisions by an aircraft's position since the start.")
    positions_too_old: int = Field(description="Those of them by a position older than 0.5 s: always 0.")
    oldest_position_s: float = Field(description="The oldest position that was acted on, in seconds.")
    sentences: list[str] = Field(description="What is wrong; empty when nothing is.")
