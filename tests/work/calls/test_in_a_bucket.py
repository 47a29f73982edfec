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
from tests.support.browser import set_session
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
def tab(browser_page: Page, app: Flask, live_address: str, csr: User) -> Page:
    """A tab of the signed-in CSR."""
    set_session(browser_page, app, live_address, csr)
    return browser_page


@pytest.fixture
def recorded(bucket: Bucket, make: Factories, organization: Organization, csr: User) -> Call:
    key = new_key(organization.id, "recordings") + ".wav"
    bucket.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))
    return make.call(organization, csr=csr, audio_url=key, duration_seconds=SECONDS)


def play(tab: Page, call: Call) -> None:
    tab.goto(f"/calls/{call.id}")
    tab.get_by_role("button", name="Play").click()
    expect(tab.locator("[data-position]")).to_have_text("0:01")


@pytest.mark.browser
def test_it_is_played_from_the_bucket(tab: Page, recorded: Call, bucket: Bucket) -> None:
    with tab.expect_request(f"{bucket.origin}/**"):
        play(tab, recorded)
    tab.evaluate("document.querySelector('[data-player] audio').currentTime = 500")

    expect(tab.locator("[data-position]")).to_have_text("8:22")


@pytest.mark.browser
def test_a_player_that_is_refused_on_its_way_goes_on_from_there(tab: Page, recorded: Call) -> None:
    """A player whose link expires during playback gets a new one and continues at its position.

    The expired link is simulated by an `error` event.
    """
    play(tab, recorded)
    with tab.expect_request("**/audio"):
        tab.evaluate("document.querySelector('[data-player] audio').dispatchEvent(new Event('error'))")

    expect(tab.locator("[data-position]")).to_have_text("0:03")
    expect(tab.get_by_role("button", name="Pause")).to_be_visible()


@pytest.mark.browser
def test_a_recording_that_cannot_be_played_is_left_to_the_browser(tab: Page, recorded: Call) -> None:
    tab.route("**/audio", lambda route: route.fulfill(status=404))
    tab.goto(f"/calls/{recorded.id}")
    tab.get_by_role("button", name="Play").click()

    expect(tab.get_by_role("button", name="Play")).to_be_hidden()
