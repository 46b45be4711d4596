"""The live socket: a snapshot, then what changes."""

import asyncio
import logging

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from dfr.core.record import RefusalRecord
from dfr.server.auth import Identity
from dfr.server.auth_store import Role
from dfr.server.changes import Batch, Published, Subscription
from dfr.server.context import Caller, ServicesHere
from dfr.server.models.live import ChangeMessage, SnapshotMessage, SnapshotModel, change_model
from dfr.server.routes.session import engine_age_s
from dfr.server.services import Services

router = APIRouter(tags=["live"])

MESSAGE_PERIOD_S = 0.1
"""At most ten messages a second: what changes faster is sent with its newest value."""
QUIET_S = 1.0
SEND_TIMEOUT_S = 10.0
_POLICY_VIOLATION = 1008
_LOG = logging.getLogger(__name__)


@router.websocket("/live")
async def live(websocket: WebSocket, services: ServicesHere, caller: Caller) -> None:
    """First a snapshot, then changes, until the client leaves, stops reading, or its session ends."""
    await websocket.accept()
    subscription = services.desk.subscribe()
    leaving = asyncio.create_task(_until_it_leaves(websocket))
    sending = asyncio.create_task(_Sender(websocket, services, caller, subscription).run())
    try:
        await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        subscription.close()
        for task in (leaving, sending):
            task.cancel()
        results = await asyncio.gather(leaving, sending, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, (WebSocketDisconnect, TimeoutError)):
            _LOG.error("The live socket of %s broke.", caller.name, exc_info=result)


async def _until_it_leaves(websocket: WebSocket) -> None:
    """The client has nothing to say: read and drop, so that its leaving is seen."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


def _text(published: Published) -> str:
    if not published.text:
        published.text = change_model(published.change).model_dump_json()
    return published.text


class _Sender:
    """Writes to one client. A slow one gets the newest values, and a new snapshot when it missed some."""

    def __init__(self, websocket: WebSocket, services: Services, caller: Identity, subscription: Subscription) -> None:
        self._websocket = websocket
        self._services = services
        self._caller = caller
        self._subscription = subscription
        self._sees_refusals = caller.may((Role.PILOT, Role.RTCC, Role.ADMIN))
        self._sequence = 0

    async def run(self) -> None:
        await self._snapshot(dropped=0)
        while True:
            await asyncio.sleep(MESSAGE_PERIOD_S)
            batch = await self._next()
            if not self._services.auth.still(self._caller):
                await self._websocket.close(_POLICY_VIOLATION, "The session has ended. Sign in again.")
                return
            if batch.resync:
                _LOG.warning("%s reads too slowly: %d changes dropped, resynced.", self._caller.name, batch.dropped)
                await self._snapshot(batch.dropped)
            else:
                await self._changes(batch)

    async def _next(self) -> Batch:
        try:
            async with asyncio.timeout(QUIET_S):
                return await self._subscription.get()
        except TimeoutError:
            return Batch(())

    async def _snapshot(self, dropped: int) -> None:
        self._subscription.clear()
        snapshot = self._services.desk.snapshot()
        message = SnapshotMessage(
            type="snapshot",
            sequence=self._count(),
            clock_s=self._services.clock.now_s(),
            engine_age_s=engine_age_s(self._services),
            dropped=dropped,
            snapshot=SnapshotModel.of(snapshot, self._sees_refusals),
        )
        await self._send(message.model_dump_json())

    async def _changes(self, batch: Batch) -> None:
        seen = [p for p in batch.changes if self._sees_refusals or not isinstance(p.change, RefusalRecord)]
        message = ChangeMessage(
            type="change",
            sequence=self._count(),
            clock_s=self._services.clock.now_s(),
            engine_age_s=engine_age_s(self._services),
            changes=[],
        )
        # A change is turned into text once for all clients: with many aircraft and pages that is most of the work.
        head = message.model_dump_json().removesuffix("[]}")
        await self._send(f"{head}[{','.join(map(_text, seen))}]}}")

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self._websocket.send_text(text)

    def _count(self) -> int:
        self._sequence += 1
        return self._sequence
