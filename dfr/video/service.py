"""The video process's control face: HTTP on a Unix domain socket, for the service alone."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dfr.core.clock import Clock, SystemClock
from dfr.core.stream import StreamState
from dfr.video.errors import MalformedRequest, StreamNotLive, TooManyViewers, UnknownSession, UnknownStream, VideoError
from dfr.video.negotiation import register_profiles
from dfr.video.relay import RelayedStream
from dfr.video.session import Session
from dfr.video.wanted import WantedStream

MAX_SESSIONS = 100
"""More would take the relay's core beyond what it carries (about 50 to 90 viewers of 2 Mbit/s)."""
TICK_S = 0.1
_MAX_BODY_BYTES = 262_144

logger = logging.getLogger(__name__)


class DeclaredStream(BaseModel):
    """One entry of PUT /streams."""

    id: str
    asset_id: str
    name: str
    url: str


class Relay:
    """All streams and sessions of the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.streams: dict[str, RelayedStream] = {}
        self.sessions: dict[str, Session] = {}

    async def set_streams(self, wanted: Sequence[WantedStream]) -> None:
        """Relay exactly these: what is unchanged goes on undisturbed, with its viewers."""
        by_id = {stream.id: stream for stream in wanted}
        for stream_id, stream in list(self.streams.items()):
            if by_id.get(stream_id) != stream.wanted:
                del self.streams[stream_id]
                stream.close()
                for session in [s for s in self.sessions.values() if s.stream_id == stream_id]:
                    await session.close()
        for stream_id, declared in by_id.items():
            if stream_id not in self.streams:
                self.streams[stream_id] = RelayedStream(declared, self._clock)
        self.streams = {stream_id: self.streams[stream_id] for stream_id in by_id}

    def describe(self) -> list[dict[str, Any]]:
        return [
            {
                **asdict(stream.describe()),
                "counters": {**asdict(stream.counters), "viewer_dropped_frames": stream.dropped_for_viewers()},
            }
            for stream in self.streams.values()
        ]

    async def open_session(self, stream_id: str, offer_sdp: str) -> tuple[str, Session]:
        """The answer and the session. A lost stream may be joined: its picture comes when the camera is back."""
        stream = self.streams.get(stream_id)
        if stream is None:
            raise UnknownStream(f"There is no stream {stream_id}; the list of streams names those that exist.")
        if stream.state in (StreamState.CONNECTING, StreamState.FAILED):
            raise StreamNotLive(f"{stream.wanted.name} is not live yet. {stream.sentence}")
        if len(self.sessions) >= MAX_SESSIONS:
            raise TooManyViewers(f"{MAX_SESSIONS} viewers are watching, as many as the relay carries; try again later.")
        session = Session(stream, self._forget)
        self.sessions[session.id] = session
        try:
            return await session.answer(offer_sdp), session
        except BaseException:
            await session.close()
            raise

    def _forget(self, session: Session) -> None:
        self.sessions.pop(session.id, None)

    def session(self, session_id: str) -> Session:
        if session_id not in self.sessions:
            raise UnknownSession("This viewing session has ended; ask for a new one.")
        return self.sessions[session_id]

    async def watch(self) -> None:
        """Notices silence, for ever."""
        while True:
            for stream in self.streams.values():
                stream.tick()
            await asyncio.sleep(TICK_S)

    async def close(self) -> None:
        for stream in self.streams.values():
            stream.close()
        await asyncio.gather(*(session.close() for session in list(self.sessions.values())))


def create_app(clock: Clock | None = None) -> Starlette:
    register_profiles()
    relay = Relay(clock or SystemClock())

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(relay.watch())
        yield
        watch.cancel()
        await relay.close()

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "streams": len(relay.streams), "sessions": len(relay.sessions)})

    async def list_streams(_: Request) -> Response:
        return JSONResponse({"items": relay.describe()})

    async def put_streams(request: Request) -> Response:
        await relay.set_streams(_wanted_streams(await _body(request)))
        return Response(status_code=204)

    async def whep(request: Request) -> Response:
        answer, session = await relay.open_session(request.path_params["id"], await _body(request))
        headers = {"Location": f"/sessions/{session.id}"}
        return Response(answer, status_code=201, headers=headers, media_type="application/sdp")

    async def trickle(request: Request) -> Response:
        await relay.session(request.path_params["id"]).add_candidates(await _body(request))
        return Response(status_code=204)

    async def end_session(request: Request) -> Response:
        await relay.session(request.path_params["id"]).close()
        return Response(status_code=204)

    routes = [
        Route("/health", health),
        Route("/streams", list_streams, methods=["GET"]),
        Route("/streams", put_streams, methods=["PUT"]),
        Route("/streams/{id:path}/whep", whep, methods=["POST"]),
        Route("/sessions/{id:path}", trickle, methods=["PATCH"]),
        Route("/sessions/{id:path}", end_session, methods=["DELETE"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={VideoError: _problem})


async def _body(request: Request) -> str:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > _MAX_BODY_BYTES:
            raise MalformedRequest("The request is larger than any offer or list of streams.")
    return data.decode(errors="replace")


def _wanted_streams(body: str) -> list[WantedStream]:
    try:
        declared = _StreamList.model_validate_json(body).items
    except ValidationError as error:
        places = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False))
        raise MalformedRequest(f"The list of streams cannot be read; wrong at: {places or 'the beginning'}.") from None
    if len({stream.id for stream in declared}) < len(declared):
        raise MalformedRequest("Two streams have the same id; every stream needs its own.")
    return [WantedStream(s.id, s.asset_id, s.name, s.url) for s in declared]


class _StreamList(BaseModel):
    items: list[DeclaredStream]


async def _problem(_: Request, error: Exception) -> Response:
    """RFC 9457."""
    assert isinstance(error, VideoError)
    problem = {
        "type": f"urn:dfr:problem:{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": str(error),
    }
    headers = {"Retry-After": "1"} if error.status == 503 else {}
    return JSONResponse(problem, status_code=error.status, headers=headers, media_type="application/problem+json")
