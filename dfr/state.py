"""Where a service keeps what it must not forget, and whether it can listen. Light: imports nothing of the rooms."""

import socket
from pathlib import Path


def journal_path(state_directory: Path) -> Path:
    return state_directory / "journal.sqlite"


def auth_path(state_directory: Path) -> Path:
    return state_directory / "auth.sqlite"


def timestamp_path(state_directory: Path) -> Path:
    """The last timestamp of a MAVLink signature."""
    return state_directory / "mavlink_timestamp"


def photograph_path(state_directory: Path) -> Path:
    """The photographs that cameras took, by flight."""
    return state_directory / "photographs"


def zone_store_path(state_directory: Path) -> Path:
    """The last good zones."""
    return state_directory / "zones_last_good.geojson"


def zone_request_path(state_directory: Path) -> Path:
    """Touched to ask a running service to read its zones again."""
    return state_directory / "zones_reload"


def port_problem(host: str, port: int) -> str:
    """A sentence when nothing can listen there, else ""."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Nothing can listen on {host}:{port}: {error.strerror}. Stop what does, or choose another --port."
    return ""
