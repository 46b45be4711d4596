"""The pages, their assets, and the headers on everything."""

from pathlib import Path

import pytest

from dfr.server.auth_store import Role
from tests.unit.server.world import World


@pytest.fixture
def built(world: World) -> World:
    """A world whose pages are built, with a secret beside them."""
    assets = world.web_dist / "assets"
    assets.mkdir(parents=True)
    for name in ("pilot", "rtcc", "sign-in"):
        (world.web_dist / f"{name}.html").write_text(f"<title>{name}</title>", encoding="utf-8")
    (world.web_dist / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (assets / "app-1a2b.js").write_text("let x", encoding="utf-8")
    (world.web_dist.parent / "secret").write_text("secret", encoding="utf-8")
    return world


def test_pages_and_assets(built: World) -> None:
    assert "pilot" in built.ask("GET", "/pilot", Role.PILOT).text
    assert "rtcc" in built.ask("GET", "/rtcc", Role.VIEWER).text
    assert "sign-in" in built.ask("GET", "/sign-in?link=abc").text
    asset = built.ask("GET", "/assets/app-1a2b.js")
    assert (asset.status_code, "javascript" in asset.headers["Content-Type"]) == (200, True)
    assert "immutable" in asset.headers["Cache-Control"]
    assert built.ask("GET", "/icon.svg").headers["Content-Type"].startswith("image/svg+xml")


def test_looking_at_the_sign_in_page_does_not_use_up_the_link(built: World) -> None:
    link = built.auth.add_link("pat", [Role.PILOT])
    built.ask("GET", f"/sign-in?link={link}")
    assert built.ask("POST", "/api/v1/session", json={"link": link}).status_code == 201


@pytest.mark.parametrize(("role", "page"), [(Role.PILOT, "/pilot"), (Role.RTCC, "/rtcc"), (Role.VIEWER, "/rtcc")])
def test_home_leads_to_ones_page(world: World, role: Role, page: str) -> None:
    response = world.ask("GET", "/", role)
    assert (response.status_code, response.headers["Location"]) == (303, page)


def test_a_page_without_session_leads_to_sign_in(built: World) -> None:
    response = built.ask("GET", "/pilot")
    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in")


def test_a_page_that_is_not_for_this_account_says_so(built: World) -> None:
    response = built.ask("GET", "/pilot", Role.VIEWER)
    assert (response.status_code, response.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "needs the role admin or pilot" in response.text
    assert 'rel="icon"' in response.text  # else a browser asks for /favicon.ico, and its console complains


def test_pages_that_are_not_built_say_how(world: World) -> None:
    response = world.ask("GET", "/sign-in")
    assert (response.status_code, "run build" in response.text) == (503, True)


@pytest.mark.parametrize("path", ["../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/secret", "/etc/passwd", "", "."])
def test_assets_lead_nowhere_else(built: World, path: str) -> None:
    response = built.ask("GET", f"/assets/{path}")
    assert response.status_code != 200
    assert "secret" not in response.text


def test_a_link_among_the_assets_leads_nowhere_else(built: World) -> None:
    (built.web_dist / "assets" / "out").symlink_to(Path(built.web_dist.parent / "secret"))
    assert built.ask("GET", "/assets/out").status_code == 404


@pytest.mark.parametrize("path", ["/pilot", "/sign-in", "/assets/app-1a2b.js", "/api/v1/health", "/api/v1/none"])
def test_every_answer_keeps_to_itself(built: World, path: str) -> None:
    headers = built.ask("GET", path, Role.PILOT).headers
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["connect-src"] == "'self'"
    assert rules["worker-src"] == "'self' blob:"
    assert rules["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert ("no-store" in headers["Cache-Control"]) == (not path.startswith("/assets"))
