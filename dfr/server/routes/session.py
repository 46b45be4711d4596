"""Signing in and out, and whether the service is well."""

import contextlib
import math
from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from dfr.core.clock import iso_utc
from dfr.server.auth import Identity, SignInRefused
from dfr.server.context import Caller, ServicesHere
from dfr.server.door import SESSION_COOKIE
from dfr.server.models.session import HealthModel, LinkSignIn, PasswordSignIn, SessionModel
from dfr.server.problems import problem
from dfr.server.services import Services
from dfr.server.viewers import Viewers
from dfr.video.errors import VideoError

router = APIRouter(tags=["session"])

ENGINE_STALLED_S = 2.0


@router.post("/session", status_code=201, responses={201: {"model": SessionModel}})
async def sign_in(request: Request, way: PasswordSignIn | LinkSignIn, services: ServicesHere) -> Response:
    """Sign in by name and password, or by a one-time link. The session is an HttpOnly cookie."""
    address = request.client.host if request.client else ""
    try:
        if isinstance(way, LinkSignIn):
            session_id, identity = services.auth.sign_in_by_link(way.link, address)
        else:
            session_id, identity = await services.auth.sign_in(way.user, way.password, address)
    except SignInRefused as refused:
        if refused.retry_after_s is None:
            return problem(401, refused.sentence, title="Not signed in")
        headers = {"Retry-After": str(math.ceil(refused.retry_after_s))}
        return problem(429, refused.sentence, title="Too many failed sign-ins", headers=headers)
    response = JSONResponse(_session(identity).model_dump(mode="json"), 201)
    response.set_cookie(
        SESSION_COOKIE,
        session_id,
        max_age=int((identity.expires_s or 0) - services.clock.now_s()),
        httponly=True,
        samesite="strict",
        secure=services.secure_cookies,
    )
    return response


@router.get("/session")
async def who_am_i(caller: Caller) -> SessionModel:
    """Who is asking."""
    return _session(caller)


@router.delete("/session", status_code=204)
async def sign_out(request: Request, services: ServicesHere, caller: Caller) -> Response:
    """End the session, and what is being watched with it."""
    services.auth.sign_out(caller)
    viewers: Viewers = request.app.state.viewers
    for session_id in viewers.of(caller):
        viewers.closed(session_id)
        with contextlib.suppress(VideoError):
            await services.video.delete_session(session_id)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict", secure=services.secure_cookies)
    return response


@router.get(
    "/health", tags=["health"], responses={503: {"model": HealthModel, "description": "The engine stands still."}}
)
async def health(services: ServicesHere, response: Response) -> HealthModel:
    """Whether the service is well. Needs no sign-in."""
    model = _health(services)
    response.status_code = 200 if model.status == "ok" else 503
    return model


def engine_age_s(services: Services) -> float | None:
    """Seconds since the engine's loop last ran."""
    tick_s = services.desk.health().engine_tick_s
    return None if tick_s is None else max(0.0, services.clock.now_s() - tick_s)


def _health(services: Services) -> HealthModel:
    desk, now_s, age_s = services.desk.health(), services.clock.now_s(), engine_age_s(services)
    sentences = []
    if age_s is None:
        sentences.append("The engine has not run yet.")
    elif age_s > ENGINE_STALLED_S:
        sentences.append(f"The engine has stood still for {age_s:.1f} s: aircraft in the air fly home by themselves.")
    status = "failing" if sentences else "ok"
    if not desk.video_ok:
        sentences.append(desk.video_sentence or "The video relay does not answer.")
    return HealthModel(
        status="failing" if status == "failing" else "ok",
        version=version("dfr"),
        clock=iso_utc(now_s),
        clock_s=now_s,
        engine_age_s=age_s,
        video="ok" if desk.video_ok else "failing",
        positions_acted_on=desk.positions_acted_on,
        positions_too_old=desk.positions_too_old,
        oldest_position_s=desk.oldest_position_s,
        sentences=sentences,
    )


def _session(identity: Identity) -> SessionModel:
    return SessionModel(
        user=identity.name, roles=sorted(identity.roles), kind=identity.kind, expires_s=identity.expires_s
    )
