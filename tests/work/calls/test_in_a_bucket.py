"""Playback of a recording stored in a bucket, in a real browser."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.bucket import Bucket
from app.models import Call, Organization, User
from app.storage import new_key
from tests.support.browser import sign_in
from tests.support.bucket import new_bucket
from tests.support.factories import Factories
from tests.support.sounds import wav

SECONDS = 600
CONTENT = wav(SECONDS)


@pytest.fixture
def bucket(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with new_bucket(tmp_path) as opened:
        monkeypatch.setitem(app.extensions, "storage", opened)
        yield opened


@pytest.fixture
def recorded(bucket: Bucket, make: Factories, organization: Organization, csr: User) -> Call:
    key = new_key(organization.id, "recordings") + ".wav"
    bucket.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))
    return make.call(organization, csr=csr, audio_url=key, duration_seconds=SECONDS)


def play(tab: Page, csr: User, call: Call) -> None:
    sign_in(tab, csr)
    tab.goto(f"/calls/{call.id}")
    tab.get_by_role("button", name="Play").click()
    expect(tab.locator("[data-position]")).to_have_text("0:01")


@pytest.mark.browser
def test_it_is_played_from_the_bucket(browser_page: Page, csr: User, recorded: Call, bucket: Bucket) -> None:
    with browser_page.expect_request(f"{bucket.origin}/**"):
        play(browser_page, csr, recorded)
    browser_page.evaluate("document.querySelector('[data-player] audio').currentTime = 500")

    expect(browser_page.locator("[data-position]")).to_have_text("8:22")


@pytest.mark.browser
def test_a_player_that_is_refused_on_its_way_goes_on_from_there(browser_page: Page, csr: User, recorded: Call) -> None:
    """A player whose link expires during playback gets a new one and continues at its position.

    The expired link is simulated by an `error` event.
    """
    play(browser_page, csr, recorded)
    with browser_page.expect_request("**/audio"):
        browser_page.evaluate("document.querySelector('[data-player] audio').dispatchEvent(new Event('error'))")

    expect(browser_page.locator("[data-position]")).to_have_text("0:03")
    expect(browser_page.get_by_role("button", name="Pause")).to_be_visible()


@pytest.mark.browser
def test_a_recording_that_cannot_be_played_is_left_to_the_browser(
    browser_page: Page, csr: User, recorded: Call
) -> None:
    sign_in(browser_page, csr)
    browser_page.route("**/audio", lambda route: route.fulfill(status=404))
    browser_page.goto(f"/calls/{recorded.id}")
    browser_page.get_by_role("button", name="Play").click()

    expect(browser_page.get_by_role("button", name="Play")).to_be_hidden()
