"""Large answers that seldom change: serialised and packed once, so that no request keeps the engine's loop waiting."""

import gzip
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from dfr.server.models.fence import FenceCollection
from dfr.server.models.site import ZoneCollection
from dfr.server.services import ZonesShown

GEOJSON = "application/geo+json"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A body, plain and packed by gzip."""

    plain: bytes
    packed: bytes
    media_type: str

    @classmethod
    def of(cls, model: BaseModel, media_type: str) -> "Prepared":
        plain = model.model_dump_json().encode()
        return cls(plain, gzip.compress(plain), media_type)

    def answer(self, request: Request) -> Response:
        """Packed for those who take it (RFC 9110, 12.5.3)."""
        headers = {"Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.plain, headers=headers, media_type=self.media_type)
        return Response(self.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=self.media_type)


class PreparedMap:
    """The zones and the fences as they were last asked for; made anew when their revision has gone on."""

    def __init__(self) -> None:
        self._revision: int | None = None
        self._answers: dict[str, Prepared] = {}

    def answer(self, name: str, shown: ZonesShown, request: Request) -> Response:
        """`name` is "zones" or "fences"."""
        if shown.revision != self._revision:
            self._revision, self._answers = shown.revision, {}
        if name not in self._answers:
            model = ZoneCollection.of(shown) if name == "zones" else FenceCollection.of(shown.fences)
            self._answers[name] = Prepared.of(model, GEOJSON)
        return self._answers[name].answer(request)
