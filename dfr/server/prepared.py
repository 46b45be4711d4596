"""Large answers that never change: serialised and packed once, so that no request keeps the engine's loop waiting."""

import gzip
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel


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
