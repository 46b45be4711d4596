"""What must be on board before a flight: the fence and the rally points in it, verified."""

import math

from dfr.core.command import Request, UploadFence
from dfr.core.fence import FencePlan
from dfr.core.telemetry import StatusText, Telemetry
from dfr.fleet.mavlink.cache import FENCE_READ_BACK, FENCE_UPLOAD
from dfr.fleet.mavlink.commander import Commander, Mark, OnSent, OrderFailed
from dfr.fleet.mavlink.fence import difference, encode, encode_rally_points
from dfr.fleet.mavlink.wire import Wire, WireError


async def upload_fence(commander: Commander, request: Request, order: UploadFence, on_sent: OnSent | None) -> str:
    """Ceiling, rally points, fence: upload, read back, compare, and listen whether it is taken. Raises OrderFailed."""
    name, plan = commander.name, order.plan
    wire = commander.connected()
    commander.cache.fence_uploading()
    try:
        items = encode(plan)
        progress = commander.cache.progress
        transfer_s = commander.timing.fence_transfer_s + commander.timing.fence_item_s * len(items)
        async with commander.fence_turns:
            for parameter, value in commander.kind.fence_parameters(plan.max_height):
                await _write(commander, wire, parameter, value)
            await _put_rally_points(commander, wire, plan)
            mark = commander.cache.mark
            if on_sent is not None:
                on_sent(request, "fence upload")
            with progress.show(FENCE_UPLOAD, len(items), "items"):
                await wire.upload_fence(items, transfer_s)
            with progress.show(FENCE_READ_BACK, len(items), "items"):
                read_back = await wire.download_fence(transfer_s)
        if differs := difference(items, read_back):
            raise OrderFailed(f"The fence on board {name} is not the one that was sent. {differs}")
        await _listen_for_drop(commander, mark)
    except (ValueError, WireError, OrderFailed) as error:
        sentence = f"{name} has no verified fence: {error}"
        commander.cache.fence_failed(sentence)
        raise OrderFailed(sentence) from error
    commander.cache.fence_verified(plan.digest, commander.clock.now_s())
    return f"The fence is on board {name}: {len(items)} items read back and equal."


async def _put_rally_points(commander: Commander, wire: Wire, plan: FencePlan) -> None:
    """Those of the plan and no others: one that is left from another flight would be returned to."""
    points = encode_rally_points(plan)
    transfer_s = commander.timing.fence_transfer_s
    for attempt in range(commander.timing.ack_tries):
        await wire.upload_rally_points(points, transfer_s)
        differs = difference(points, await wire.download_rally_points(transfer_s), "rally point")
        if not differs:
            return
        if points or attempt == commander.timing.ack_tries - 1:
            raise OrderFailed(f"The rally points on board {commander.name} are not those that were sent. {differs}")


async def _write(commander: Commander, wire: Wire, name: str, value: int | float) -> None:
    """Write one and read it back. Raises OrderFailed and WireError."""
    await wire.write_parameter(name, value, commander.timing.parameter_s)
    on_board = await wire.read_parameter(name, value, commander.timing.parameter_s)
    if not math.isclose(on_board, value, rel_tol=1e-5, abs_tol=0.01):
        raise OrderFailed(f"{name} was set to {value:g} and reads {on_board:g}.")


async def _listen_for_drop(commander: Commander, mark: Mark) -> None:
    """An autopilot stores a fence that it then ignores: PX4 says so once, as a text, ArduPilot in SYS_STATUS too."""
    kind = commander.kind

    def dropped(_: Telemetry) -> StatusText | None:
        texts = commander.cache.texts_since(mark)
        return next((text for text in texts if kind.drops_fence(text.text)), None)

    text = await commander.seen(dropped, commander.timing.fence_watch_s)
    if text is not None:
        raise OrderFailed(
            f"{kind.name} stored the fence and ignores it: '{text.text}'. It must contain home and the aircraft."
        )
    if commander.cache.fence_off:
        raise OrderFailed(f"{kind.name} stored the fence and does not enforce it. {commander.cache.fence_off}")
