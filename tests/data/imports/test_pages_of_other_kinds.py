"""Leads, appointments and knowledge items imported on the pages, from file to records, and undone."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask

from app.models import Appointment, ContactCard, ImportKind, KnowledgeItem, Lead, Organization, Role
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import text_of


class Kind(NamedTuple):
    """A kind of file: its content, the part that the preview shows, and the types of created records."""

    kind: ImportKind
    content: bytes
    shown: tuple[str, ...]
    made: tuple[type[Lead | Appointment | KnowledgeItem | ContactCard], ...]


KINDS = (
    Kind(
        ImportKind.LEADS,
        lines(
            "Lead ID,Lead Status,Rating,Name,Phone,Create Date",
            "L1,Working - Contacted,Warm,Zoe Quinn,+12125550101,2026-01-15",
            "L2,Closed - Not Converted,,,,2026-01-16",
        ).encode(),
        ("L1", "New", "Zoe Quinn", "Warm"),
        (Lead, ContactCard),
    ),
    Kind(
        ImportKind.APPOINTMENTS,
        lines(
            "Job ID,Job Type,Status,Start,Duration,Customer,Amount,Outcome",
            "V1,Furnace,Done,2026-02-17 09:00,90,Zoe Quinn,1200,Sold",
            "V2,Duct,Canceled,2026-02-18 09:00,,,,",
        ).encode(),
        ("Furnace", "Completed", "Zoe Quinn", "$1,200"),
        (Appointment, ContactCard),
    ),
    Kind(
        ImportKind.KNOWLEDGE,
        lines(
            "Article ID,Title,Body,Section",
            "A1,What does a visit cost?,The visit is 89 dollars.,Prices",
            "A2,When do you work?,Every day from eight to six.,Hours",
        ).encode(),
        ("What does a visit cost?", "The visit is 89 dollars.", "Prices"),
        (KnowledgeItem,),
    ),
)
of_each = pytest.mark.parametrize("of", KINDS, ids=[one.kind for one in KINDS])


@of_each
def test_a_file_comes_in_by_pages_alone_and_goes_again(
    app: Flask, pages: ImportPages, importer: Importer, make: Factories, of: Kind
) -> None:
    make.contact(importer.organization)
    make.lead(importer.organization)
    before = [len(importer.stored(model)) for model in of.made]
    name = f"{of.kind}.csv"

    preview = pages.client.follow(pages.map(pages.upload(of.content, name, of.kind)))
    first = text_of(preview.one(".//*[@id='rows-table']//tbody/tr[1]"))
    assert [word for word in of.shown if word not in first] == []
    done = pages.run(app, of.content, name, of.kind)

    assert "Finished" in done.text
    after = [len(importer.stored(model)) for model in of.made]
    assert after[0] == before[0] + 2
    assert after[1:] == [count + 1 for count in before[1:]]
    assert name in pages.client.get(f"/imports?kind={of.kind}").text

    told = pages.take_back(app, name)
    assert "Undone" in told.text
    assert [len(importer.stored(model)) for model in of.made] == before


@of_each
def test_what_was_changed_by_a_file_is_as_it_was_when_that_is_taken_back(
    app: Flask, pages: ImportPages, importer: Importer, of: Kind
) -> None:
    def stored() -> list[dict[str, object]]:
        rows = importer.stored(of.made[0])
        names = [one.key for one in of.made[0].__table__.columns if one.key not in ("version", "updated_at")]
        return [{name: getattr(row, name) for name in names} for row in rows]

    pages.run(app, of.content, "first.csv", of.kind)
    before = stored()
    changed = of.content
    for word, other in ((b"Warm", b"Hot"), (b"Furnace", b"Boiler"), (b"89", b"99")):
        changed = changed.replace(word, other)
    assert "1" in text_of(pages.run(app, changed, "second.csv", of.kind).one(".//main"))
    assert stored() != before

    pages.take_back(app, "second.csv")

    assert stored() == before


@of_each
def test_only_who_may_import_such_files_is_offered_them(
    new_client: Callable[[], Client], make: Factories, organization: Organization, of: Kind
) -> None:
    address = f"/imports/new?kind={of.kind}"
    for role, status in ((Role.CSR, 403), (Role.SALES_REP, 403), (Role.MANAGER, 200), (Role.ADMIN, 200)):
        new_client().sign_in(make.user(organization, role=role)).get(address, status=status)


def test_what_a_file_lacks_is_said_once_for_all_of_it(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(b"Question,Answer\nWhat does it cost?,It costs 89 dollars.\n", "a.csv", ImportKind.KNOWLEDGE)
    said = {"constant_category": "Prices", "constant_language": "uz"}
    pages.start(pages.client.follow(pages.map(page, said)))
    run_worker(app, schedule=(), until_idle=True)

    item = importer.only(KnowledgeItem)
    assert (item.category, item.language) == ("Prices", "uz")

    file = b"Start time,End time,Customer\n9:00 AM,10:15 AM,Zoe Quinn\n"
    said = {"constant_date": "2026-02-17", "constant_service": "Duct"}
    pages.start(pages.client.follow(pages.map(pages.upload(file, "b.csv", ImportKind.APPOINTMENTS), said)))
    run_worker(app, schedule=(), until_idle=True)

    visit = importer.only(Appointment)
    assert (visit.service_type, visit.scheduled_end_at - visit.scheduled_start_at) == ("Duct", timedelta(minutes=75))
