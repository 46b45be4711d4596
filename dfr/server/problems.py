"""Every error as a problem document (RFC 9457), with a sentence for the person who asked."""

import http
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dfr.cad.feed import CadError
from dfr.server.models.problem import FieldProblem, Problem
from dfr.server.services import DeskRefusal
from dfr.video.errors import VideoError

_LOG = logging.getLogger(__name__)

_SENTENCES = {
    401: "Sign in first, or send a bearer token.",
    404: "There is nothing at this address. Check it against the list in /api/v1/openapi.json.",
    405: "This address does not answer that method.",
    413: "The request is larger than the service takes.",
}
_HIDDEN_LOCATIONS = {"body", "query", "path", "header", "cookie"}


def problem(
    status: int,
    sentence: str,
    *,
    title: str | None = None,
    sentences: Sequence[str] = (),
    errors: Sequence[FieldProblem] = (),
    refusal_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response. Without a title the status's own phrase is the title and the type is about:blank."""
    body = Problem(
        type="about:blank" if title is None else f"urn:dfr:problem:{_slug(title)}",
        title=http.HTTPStatus(status).phrase if title is None else title,
        status=status,
        detail=sentence,
        sentences=list(sentences) or [sentence],
        errors=list(errors),
        refusal_id=refusal_id,
    )
    return JSONResponse(body.model_dump(), status, dict(headers or {}), media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let the app answer every error this way."""
    app.add_exception_handler(DeskRefusal, _desk_refusal)
    app.add_exception_handler(VideoError, _video)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)


class Mistakes:
    """Whatever else goes wrong inside is logged, and said without its insides."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if started or scope["type"] != "http":
                raise
            _LOG.exception("%s %s failed.", scope["method"], scope["path"])
            sentence = "The service made a mistake while answering. Its log has it; tell whoever runs the service."
            await problem(500, sentence, title="Mistake in the service")(scope, receive, send)


def cad_problem(error: CadError, refusal_id: str | None) -> Response:
    """A document from CAD that is no report."""
    errors = [FieldProblem(pointer=error.pointer, sentence=error.sentence)]
    return problem(422, error.sentence, title="Unreadable call", errors=errors, refusal_id=refusal_id)


async def _desk_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, DeskRefusal)
    return problem(
        error.status, error.sentence, title=error.title, sentences=error.sentences, refusal_id=error.refusal_id
    )


async def _video(_: Request, error: Exception) -> Response:
    assert isinstance(error, VideoError)
    return problem(error.status, str(error), title=error.title)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = http.HTTPStatus(error.status_code).phrase
    given = error.detail if error.detail and error.detail != phrase else ""
    sentence = given or _SENTENCES.get(error.status_code, f"{phrase}.")
    return problem(error.status_code, sentence, headers=error.headers)


async def _validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [_field_problem(one, error.body) for one in error.errors()]
    return problem(422, " ".join(one.sentence for one in errors), title="Not a valid request", errors=errors)


def _field_problem(error: Mapping[str, Any], body: object) -> FieldProblem:
    names = _names(error["loc"], body, is_missing=error["type"] == "missing")
    if "discriminator" in error.get("ctx", {}):
        names.append(error["ctx"]["discriminator"].strip("'"))
    pointer = "".join(f"/{str(name).replace('~', '~0').replace('/', '~1')}" for name in names)
    where = f"The field {'.'.join(str(name) for name in names)}" if names else "The request's body"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "union_tag_invalid":
        said = f"has to be one of {error['ctx']['expected_tags']}."
    elif error["type"] in ("missing", "union_tag_not_found"):
        said = "is missing."
    elif error["type"] == "extra_forbidden":
        said = "is not known here; check its spelling."
    elif error["type"] == "json_invalid":
        said = f"is not JSON: {error.get('ctx', {}).get('error', message)}."
    else:
        said = f"is wrong: {message[:1].lower()}{message[1:]}."
    return FieldProblem(pointer=pointer, sentence=f"{where} {said}")


def _names(location: Sequence[str | int], body: object, is_missing: bool) -> list[str | int]:
    """The path of the field in the body. Pydantic also lists the tags of chosen union members: those are left out."""
    names: list[str | int] = []
    place = body
    inner = list(location[1:] if location and location[0] in _HIDDEN_LOCATIONS else location)
    for index, name in enumerate(inner):
        inside = isinstance(place, Mapping) and name in place
        inside = inside or (isinstance(place, list) and isinstance(name, int) and name < len(place))
        if inside:
            place = place[name]  # type: ignore[index]
            names.append(name)
        elif is_missing and index == len(inner) - 1:
            names.append(name)
    return names


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
