"""Pages for undoing an import."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, Organization, Role
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer

CALLS = lines(
    "Call id,Date,Time,Answered,Talk,From",
    "C1,2026-03-02,09:30,Y,60,+12125550101",
    "C2,2026-03-02,10:30,Y,60,+12125550102",
).encode()


def press(pages: ImportPages, app: Flask, address: str, **fields: str) -> None:
    """Open the page with the form for `address`, submit the form, and run the jobs."""
    page = pages.client.get(pages.at if address.endswith("weigh") else address)
    pages.client.post(address, {**page.fields(address, "post"), **fields})
    run_worker(app, schedule=(), until_idle=True)


def numbers(pages: ImportPages, address: str = "") -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in pages.client.get(address or pages.at).all(".//td[@data-undo]"):
        name = cell.get("data-undo", "")
        found[name] = found.get(name, 0) + int(cell.get("data-value", "0"))
    return found


def test_it_is_worked_out_looked_at_confirmed_and_done(
    app: Flask, pages: ImportPages, importer: Importer, make: Factories, organization: Organization
) -> None:
    done = pages.run(app, CALLS)
    assert "Undo import" in done.text
    first = next(call for call in importer.stored(Call) if call.external_id == "C1")
    make.task(organization, call_id=first.id)

    press(pages, app, f"{pages.at}/undo/weigh")
    assert "Effect of the undo" in pages.client.get(pages.at).text
    confirm = f"{pages.at}/undo"
    assert numbers(pages) == numbers(pages, confirm) == {"created": 2, "used": 2}
    page = pages.client.get(confirm)
    refused = pages.client.post(confirm, {**page.fields(confirm, "post"), "name": "other.csv"}, status=400)
    assert "Type the name of the file to confirm." in refused.text
    assert len(importer.stored(Call)) == 2

    press(pages, app, confirm, name="calls.csv")
    assert [call.external_id for call in importer.stored(Call)] == ["C1"]
    told = pages.client.get(pages.at)
    assert "Undone" in told.text
    assert "Kept: other records depend on them" in told.text
    assert numbers(pages) == {"created": 2, "used": 2}
    for address in (f"{pages.at}/undo/weigh", f"{pages.at}/undo"):
        token = pages.client.get("/imports/new").fields("/imports/new?kind=calls")["csrf_token"]
        pages.client.post(
            address, {"csrf_token": token, "name": "calls.csv"}, status=409 if "weigh" in address else 303
        )


def test_nobody_confirms_what_was_not_shown(app: Flask, pages: ImportPages, importer: Importer) -> None:
    pages.run(app, CALLS)
    token = pages.client.get(pages.at).fields(f"{pages.at}/undo/weigh", "post")["csrf_token"]

    assert (
        "There’s no undo waiting for confirmation. Go back to the import to see its status."
        in pages.client.get(f"{pages.at}/undo").text
    )
    pages.client.post(f"{pages.at}/undo", {"csrf_token": token, "name": "calls.csv"}, status=409)
    assert len(importer.stored(Call)) == 2


def test_after_a_month_it_is_too_late(app: Flask, pages: ImportPages, admin_engine: Engine) -> None:
    pages.run(app, CALLS)
    token = pages.client.get(pages.at).fields(f"{pages.at}/undo/weigh", "post")["csrf_token"]
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE imports SET finished_at = :at"), {"at": datetime.now(UTC) - timedelta(days=31)})

    assert "Preview undo" not in pages.client.get(pages.at).text
    pages.client.post(f"{pages.at}/undo/weigh", {"csrf_token": token}, status=409)


def test_whoever_may_not_import_takes_nothing_back(
    app: Flask, pages: ImportPages, new_client: Callable[[], Client], make: Factories, organization: Organization
) -> None:
    pages.run(app, CALLS)
    for role in (Role.CSR, Role.SUPPORT):
        new_client().sign_in(make.user(organization, role=role)).get(f"{pages.at}/undo", status=403)
    stranger = make.user(make.organization(), role=Role.ADMIN)
    new_client().sign_in(stranger).get(f"{pages.at}/undo", status=404)
