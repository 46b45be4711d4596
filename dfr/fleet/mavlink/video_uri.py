"""The address of a video as a camera tells it, and whether this service can and may read it. Pure."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

RTSP = 0
"""VIDEO_STREAM_TYPE_RTSP: the one kind that the relay reads by its address alone."""


def usable_url(stream_type: int, uri: str, host: str = "") -> tuple[str, str]:
    """(address, "") or ("", a sentence why it cannot be used).

    A camera often names its own machine as 0.0.0.0: nobody else can reach that, so the site must say where the camera
    is (`host`, an asset's `camera_host`). With `host`, loopback addresses are replaced too. What a camera tells is
    untrusted: only rtsp and rtsps are taken, so that no camera can make the service open a file.
    """
    if stream_type != RTSP:
        return "", f"The camera offers a video of MAVLink type {stream_type}; only RTSP (type 0) can be read."
    try:
        parts = urlsplit(uri)
        named, port = parts.hostname, parts.port
    except ValueError:
        return "", "The camera's video has an address that cannot be read."
    if parts.scheme not in ("rtsp", "rtsps") or not named:
        return "", "The camera's video has an address that is not rtsp:// or rtsps:// with a host."
    unspecified, loopback = _kind(named)
    if host and (unspecified or loopback):
        return _with_host(parts, host, port), ""
    if unspecified:
        return "", (
            f"The camera says that its video is at {named}, which is no address to reach it by. "
            "Give the camera's own address as camera_host of this aircraft in the site file."
        )
    return uri, ""


def _kind(named: str) -> tuple[bool, bool]:
    """(unspecified, loopback)"""
    try:
        address = ip_address(named)
    except ValueError:
        return False, named == "localhost"
    return address.is_unspecified, address.is_loopback


def _with_host(parts: SplitResult, host: str, port: int | None) -> str:
    place = f"[{host}]" if ":" in host else host
    credentials = parts.netloc.rpartition("@")[0]
    where = f"{credentials}@{place}" if credentials else place
    return urlunsplit(parts._replace(netloc=where if port is None else f"{where}:{port}"))
