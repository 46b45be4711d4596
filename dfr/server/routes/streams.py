"""Live video: the streams, and watching one by WHEP (draft-ietf-wish-whep)."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dfr.server.context import Caller, ServicesHere
from dfr.server.models.base import Items
from dfr.server.models.stream import StreamModel
from dfr.server.routes.find import find
from dfr.server.services import DeskRefusal
from dfr.server.viewers import Viewers
from dfr.video.errors import UnknownSession

router = APIRouter(prefix="/streams", tags=["streams"])

_SDP = "application/sdp"
_FRAGMENT = "application/trickle-ice-sdpfrag"


def _text_body(media_type: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": {"type": "string"}}}}}


_WHEP_ANSWER: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "The SDP answer. `Location` is the session's address.",
        "content": {_SDP: {"schema": {"type": "string"}}},
    }
}


@router.get("")
async def list_streams(services: ServicesHere) -> Items[StreamModel]:
    """Every live video, and why it is not live when it is not."""
    return Items(items=[StreamModel.of(stream) for stream in services.desk.snapshot().streams])


@router.post(
    "/{stream_id}/whep",
    status_code=201,
    response_class=Response,
    responses=_WHEP_ANSWER,
    openapi_extra=_text_body(_SDP),
)
async def watch(stream_id: str, request: Request, services: ServicesHere, caller: Caller) -> Response:
    """Watch a stream: post an SDP offer that receives video."""
    find("stream", stream_id, services.desk.snapshot().streams, lambda stream: stream.id)
    offer = await _text(request, _SDP)
    answer, session_id = await services.video.whep(stream_id, offer)
    viewers: Viewers = request.app.state.viewers
    viewers.opened(session_id, stream_id, caller)
    return Response(answer, 201, {"Location": f"{request.url.path}/{session_id}"}, _SDP)


@router.patch(
    "/{stream_id}/whep/{session_id}", status_code=204, response_class=Response, openapi_extra=_text_body(_FRAGMENT)
)
async def add_candidates(
    stream_id: str, session_id: str, request: Request, services: ServicesHere, caller: Caller
) -> Response:
    """Add the viewer's trickled ICE candidates (RFC 8840)."""
    _own(request, stream_id, session_id, caller)
    fragment = await _text(request, _FRAGMENT)
    await services.video.add_candidates(session_id, fragment)
    return Response(status_code=204)


@router.delete("/{stream_id}/whep/{session_id}", status_code=200, response_class=Response)
async def stop_watching(
    stream_id: str, session_id: str, request: Request, services: ServicesHere, caller: Caller
) -> Response:
    """End a viewing session. One that has ended by itself or by a restart is ended: asking again is no error."""
    viewers: Viewers = request.app.state.viewers
    if not viewers.knows(session_id):
        return Response(status_code=200)
    _own(request, stream_id, session_id, caller)
    viewers.closed(session_id)
    with suppress(UnknownSession):
        await services.video.delete_session(session_id)
    return Response(status_code=200)


def _own(request: Request, stream_id: str, session_id: str, caller: Caller) -> Viewers:
    """The viewers, when this session is the caller's. Raises DeskRefusal (404)."""
    viewers: Viewers = request.app.state.viewers
    if not viewers.owns(session_id, stream_id, caller):
        raise DeskRefusal(404, "No such viewing session", "This viewing session has ended. Start watching again.")
    return viewers


async def _text(request: Request, media_type: str) -> str:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != media_type:
        raise DeskRefusal(415, "Wrong content type", f"Send this as {media_type}, not as {sent or 'nothing'}.")
    text = (await request.body()).decode(errors="replace")
    if not text.strip():
        raise DeskRefusal(400, "Empty body", f"The request has no {media_type} in its body.")
    return text
