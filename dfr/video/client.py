"""The service's way to the video process: HTTP on its Unix domain socket, every call with a time-out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from dfr.core.stream import Stream, StreamState
from dfr.video.errors import BY_SLUG, VideoError, VideoProcessDown
from dfr.video.wanted import WantedStream

TIMEOUT_S = 5.0
STATE_TIMEOUT_S = 1.0
"""For the list of streams: a process that hangs must be shown as lost within two seconds."""


class VideoClient:
    """Speaks to the relay. Every method raises a VideoError; VideoProcessDown when nothing answers in time."""

    def __init__(self, socket_path: Path, timeout_s: float = TIMEOUT_S) -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(socket_path))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://video", timeout=timeout_s)
        self._state_timeout_s = min(STATE_TIMEOUT_S, timeout_s)

    async def close(self) -> None:
        await self._http.aclose()

    async def is_healthy(self) -> bool:
        try:
            return (await self._request("GET", "/health")).is_success
        except VideoError:
            return False

    async def set_streams(self, wanted: Sequence[WantedStream]) -> None:
        """Relay exactly these cameras."""
        items = [{"id": w.id, "asset_id": w.asset_id, "name": w.name, "url": w.url} for w in wanted]
        await self._request("PUT", "/streams", json={"items": items})

    async def streams(self) -> tuple[Stream, ...]:
        """Every declared stream as it stands now."""
        return tuple(_stream(item) for item in await self.stream_items())

    async def stream_items(self) -> list[dict[str, Any]]:
        """The same as plain data, with counters."""
        answer = await self._request("GET", "/streams", timeout=self._state_timeout_s)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def whep(self, stream_id: str, offer: str) -> tuple[str, str]:
        """(SDP answer, session id). Raises UnknownStream, StreamNotLive, NoH264, MalformedOffer, TooManyViewers."""
        answer = await self._request(
            "POST",
            f"/streams/{quote(stream_id, safe='')}/whep",
            content=offer,
            headers={"Content-Type": "application/sdp"},
        )
        return answer.text, answer.headers["Location"].rsplit("/", 1)[1]

    async def add_candidates(self, session_id: str, fragment: str) -> None:
        """Hand on a trickle ICE fragment (RFC 8840). Raises UnknownSession, MalformedRequest, IceRestartRefused."""
        await self._request(
            "PATCH",
            f"/sessions/{quote(session_id, safe='')}",
            content=fragment,
            headers={"Content-Type": "application/trickle-ice-sdpfrag"},
        )

    async def delete_session(self, session_id: str) -> None:
        """Send a viewer away. Raises UnknownSession when it has gone already."""
        await self._request("DELETE", f"/sessions/{quote(session_id, safe='')}")

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise VideoProcessDown(
                "Live video is being restarted and comes back by itself in a moment. Flight goes on."
            ) from error
        if response.is_error:
            raise _error_of(response)
        return response


def _error_of(response: httpx.Response) -> VideoError:
    try:
        problem = response.json()
        cause = BY_SLUG[problem["type"].rsplit(":", 1)[1]]
        return cause(problem["detail"])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return VideoError(f"The video process answered {response.status_code} and gave no reason; see its log.")


def _stream(item: dict[str, Any]) -> Stream:
    known = {name: item[name] for name in Stream.__dataclass_fields__}
    return Stream(**{**known, "state": StreamState(item["state"])})
