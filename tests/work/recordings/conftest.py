"""A rep with an appointment, and the requests of their phone."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.models import Appointment, Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.storage import storage
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Phone:
    """A phone on which a rep is signed in, at an appointment."""

    app: Flask
    client: Client
    visit: Appointment

    def begin(self, consent: str = "given", *, status: int = 303) -> str:
        """Submit the answer about consent, and return the URL of the recording."""
        form = {"row_id": str(uuid4()), "consent": consent}
        page = self.client.post(f"/appointments/{self.visit.id}/recordings/new", form, status=status)
        return str(page.headers.get("Location", ""))

    def part(self, address: str, number: int, content: bytes, *, digest: str | None = None, status: int = 200) -> Page:
        """Upload a part of the recording.

        The test client leaves a file open for parts of more than 500 kB.
        """
        form: dict[str, Any] = {"number": str(number), "sha256": digest or sha256(content).hexdigest()}
        form["part"] = (io.BytesIO(content), "part")
        return self.client.post(f"{address}/parts", form, headers=JSON, status=status)

    def finish(self, address: str, count: int, *, status: int = 200, **values: str) -> Page:
        """Report that the recording has ended and consists of `count` parts."""
        return self.client.post(f"{address}/finish", {"parts": str(count), **values}, headers=JSON, status=status)

    def send(self, address: str, pieces: Sequence[bytes]) -> None:
        """Upload all parts in order, and finish the recording."""
        for number, piece in enumerate(pieces, 1):
            self.part(address, number, piece)
        self.finish(address, len(pieces))

    def work(self) -> None:
        """Have the worker run the pending jobs."""
        run_worker(self.app, schedule=(), until_idle=True)

    def file(self, key: str) -> bytes:
        """Return the contents of the file stored under `key`."""
        with self.app.app_context():
            return storage().path(key).read_bytes()

    def files(self) -> list[str]:
        """Return the keys of all files of the organization."""
        with self.app.app_context():
            return list(storage().list_keys(self.visit.organization_id))


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP, name="Rita Rep")


@pytest.fixture
def visit(make: Factories, organization: Organization, rep: User) -> Appointment:
    ruth = make.contact(organization, first_name="Ruth", last_name="Delgado")
    return make.appointment(organization, contact=ruth, sales_rep_id=rep.id)


@pytest.fixture
def phone(app: Flask, client: Client, rep: User, visit: Appointment) -> Phone:
    return Phone(app, client.sign_in(rep), visit)
