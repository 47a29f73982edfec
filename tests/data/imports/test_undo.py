"""Undo of an import: records that are deleted, reverted or left in place."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.data.imports import undo_service
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db
from app.models import (
    Appointment,
    Call,
    CallNote,
    ContactCard,
    ContactPhone,
    Import,
    ImportedRow,
    ImportUndo,
    Lead,
    Organization,
    User,
)
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines
from tests.support.importing import Importer
from tests.support.organization_snapshot import differences, everything

DEALS = lines(
    "Opportunity ID,Owner,Product,Account,Stage,Engage date,Close date,Amount",
    "D1,Ann Lee,Furnace,Acme,Won,2026-01-05,2026-02-10,1200",
    "D2,Bo Diaz,Furnace,Brown,Engaging,2026-01-06,,",
)
CALLS = lines(
    "Call id,Agent,Date,Time,Answered,Talk,From",
    "C1,Ann Lee,2026-03-02,09:30,Y,60,+12125550101",
    "C2,Bo Diaz,2026-03-02,10:30,Y,60,+12125550102",
)

Undo = Callable[[], dict[tuple[str, str, str | None], int]]


@pytest.fixture
def weigh(app: Flask, organization: Organization, admin_engine: Engine) -> Undo:
    """Function that computes the effect of undoing the last import."""
    return lambda: _run(app, organization, admin_engine, ImportUndo.WEIGHING, undo_service.weigh_undo)


@pytest.fixture
def undo(app: Flask, organization: Organization, admin_engine: Engine) -> Undo:
    """Function that undoes the last import and returns the records that stay."""
    return lambda: _run(app, organization, admin_engine, ImportUndo.RUNNING, undo_service.run_undo)


def _run(
    app: Flask, organization: Organization, engine: Engine, begin: ImportUndo, work: Callable[[UUID], None]
) -> dict[tuple[str, str, str | None], int]:
    with Session(engine) as session, session.begin():
        row = session.query(Import).filter_by(organization_id=organization.id).order_by(Import.id.desc()).first()
        assert row is not None
        import_id = row.id
        row.undo, row.undone_at, row.undo_counts = begin, None, None
    with app.app_context(), use_context(Context(organization_id=organization.id)), jobs_role():
        work(import_id)
        db.session.commit()
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT resource, effect, stays, count(*) FROM import_rows WHERE import_id = :id GROUP BY 1, 2, 3"),
            {"id": import_id},
        )
        return {(resource, effect, stays): count for resource, effect, stays, count in found}


def counts(importer: Importer, *models: Any) -> list[int]:
    return [len(importer.stored(model)) for model in models]


def test_a_note_of_an_imported_call_goes_with_the_import(importer: Importer, write_file: WriteFile, undo: Undo) -> None:
    noted = "Call id,Date,Time,Answered,Note,Topic", "C1,2026-03-02,09:30,Y,,"
    importer.calls(write_file(lines(*noted)))
    importer.calls(write_file(lines(*noted).replace(",,", ",Wants a quote,Leak")))
    (note,) = importer.stored(CallNote)
    assert note.body == "Wants a quote"

    assert undo() == {}

    assert importer.stored(CallNote) == []
    assert importer.only(Call).topic is None


def test_all_that_an_import_has_made_goes(
    importer: Importer, write_file: WriteFile, weigh: Undo, undo: Undo, make: Factories, admin_engine: Engine
) -> None:
    make.contact(importer.organization, company_name="Decoy")
    before = counts(importer, Lead, Appointment, ContactCard, User)
    importer.deals(write_file(DEALS))

    assert weigh() == {
        ("appointment", "created", None): 1, ("contact_card", "created", None): 2, ("lead", "created", None): 2,
        ("user", "created", None): 2,
    }  # fmt: skip
    assert undo() == {}
    assert counts(importer, Lead, Appointment, ContactCard, User) == before
    [row] = importer.stored(Import)
    assert (row.undo, row.undone_at is not None) == ("done", True)
    assert row.undo_counts == {
        "appointment": {"created": 1}, "contact_card": {"created": 2}, "lead": {"created": 2}, "user": {"created": 2},
    }  # fmt: skip
    told = text(
        "SELECT action, count(*), count(DISTINCT operation_id) FROM audit_logs"
        " WHERE resource_type = 'lead' AND action <> 'lead.created' GROUP BY action"
    )
    with admin_engine.connect() as connection:
        assert connection.execute(told).all() == [("lead.purged", 2, 1)]
    assert importer.deals(write_file(DEALS)).counts == {"total": 2, "created": 2}


def test_calls_go_with_the_numbers_they_made(importer: Importer, write_file: WriteFile, undo: Undo) -> None:
    importer.calls(write_file(CALLS), create_users=True)
    assert counts(importer, Call, ContactCard, ContactPhone) == [2, 2, 2]

    assert undo() == {}
    assert counts(importer, Call, ContactCard, ContactPhone) == [0, 0, 0]
    assert [user.name for user in importer.stored(User)] == ["Maria Manager"]


def test_what_somebody_worked_with_stays_with_all_it_needs(
    importer: Importer, write_file: WriteFile, weigh: Undo, undo: Undo, make: Factories, admin_engine: Engine
) -> None:
    importer.calls(write_file(CALLS), create_users=True)
    first = next(call for call in importer.stored(Call) if call.external_id == "C1")
    make.task(importer.organization, call_id=first.id)

    stays = {("call", "created", "used"): 1, ("contact_card", "created", "used"): 1, ("user", "created", "used"): 1}
    others = {("call", "created", None): 1, ("contact_card", "created", None): 1, ("user", "created", None): 1}
    assert weigh() == stays | others
    assert undo() == stays
    assert [call.external_id for call in importer.stored(Call)] == ["C1"]
    assert importer.only(ContactPhone).phone == "+12125550101"
    assert "Ann Lee" in {user.name for user in importer.stored(User)}
    assert "Bo Diaz" not in {user.name for user in importer.stored(User)}


def test_what_was_changed_since_stays(
    app: Flask, importer: Importer, write_file: WriteFile, weigh: Undo, undo: Undo, admin_engine: Engine
) -> None:
    importer.deals(write_file(DEALS))
    context = Context(organization_id=importer.organization.id)
    with app.app_context(), use_context(context):
        db.session.execute(text("UPDATE contact_cards SET city = 'Boston' WHERE company_name = 'Brown'"))
        db.session.commit()

    found = weigh()
    assert found[("contact_card", "created", "changed")] == 1
    assert ("lead", "created", "used") not in found
    undo()
    assert [card.company_name for card in importer.stored(ContactCard)] == ["Brown"]
    assert counts(importer, Lead, Appointment) == [0, 0]


def test_what_it_changed_is_as_it_was_before(importer: Importer, write_file: WriteFile, undo: Undo) -> None:
    importer.deals(write_file(DEALS))
    before = {lead.external_id: lead for lead in importer.stored(Lead)}
    importer.deals(write_file(DEALS.replace("Engaging,2026-01-06,,", "Lost,2026-01-06,2026-02-20,")))
    assert {lead.stage for lead in importer.stored(Lead)} == {"booked", "dead"}

    assert undo() == {}

    now = {lead.external_id: lead for lead in importer.stored(Lead)}
    for name in ("stage", "closed_at", "dead_reason", "last_activity_at", "external_fingerprint", "assigned_rep_id"):
        assert getattr(now["D2"], name) == getattr(before["D2"], name), name
    assert now["D2"].version == before["D2"].version + 2
    assert [visit.external_id for visit in importer.stored(Appointment)] == ["D1"]


def test_every_row_is_as_it_was(importer: Importer, write_file: WriteFile, undo: Undo, admin_engine: Engine) -> None:
    importer.deals(write_file(DEALS))
    before = everything(admin_engine, importer.organization)
    importer.deals(write_file(DEALS.replace("Engaging,2026-01-06,,", "Lost,2026-01-06,2026-02-20,")))
    assert len(differences(before, everything(admin_engine, importer.organization))) > 5

    assert undo() == {}

    left = differences(before, everything(admin_engine, importer.organization))
    assert [(table, column) for table, column, *_values in left] == [("imports", "*")]


def test_of_two_imports_the_later_one_goes_first(
    importer: Importer, write_file: WriteFile, undo: Undo, admin_engine: Engine
) -> None:
    importer.deals(write_file(DEALS))
    importer.deals(write_file(DEALS.replace("Brown,Engaging", "Brown,Prospecting")))
    first, second = importer.stored(Import)
    with admin_engine.begin() as connection:  # makes the first one the last again
        connection.execute(text("UPDATE imports SET undo = NULL"))

    assert undo() == {}
    assert {lead.stage for lead in importer.stored(Lead)} == {"booked", "qualified"}
    assert [row.import_id for row in importer.stored(ImportedRow) if row.import_id == second.id] == []
    assert len([row for row in importer.stored(ImportedRow) if row.import_id == first.id]) == 7


def test_it_goes_on_where_it_broke_off(
    importer: Importer, write_file: WriteFile, undo: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer.deals(write_file(DEALS))
    monkeypatch.setattr(undo_service, "PORTION_ROWS", 1)
    real = undo_service._hold
    held = []

    def die(*arguments: Any) -> Any:
        held.append(arguments)
        if len(held) == 4:
            raise RuntimeError("gone")
        return real(*arguments)

    monkeypatch.setattr(undo_service, "_hold", die)
    with pytest.raises(RuntimeError):
        undo()
    assert len(importer.stored(ImportedRow)) < 7
    monkeypatch.setattr(undo_service, "_hold", real)

    assert undo() == {}
    assert counts(importer, Lead, Appointment, ContactCard) == [0, 0, 0]
