"""Problem details (RFC 9457)."""

from pydantic import Field

from dfr.server.models.base import Answer


class FieldProblem(Answer):
    """One wrong field."""

    pointer: str = Field(description="JSON pointer (RFC 6901) of the field in the request's body, or its name.")
    sentence: str


class Problem(Answer):
    """Why something was not done. `detail` is a sentence for the person who asked."""

    type: str = Field(description="Names the kind of problem: a URN.")
    title: str
    status: int
    detail: str
    sentences: list[str] = Field(description="Every reason, when there are several.")
    errors: list[FieldProblem] = Field(description="The wrong fields of a request.")
    refusal_id: str | None = Field(description="The kept refusal, see /api/v1/refusals.")
