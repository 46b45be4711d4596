"""What must hold before a launch, as one list of checks. Pure."""

from dfr.dispatch.preflight.listing import CHECKS, blockers, preflight

__all__ = ["CHECKS", "blockers", "preflight"]
