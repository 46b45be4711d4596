"""What must be on board before a flight: the fence, verified."""

import math

from dfr.core.command import Request, UploadFence
from dfr.core.telemetry import StatusText, Telemetry
from dfr.fleet.mavlink import px4
from dfr.fleet.mavlink.cache import FENCE_READ_BACK, FENCE_UPLOAD
from dfr.fleet.mavlink.commander import Commander, Mark, OnSent, OrderFailed
from dfr.fleet.mavlink.fence import difference, encode
from dfr.fleet.mavlink.wire import Wire, WireError

CEILING_PARAMETER = "GF_MAX_VER_DIST"


async def upload_fence(commander: Commander, request: Request, order: UploadFence, on_sent: OnSent | None) -> str:
    """Ceiling, upload, read back, compare, and listen whether PX4 takes it. Raises OrderFailed."""
    name, plan = commander.name, order.plan
    wire = commander.connected()
    commander.cache.fence_failed("A fence is being uploaded.")
    try:
        items = encode(plan)
        await _set_ceiling(commander, wire, 0.0 if plan.max_height is None else float(plan.max_height.m))
        mark = commander.cache.mark
        if on_sent is not None:
            on_sent(request, "fence upload")
        progress = commander.cache.progress
        with progress.show(FENCE_UPLOAD, len(items), "items"):
            await wire.upload_fence(items, commander.timing.fence_transfer_s)
        with progress.show(FENCE_READ_BACK, len(items), "items"):
            read_back = await wire.download_fence(commander.timing.fence_transfer_s)
        if differs := difference(items, read_back):
            raise OrderFailed(f"The fence on board {name} is not the one that was sent. {differs}")
        await _listen_for_drop(commander, mark)
    except (ValueError, WireError, OrderFailed) as error:
        sentence = f"{name} has no verified fence: {error}"
        commander.cache.fence_failed(sentence)
        raise OrderFailed(sentence) from error
    commander.cache.fence_verified(plan.digest, commander.clock.now_s())
    return f"The fence is on board {name}: {len(items)} items read back and equal."


async def _set_ceiling(commander: Commander, wire: Wire, height_m: float) -> None:
    """GF_MAX_VER_DIST in metres above home; 0 is none."""
    await wire.write_parameter(CEILING_PARAMETER, height_m, commander.timing.parameter_s)
    on_board = await wire.read_parameter(CEILING_PARAMETER, 0.0, commander.timing.parameter_s)
    if not math.isclose(on_board, height_m, rel_tol=1e-5, abs_tol=0.01):
        raise OrderFailed(f"{CEILING_PARAMETER} was set to {height_m:g} m and reads {on_board:g} m.")


async def _listen_for_drop(commander: Commander, mark: Mark) -> None:
    """PX4 stores a fence that it then ignores; it says so once, as a text."""

    def dropped(_: Telemetry) -> StatusText | None:
        texts = commander.cache.texts_since(mark)
        return next((text for text in texts if px4.drops_fence(text.text)), None)

    text = await commander.seen(dropped, commander.timing.fence_watch_s)
    if text is not None:
        raise OrderFailed(f"PX4 stored the fence and ignores it: '{text.text}'. It must contain home and the aircraft.")
