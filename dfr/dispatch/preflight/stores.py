"""What it takes along: charge, cells, storage, the fence on board, and its live video. Pure."""

from dfr.core.check import Check
from dfr.core.limits import Need
from dfr.core.stream import StreamState
from dfr.dispatch.preflight.subject import Subject, failed, not_required, passed, unknown


def battery(s: Subject) -> Check:
    least = s.limits.least_battery_fraction
    name, limit = "Battery", f"at least {least:.0%}"
    if s.telemetry.battery is None:
        return unknown(name, limit, f"{s.name} has not reported its battery.")
    left = s.telemetry.battery.value.remaining_fraction
    if left < least:
        return failed(
            name, f"{left:.0%}", limit, f"{s.name}'s battery is at {left:.0%}; {least:.0%} is the least for a launch."
        )
    return passed(name, f"{left:.0%}", limit)


def battery_cells(s: Subject) -> Check:
    widest_v = s.limits.widest_cell_spread_v
    name, limit = "Battery cells", f"at most {widest_v:.2f} V apart"
    cells = s.telemetry.battery.value.cells_v if s.telemetry.battery else ()
    if not cells:
        if s.settings.cells is Need.OFF:
            return not_required(name, "not asked for by the site")
        return unknown(name, limit, f"{s.name}'s battery does not tell its cells apart.", s.settings.cells)
    spread_v, weakest = max(cells) - min(cells), min(cells)
    value = f"{spread_v:.2f} V apart ({len(cells)} cells)"
    if spread_v > widest_v:
        return failed(
            name,
            value,
            limit,
            f"{s.name}'s battery cells are {spread_v:.2f} V apart (the weakest has {weakest:.2f} V); {widest_v:.2f} V "
            "is the limit: change the battery.",
        )
    return passed(name, value, limit)


def storage(s: Subject) -> Check:
    """Where the flight's log is kept."""
    need, least_mb = s.settings.storage, s.settings.least_storage_mb
    name, limit, said = "Storage", f"at least {_size(least_mb)} free", s.telemetry.storage
    if need is Need.OFF:
        return not_required(name, "not asked for by the site")
    if said is None:
        return unknown(name, limit, f"{s.name} has not said how much room its log has.", need)
    if not said.value.usable:
        return failed(name, "none", limit, f"{s.name} has no storage that can be used: its flight is not logged.")
    value = f"{_size(said.value.free_mb)} of {_size(said.value.total_mb)} free"
    if said.value.free_mb < least_mb:
        sentence = (
            f"{s.name}'s storage has {_size(said.value.free_mb)} left; {_size(least_mb)} is the least for its log."
        )
        return failed(name, value, limit, sentence)
    return passed(name, value, limit)


def _size(mb: float) -> str:
    return f"{mb / 1024:.0f} GB" if mb >= 10 * 1024 else f"{mb:.0f} MB"


def fence(s: Subject) -> Check:
    """Before the launch itself a fence that is merely not on board yet is no reason: the flight waits for it. One that
    could not be put on board, or was lost, is, until an upload has been verified."""
    name, limit, on_board = "Fence", "on board, read back and verified", s.telemetry.fence
    problem = s.picture.fence_problems.get(s.asset.id, "") or s.telemetry.fence_problem
    if problem:
        return failed(name, "none", limit, f"{s.name}: {problem}")
    plan = s.picture.fences.get(s.asset.id)
    if plan is not None and on_board is not None and on_board.digest == plan.digest:
        return passed(name, "verified", limit)
    need = Need.REQUIRE if s.launching else Need.WARN
    sentence = (
        f"{s.name} does not have its fence on board, read back and verified; nothing launches without it."
        if s.launching
        else f"{s.name}'s fence is not on board yet; a flight waits for it."
    )
    return unknown(name, limit, sentence, need)


def video(s: Subject) -> Check:
    need, oldest_s = s.settings.video, s.settings.oldest_frame_s
    name, limit = "Video", f"live, newest picture at most {oldest_s:g} s old"
    if not s.asset.cameras:
        return not_required(name, "no video declared")
    if need is Need.OFF:
        return not_required(name, "not asked for by the site")
    streams = [stream for stream in s.picture.streams if stream.asset_id == s.asset.id]
    if not streams:
        return unknown(name, limit, f"Nothing is known of {s.name}'s video: is the video process running?", need)
    live = [one for one in streams if one.state is StreamState.LIVE]
    ages_s = [s.now_s - one.last_frame_s for one in live if one.last_frame_s is not None]
    if live and (not ages_s or min(ages_s) <= oldest_s):
        return passed(name, "live", limit)
    if ages_s:
        value = f"newest picture {min(ages_s):.0f} s old"
        return failed(name, value, limit, f"{s.name}'s newest picture is {min(ages_s):.0f} s old.", need)
    why = next((one.sentence for one in streams if one.sentence), "")
    return failed(name, str(streams[0].state), limit, f"{s.name}'s video is not live. {why}".strip(), need)
