"""A pytest plugin that adds two columns to each importable resource, and declares them as imported.

It is loaded before the imports are. `extra_fields.py` contains the tests, and `test_added_field.py` runs them.
"""

from enum import StrEnum
from typing import Any

import pytest
from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine, Text, text
from sqlalchemy.orm import mapped_column

from app.declarations.field import Choice, Field, Imported
from app.declarations.resource import Resource
from app.declarations.stored import not_merged, not_returned
from app.models import holds
from app.people.users.resource import USER
from app.work.appointments.resource import APPOINTMENT
from app.work.calls.part_resource import CALL_ANALYSIS
from app.work.calls.resource import CALL
from app.work.contacts.resource import CONTACT_CARD
from app.work.knowledge.resource import KNOWLEDGE_ITEM
from app.work.leads.resource import LEAD

MERGED = (CONTACT_CARD, LEAD)
RESOURCES = (CALL, CALL_ANALYSIS, CONTACT_CARD, APPOINTMENT, LEAD, KNOWLEDGE_ITEM, USER)


class Patience(StrEnum):
    LOW = "low"
    HIGH = "high"


def _declare(resource: Resource) -> None:
    model: Any = resource.model
    model.patience = mapped_column(Text, nullable=True, info=holds.NOBODY)
    model.mood_of_file = mapped_column(Text, nullable=True, info=holds.NOBODY)
    patience = Imported(("patience",), words={"hurry": Patience.HIGH})
    more = (
        Field("patience", _l("Reason"), Choice(Patience), imported=patience),
        Field("mood", _l("Reason"), imported=Imported(("mood",), longest=20), shows="mood_of_file"),
    )
    object.__setattr__(resource, "fields", (*resource.fields, *more))
    columns = ("patience", "mood_of_file")
    stored = [not_returned("Only the tests of imports need it.", *columns)]
    if resource in MERGED:
        stored.append(not_merged("Only the tests of imports need it.", *columns))
    object.__setattr__(resource, "stored", (*resource.stored, *stored))


for _resource in RESOURCES:
    _declare(_resource)


@pytest.fixture(scope="session", autouse=True)
def _columns(admin_engine: Engine) -> None:
    with admin_engine.begin() as connection:
        for resource in RESOURCES:
            table = resource.model.__tablename__
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN patience text, ADD COLUMN mood_of_file text"))
        connection.execute(text("SELECT settle_rights()"))
