"""Why a video request cannot be met: one class a cause, each with a sentence and the HTTP status to show."""

from typing import ClassVar


class VideoError(Exception):
    """The message is a sentence for the person who meets it. `slug` names the cause between the two processes."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "video-error"
    title: ClassVar[str] = "Video error"


class UnknownStream(VideoError):
    status, slug, title = 404, "unknown-stream", "Unknown stream"


class UnknownSession(VideoError):
    status, slug, title = 404, "unknown-session", "Unknown viewing session"


class StreamNotLive(VideoError):
    """Nothing can be watched yet; asking again later may help."""

    status, slug, title = 503, "stream-not-live", "The stream is not live"


class TooManyViewers(VideoError):
    status, slug, title = 503, "too-many-viewers", "Too many viewers"


class NoH264(VideoError):
    """The browser offered nothing that can be passed through."""

    status, slug, title = 422, "no-h264", "No H.264 in the offer"


class MalformedOffer(VideoError):
    status, slug, title = 400, "malformed-offer", "The offer cannot be read"


class MalformedRequest(VideoError):
    status, slug, title = 400, "malformed-request", "The request cannot be read"


class IceRestartRefused(VideoError):
    """RFC 9725, 4.3.2: a session that cannot restart ICE says so; the player makes a new one."""

    status, slug, title = 422, "no-ice-restart", "ICE restart is not supported"


class VideoProcessDown(VideoError):
    """The video process does not answer; its supervisor starts it again."""

    status, slug, title = 503, "video-process-down", "Video is being restarted"


BY_SLUG: dict[str, type[VideoError]] = {
    cause.slug: cause
    for cause in (
        UnknownStream,
        UnknownSession,
        StreamNotLive,
        TooManyViewers,
        NoH264,
        MalformedOffer,
        MalformedRequest,
        IceRestartRefused,
        VideoProcessDown,
    )
}
