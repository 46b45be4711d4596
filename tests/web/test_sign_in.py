"""The door, as a person meets it."""

import re

from playwright.sync_api import expect

from dfr.server.auth_store import Role
from tests.web.conftest import Complaints, OpenPage
from tests.web.stand_in import StandIn


def test_nobody_sees_a_page_without_signing_in(open_page: OpenPage) -> None:
    page = open_page("/pilot", None)
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.get_by_label("Name")).to_be_focused()


def test_a_name_and_its_password_open_the_page_of_the_role(service: StandIn, open_page: OpenPage) -> None:
    service.add_user("rivera", "a long pass phrase", Role.RTCC)
    page = open_page("/sign-in", None)
    page.get_by_label("Name").fill("rivera")
    page.get_by_label("Password").fill("a long pass phrase")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/rtcc$"))


def test_a_wrong_password_is_told_in_words(open_page: OpenPage, complaints: Complaints) -> None:
    complaints.expected.append("401")
    page = open_page("/sign-in", None)
    page.get_by_label("Name").fill("rivera")
    page.get_by_label("Password").fill("not this one at all")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Password")).to_have_value("")


def test_a_link_signs_in_once(service: StandIn, open_page: OpenPage, complaints: Complaints) -> None:
    complaints.expected.append("401")
    link = service.link(Role.PILOT)
    page = open_page(f"/sign-in?link={link}", None)
    expect(page).to_have_url(re.compile("/pilot$"))
    analyst = open_page(f"/sign-in?link={service.link(Role.PILOT)}&next=/rtcc", None)
    expect(analyst).to_have_url(re.compile("/rtcc$"))
    again = open_page(f"/sign-in?link={link}", None)
    expect(again.get_by_role("alert")).to_contain_text("used already")
    assert link not in again.url
