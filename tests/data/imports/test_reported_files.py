"""Files in shapes that users reported, imported on the pages with the proposed choices."""

from pathlib import Path

import pytest
from flask import Flask

from app.models import Call, ContactCard, ImportKind, Organization
from app.ops.jobs.worker import run_worker
from tests.support.factories import Factories
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer

pytestmark = pytest.mark.real_data


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(timezone="America/Chicago")


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "reported"


def brought_in(app: Flask, pages: ImportPages, path: Path, kind: ImportKind, **answers: str) -> None:
    """Import a file with the proposed choices and these answers."""
    page = pages.upload(path, path.name, kind)
    pages.start(pages.client.follow(pages.map(page, answers)))
    run_worker(app, schedule=(), until_idle=True)


def test_calls_have_their_zone_direction_and_status(
    app: Flask, pages: ImportPages, importer: Importer, folder: Path
) -> None:
    brought_in(app, pages, folder / "01-utc-in-name.csv", ImportKind.CALLS)
    brought_in(app, pages, folder / "02-own-number-no-direction.csv", ImportKind.CALLS, word_direction_0="inbound")
    brought_in(app, pages, folder / "03-outbound-unanswered.csv", ImportKind.CALLS)

    calls = {call.external_id: call for call in importer.stored(Call)}
    assert {call_id: calls[call_id].started_at.isoformat()[11:16] for call_id in ("U1", "U2")} == {
        "U1": "02:30",
        "U2": "15:30",
    }
    assert {call_id: calls[call_id].direction for call_id in ("O1", "O2", "O3")} == {
        "O1": "outbound",
        "O2": "inbound",
        "O3": "inbound",
    }
    assert {call_id: calls[call_id].status for call_id in ("A1", "A2", "A3")} == {
        "A1": "missed",
        "A2": "failed",
        "A3": "failed",
    }
    assert {card.primary_phone for card in importer.stored(ContactCard)} == {
        "+12125550161",
        "+12125550163",
        "+12125550101",
        "+12125550102",
        "+12125550103",
    }


def test_both_people_of_an_account_come_in_and_stay_who_they_are(
    app: Flask, pages: ImportPages, importer: Importer, folder: Path
) -> None:
    for name in ("04-account-id-a.csv", "04-account-id-b.csv"):
        brought_in(app, pages, folder / name, ImportKind.CONTACTS)

    people = [(card.external_id, card.last_name) for card in importer.stored(ContactCard, ContactCard.external_id)]
    assert people == [("1", "Alpha"), ("2", "Beta")]


def test_the_preview_shows_the_changed_name(app: Flask, pages: ImportPages, folder: Path) -> None:
    brought_in(app, pages, folder / "05-rename-a.csv", ImportKind.CONTACTS)

    page = pages.upload(folder / "05-rename-b.csv", "05-rename-b.csv", ImportKind.CONTACTS)
    preview = pages.client.follow(pages.map(page))

    assert "Last name: Oldname → Newname, 1 record" in preview.text
    assert "City: Albany → Troy, 1 record" in preview.text
