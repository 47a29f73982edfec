"""Data exports of a person and of the organization, which contain nothing about anyone else."""

import hashlib
import json
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.declarations.registry import registry
from app.models import Base, Export, Job, Notification, Organization, Role, User, holds
from app.trust.privacy.archive_service import Entry, zipped
from app.trust.privacy.organization_file_service import exported_tables
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.trust.privacy.conftest import EMAIL, NAME, SECRET_WORDS, Person, Work, ask_to_erase, download

HOSTILE = '</dd><script>alert("x")</script>../../etc/passwd'


def ask(client: Client, address: str, **values: str) -> None:
    """Submit the form that requests a file."""
    page = client.get(address.removesuffix("/export") if "/privacy/" in address else address)
    client.post(address, {**page.fields(address), **values})


def file_of(client: Client, work: Work) -> ZipFile:
    """Run the pending jobs and return the latest file on the exports page."""
    work()
    return download(client, client.get("/exports").links["Download"])


class TestPerson:
    @pytest.fixture
    def file(self, client: Client, admin: User, person: Person, work: Work) -> ZipFile:
        """The person's file, as the admin received it."""
        ask(client.sign_in(admin), f"/privacy/{person.card.id}/export")
        return file_of(client, work)

    @pytest.mark.usefixtures("stored_numbers")
    def test_it_holds_what_is_theirs(self, file: ZipFile, person: Person) -> None:
        sections = json.loads(file.read("data.json"))["sections"]

        assert sections["contact_cards"][0]["email"] == EMAIL
        assert len(sections["contact_phones"]) == 2
        assert len(sections["calls"]) == 5, "two of the card, two of its numbers without any, and the recorded visit"
        assert sections["appointments"][0]["deal_value"] == "1200.00"
        assert [row["body"] for row in sections["call_notes"]] == [f"Zuleikha says {SECRET_WORDS}"]
        assert {"messages", "leads", "call_transcripts", "call_analyses", "tasks"} <= set(sections)

    def test_it_says_nothing_of_those_who_work_here(self, file: ZipFile, admin: User) -> None:
        data = file.read("data.json").decode()

        for name in ("Ada Admin", str(admin.id), admin.email):
            assert name not in data

    def test_the_manifest_is_right_and_the_sound_is_there(self, file: ZipFile) -> None:
        manifest = json.loads(file.read("manifest.json"))

        for entry in manifest["files"]:
            content = file.read(entry["name"])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"])
        assert {entry["name"] for entry in manifest["files"]} == set(file.namelist()) - {"manifest.json"}
        sound = {file.read(name) for name in file.namelist() if name.startswith("audio/")}
        assert sound == {b"sound of the call", b"sound of the visit"}

    def test_it_is_the_askers_alone_and_the_trail_tells_of_it(
        self, file: ZipFile, new_client: Callable[[], Client], make: Factories, organization: Organization,
        admin_engine: Engine, person: Person,
    ) -> None:  # fmt: skip
        owner = new_client().sign_in(make.user(organization, Role.OWNER))
        with admin_engine.connect() as connection:
            export_id = connection.scalar(text("SELECT id FROM exports WHERE kind = 'person'"))
            told = connection.execute(
                text("SELECT action, actor_label FROM audit_logs WHERE action LIKE '%export%' ORDER BY created_at")
            ).all()
        owner.get(f"/exports/{export_id}/file", status=404)

        assert [tuple(entry) for entry in told if entry.action != "export.created"] == [
            ("export.completed", "Ada Admin"),
            ("contact_card.exported", "Ada Admin"),
            ("export.downloaded", "Ada Admin"),
        ]
        assert ("export.created", "Ada Admin") in [tuple(entry) for entry in told]

    def test_erasing_them_removes_it(
        self, file: ZipFile, client: Client, person: Person, work: Work, admin_engine: Engine
    ) -> None:
        ask_to_erase(client, person.card.id)
        work()

        with admin_engine.connect() as connection:
            export = connection.execute(text("SELECT status, file_path FROM exports WHERE kind = 'person'")).one()
        assert tuple(export) == ("removed", None)


def test_what_people_typed_is_text_in_the_page_and_names_no_file(
    client: Client, make: Factories, organization: Organization, admin: User, work: Work
) -> None:
    card = make.contact(organization, first_name=HOSTILE, last_name="\u202etxt.exe", custom_metadata={HOSTILE: HOSTILE})
    ask(client.sign_in(admin), f"/privacy/{card.id}/export")
    file = file_of(client, work)
    page = file.read("index.html").decode()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert sorted(file.namelist()) == ["README.txt", "data.json", "index.html", "manifest.json"]


class TestOrganization:
    @pytest.fixture
    def file(self, client: Client, admin: User, person: Person, make: Factories, work: Work) -> ZipFile:
        """The file of the whole organization; another organization has data as well."""
        make.contact(make.organization(), first_name="Stranger")
        make.integration(make.organization())
        ask(client.sign_in(admin), "/organization/export", audio="y")
        return file_of(client, work)

    def rows(self, file: ZipFile, table: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in file.read(f"tables/{table}.jsonl").decode().splitlines()]

    @pytest.mark.usefixtures("stored_numbers")
    def test_it_holds_each_row_and_no_other_organizations(
        self, file: ZipFile, organization: Organization, admin_engine: Engine
    ) -> None:
        with admin_engine.connect() as connection:
            for table in (
                "calls",
                "contact_cards",
                "call_transcripts",
                "tasks",
                "users",
                "messages",
                "webhook_deliveries",
            ):
                # Without the email that alerts owners of this export, which is written after it.
                ours = f"SELECT count(*) FROM {table} one WHERE organization_id = :id"
                count = connection.scalar(
                    text(f"{ours} AND to_jsonb(one) ->> 'template' IS DISTINCT FROM 'security_alert'"),
                    {"id": organization.id},
                )
                assert len(self.rows(file, table)) == count, table
        assert [row["name"] for row in self.rows(file, "organizations")] == ["Blue Ridge Air"]
        assert "Stranger" not in file.read("tables/contact_cards.jsonl").decode()
        assert NAME in file.read("tables/contact_cards.jsonl").decode()

    def test_it_holds_no_secret(self, file: ZipFile, organization: Organization, admin: User) -> None:
        for name, table in Base.metadata.tables.items():
            for row in self.rows(file, name) if f"tables/{name}.jsonl" in file.namelist() else ():
                assert not set(holds.columns_with(table, holds.SECRET)) & set(row), name
        everything = b"".join(file.read(name) for name in file.namelist() if name.startswith("tables/"))
        for secret in (organization.webhook_key, admin.password_hash or ""):
            assert secret.encode() not in everything

    def test_it_lists_the_files_and_holds_the_sound(self, file: ZipFile, person: Person) -> None:
        listed = [json.loads(line) for line in file.read("files.jsonl").decode().splitlines()]

        assert {"key": person.audio, "bytes": len(b"sound of the call")} in listed
        assert file.read(f"files/{person.audio.partition('/')[2]}") == b"sound of the call"

    def test_an_admin_asks_and_a_manager_does_not(
        self, file: ZipFile, new_client: Callable[[], Client], make: Factories, organization: Organization
    ) -> None:
        new_client().sign_in(make.user(organization, Role.MANAGER)).get("/organization/export", status=403)

    def test_erasing_somebody_removes_it(
        self, file: ZipFile, client: Client, person: Person, work: Work, admin_engine: Engine
    ) -> None:
        ask_to_erase(client, person.card.id)
        work()

        with admin_engine.connect() as connection:
            assert connection.scalar(text("SELECT status FROM exports WHERE kind = 'organization'")) == "removed"


def test_every_table_of_an_organization_is_in_it_but_the_seals_and_derived_ones(app: Flask) -> None:
    with app.app_context():
        tables = set(exported_tables())
        derived = {table.name for declared in registry().derived for table in declared.tables}

    assert {"organizations", "calls", "audit_logs", "erasures", Export.__tablename__} <= tables
    of_organizations = {name for name, table in Base.metadata.tables.items() if "organization_id" in table.c}
    assert of_organizations - tables == derived | {"audit_seals"}


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("kind", ["organization", "person"])
def test_a_value_that_cannot_be_read_fails_the_file_right_away_and_is_named(
    client: Client, admin: User, person: Person, work: Work, admin_engine: Engine, behind: Behind, kind: str
) -> None:
    ask(
        client.sign_in(admin), "/organization/export" if kind == "organization" else f"/privacy/{person.card.id}/export"
    )
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE contact_cards SET sms_opt_out_at = '-infinity'"))
    work()

    export, job = behind.one(Export, kind=kind), behind.one(Job, status="failed")
    assert (export.status, job.tries) == ("failed", 1)
    assert "DataError: timestamp too small (before year 1): '-infinity'" in (export.failure or "")
    assert "Contact support." in client.get("/exports").text
    assert "Your export failed." in {one.text for one in behind.rows(Notification)}


def test_an_archive_is_made_a_piece_at_a_time() -> None:
    taken = 0

    def pieces() -> object:
        nonlocal taken
        for _ in range(64):
            taken += 1
            yield bytes(1024 * 1024)

    archive = zipped([Entry("zeros", pieces(), compress=False)], {})  # type: ignore[arg-type]  # an iterator of bytes
    largest = max(len(piece) for piece in archive)

    assert taken == 64
    assert largest < 3 * 1024 * 1024
