"""Recordings of which parts in the middle never arrived: what follows a gap is a recording of its own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.models import Call, Job, Organization, OrganizationUsage, RecordingPart, RecordingSession, Role
from app.storage import storage
from app.work.recordings import rules
from app.work.recordings.abandoned_service import end_abandoned
from app.work.recordings.gap_service import split_at_gaps
from app.work.recordings.jobs import make_ready, prepare
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.sounds import sound, wav
from tests.support.work import at_work
from tests.work.recordings.conftest import Phone

SECONDS = 6
#: Six parts of 8,000 bytes; the header is in the first.
SENT = wav(SECONDS)[: 6 * 8_000]
PIECES = [SENT[start : start + 8_000] for start in range(0, len(SENT), 8_000)]
HEADER = SENT[:44]


def upload(phone: Phone, *numbers: int) -> str:
    """Begin a recording, upload these of the six parts, and return its URL."""
    address = phone.begin("not_needed")
    for number in numbers:
        phone.part(address, number, PIECES[number - 1])
    return address


def chain(behind: Behind, address: str) -> list[RecordingSession]:
    """Return the recording and those that were split from it, in order."""
    rows = [behind.one(RecordingSession, id=UUID(address.rsplit("/", 1)[1]))]
    while later := behind.rows(RecordingSession, split_from_id=rows[-1].id):
        rows += later
    return rows


def end(phone: Phone, address: str) -> None:
    phone.client.post(f"{address}/end")


def go_on(phone: Phone, address: str) -> None:
    phone.client.post(f"{address}/continue", {"row_id": str(uuid4())})


def wait_a_week(phone: Phone, _address: str) -> None:
    with at_work(phone.app, phone.visit.organization_id):
        end_abandoned(datetime.now(UTC) + timedelta(days=8))


def discard_and_undo_while_another_is_open(phone: Phone, address: str) -> None:
    phone.client.post(f"{address}/discard")
    phone.begin()
    phone.client.post(f"{address}/undo-discard")


def split(phone: Phone, behind: Behind, address: str) -> list[RecordingSession]:
    """Do what the job does first, and return the recordings; none of them is heard."""
    with at_work(phone.app, phone.visit.organization_id):
        prepare(split_at_gaps(UUID(address.rsplit("/", 1)[1])))
    return chain(behind, address)


def test_all_that_arrived_can_be_heard(phone: Phone, behind: Behind, organization: Organization) -> None:
    address = upload(phone, 1, 2, 4, 5, 6)
    end(phone, address)
    phone.work()

    first, second = chain(behind, address)
    assert [row.status for row in (first, second)] == ["ready", "ready"]
    assert phone.file(first.storage_key or "") == SENT[:16_000]
    assert phone.file(second.storage_key or "") == HEADER + SENT[24_000:]
    assert sorted(phone.files()) == sorted(row.storage_key or "" for row in (first, second))
    assert [row.duration_seconds for row in (first, second)] == [2, 3]
    assert len(behind.rows(Call)) == 2
    for name in ("appointment_id", "sales_rep_id", "consent"):
        assert getattr(first, name) == getattr(second, name)
    assert behind.one(OrganizationUsage, organization_id=organization.id).used_storage_bytes == 40_000


@pytest.mark.parametrize("way", [go_on, wait_a_week, discard_and_undo_while_another_is_open])
def test_all_that_arrived_is_kept_however_it_ends(
    phone: Phone, behind: Behind, organization: Organization, way: Callable[[Phone, str], None]
) -> None:
    address = upload(phone, 1, 2, 4, 5, 6)
    way(phone, address)

    rows = split(phone, behind, address)
    assert [[phone.file(key) for key in keys_of(behind, row)] for row in rows] == [PIECES[:2], PIECES[3:]]
    assert rows[0].ended_at is not None
    assert rows[0].started_at < rows[0].ended_at <= rows[1].started_at
    assert [row.status for row in rows] == ["uploaded", "uploaded"]
    assert {job.arguments["recording_id"] for job in behind.rows(Job, name=make_ready.name)} == {
        str(row.id) for row in rows
    }
    assert behind.one(OrganizationUsage, organization_id=organization.id).used_storage_bytes == 40_000


def keys_of(behind: Behind, row: RecordingSession) -> list[str]:
    """Return the keys of a recording's parts, in order."""
    numbers = sorted(part.number for part in behind.rows(RecordingPart, session_id=row.id))
    return [rules.part_key(row.storage_key or "", number) for number in numbers]


def test_the_pages_say_what_is_missing_and_lead_to_each_other(phone: Phone, behind: Behind) -> None:
    address = upload(phone, 1, 3, 6)
    saved = phone.client.follow(phone.client.post(f"{address}/end"))
    assert "Recording saved. Missing parts: 2, 4–5." in saved.text

    links = [f"/recordings/{row.id}" for row in split(phone, behind, address)]
    pages = [phone.client.get(link) for link in links]
    assert "Part 2 of this upload never arrived." in pages[0].text
    assert "Parts 2, 4–5 of this upload never arrived." in pages[1].text
    assert "Parts 4–5 of this upload never arrived." in pages[2].text
    assert [facts(page).get("Before the gap") for page in pages] == [None, links[0], links[1]]
    assert [facts(page).get("After the gap") for page in pages] == [links[1], links[2], None]
    assert phone.client.get(f"/appointments/{phone.visit.id}").text.count("after a gap") == 2


def facts(page: Page) -> dict[str, str | None]:
    """Return the links among the facts by their labels."""
    links = {}
    for label, value in zip(page.all(".//dt"), page.all(".//dd"), strict=True):
        link = value.find(".//a")
        links[text_of(label)] = None if link is None else link.get("href")
    return links


def test_what_a_browser_recorded_after_a_gap_can_be_heard(phone: Phone, behind: Behind) -> None:
    content = sound(".webm", seconds=4)
    size = len(content) // 4 + 1
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    address = phone.begin()
    for number in (1, 3, 4):
        phone.part(address, number, parts[number - 1])
    end(phone, address)
    phone.work()

    rows = chain(behind, address)
    assert [row.status for row in rows] == ["ready", "ready"]
    assert phone.file(rows[1].storage_key or "").endswith(parts[2] + parts[3])


def test_without_its_first_part_the_rest_is_kept(phone: Phone, behind: Behind) -> None:
    address = upload(phone, 2, 3)
    end(phone, address)
    phone.work()

    [row] = chain(behind, address)
    assert (row.status, row.failure) == ("failed", "unknown_format")
    page = phone.client.get(address)
    assert "Part 1 of this upload never arrived." in page.text
    kept = phone.client.get(page.links["Download file"], buffered=True)
    assert kept.response.get_data() == SENT[8_000:24_000]


def test_a_finish_that_names_too_few_drops_nothing(phone: Phone, behind: Behind, organization: Organization) -> None:
    address = upload(phone, 1, 2, 4)
    phone.finish(address, 4, status=409)
    phone.finish(address, 2)

    assert [len(keys_of(behind, row)) for row in split(phone, behind, address)] == [2, 1]
    assert behind.one(OrganizationUsage, organization_id=organization.id).used_storage_bytes == 24_000


def test_killed_at_any_file_nothing_is_lost_or_doubled(
    app: Flask, phone: Phone, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = upload(phone, 1, 2, 4, 6)
    end(phone, address)
    [row] = chain(behind, address)
    write = type(app.extensions["storage"]).write
    for killed_at in range(1, 6):  # two copies with a header each, then the commit
        written = 0

        def count(self: Any, key: str, chunks: Any, killed_at: int = killed_at, **options: Any) -> Any:
            nonlocal written
            written += 1
            if written == killed_at:
                raise KeyboardInterrupt
            return write(self, key, chunks, **options)

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):  # noqa: PT012
            patched.setattr(type(app.extensions["storage"]), "write", count)
            with at_work(app, phone.visit.organization_id):
                split_at_gaps(row.id)
                raise KeyboardInterrupt
        assert len(chain(behind, address)) == 1
        for number in (1, 2, 4, 6):
            assert phone.file(rules.part_key(row.storage_key or "", number)) == PIECES[number - 1]

    rows = split(phone, behind, address)
    remove_files(phone, behind)
    assert len(behind.rows(RecordingPart)) == 4
    assert sorted(phone.files()) == sorted(
        [
            *(key for row in rows for key in keys_of(behind, row)),
            *(rules.header_key(row.storage_key or "") for row in rows[1:]),
        ]
    )
    assert phone.file(rules.part_key(rows[2].storage_key or "", 6)) == PIECES[5]


def remove_files(phone: Phone, behind: Behind) -> None:
    """Do what the jobs that remove files do."""
    with phone.app.app_context():
        for job in behind.rows(Job, name="files.remove"):
            storage().delete(job.arguments["key"])


def test_erased_while_files_are_copied_no_copy_stays(
    app: Flask, phone: Phone, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = upload(phone, 1, 3)
    end(phone, address)
    [row] = chain(behind, address)
    write = type(app.extensions["storage"]).write

    def erase_first(self: Any, key: str, chunks: Any, **options: Any) -> Any:
        written = write(self, key, chunks, **options)
        behind.change(row, storage_key=None)
        return written

    monkeypatch.setattr(type(app.extensions["storage"]), "write", erase_first)
    with at_work(app, phone.visit.organization_id):
        assert split_at_gaps(row.id) == []
        storage().delete(row.storage_key or "")

    assert phone.files() == []
    assert len(chain(behind, address)) == 1


def test_each_can_be_deleted_and_purged_without_the_other(
    app: Flask, phone: Phone, behind: Behind, make: Factories, organization: Organization
) -> None:
    address = upload(phone, 1, 3)
    end(phone, address)
    first, second = split(phone, behind, address)
    admin = Client(app).sign_in(make.user(organization, Role.ADMIN))
    admin.post(f"{address}/delete", {"version": str(first.version)})

    page = phone.client.get(f"/recordings/{second.id}")
    assert "Part 2 of this upload never arrived." in page.text
    assert "Before the gap" not in facts(page)
    with phone.app.app_context():
        storage().delete(first.storage_key or "")  # as its purge does
    assert phone.file(rules.part_key(second.storage_key or "", 3)) == PIECES[2]


@pytest.mark.parametrize(
    ("numbers", "runs"),
    [([], []), ([1, 2, 3], [range(1, 4)]), ([6, 5, 1, 2, 4], [range(1, 3), range(4, 7)]), ([2], [range(2, 3)])],
)
def test_runs_are_unbroken(numbers: list[int], runs: list[range]) -> None:
    assert rules.unbroken_runs(numbers) == runs


def test_a_run_has_its_share_of_the_time() -> None:
    began = datetime(2026, 3, 2, 10, tzinfo=UTC)

    assert rules.period_of(range(4, 7), 6, began, began + timedelta(seconds=60)) == (
        began + timedelta(seconds=30),
        began + timedelta(seconds=60),
    )
