"""One optimistic lock: each model with a version uses it, and nothing else stores or checks versions."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

import app as package
from app.db.context import Context, use_context
from app.errors import VersionConflict
from app.extensions import db
from app.models import Budget, CostKind, ImportMapping, Versioned
from tests.support.company import Company
from tests.support.factories import Factories
from tests.support.models import MODELS

VERSIONED: list[Any] = [model for model in MODELS if issubclass(model, Versioned)]
APP = Path(package.__file__).parent

#: Modules that raise the conflict with the current values of the fields, because they compare the fields.
OTHERWISE_REFUSED = {"trust/audit_log/revert_service.py"}


@pytest.fixture
def at_work(app: Flask, company: Company, make: Factories) -> Iterator[None]:
    """A transaction of an organization that has a row of every model; it is rolled back."""
    whose = {"organization_id": company.organization.id}
    make.assistant(company.organization)
    make.add(Budget(**whose, kind=CostKind.SMS, monthly_amount=Decimal(20)))
    make.add(ImportMapping(**whose, kind="calls", name="Old system", mapping={}))
    with app.app_context(), use_context(Context(organization_id=company.organization.id)):
        yield
        db.session.rollback()


def version_stored(row: Any) -> int:
    model = type(row)
    version: int = db.session.execute(select(model.version).where(model.id == row.id)).scalar_one()
    return version


def any_row(model: Any) -> Any:
    row = db.session.scalars(select(model).limit(1)).first()
    assert row is not None, f"give the organization of this test a row of {model.__name__}"
    return row


def test_every_table_with_a_version_has_a_versioned_model() -> None:
    assert {model for model in MODELS if "version" in model.__table__.columns} == set(VERSIONED)


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("model", VERSIONED, ids=lambda model: model.__name__)
def test_a_flush_of_a_change_raises_the_version_and_forms_opened_before_are_refused(model: Any) -> None:
    row = any_row(model)
    opened_with = row.version
    row.refuse_stale(opened_with, {})

    row.created_at += timedelta(seconds=1)
    db.session.flush()

    assert version_stored(row) == opened_with + 1
    with pytest.raises(VersionConflict) as refusal:
        row.refuse_stale(opened_with, {"name": "as it is now"})
    assert refusal.value.status == 409
    assert refusal.value.extra == {"current_version": opened_with + 1, "current": {"name": "as it is now"}}


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("model", VERSIONED, ids=lambda model: model.__name__)
def test_the_version_stays_where_nothing_changes_that_a_form_shows(model: Any) -> None:
    row = any_row(model)
    opened_with = row.version

    row.created_at += timedelta(0)
    for name in model.unversioned & vars(row).keys():  # except columns that no one reads, such as the password hash
        flag_modified(row, name)
    db.session.flush()

    assert version_stored(row) == opened_with


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("model", VERSIONED, ids=lambda model: model.__name__)
def test_forms_can_be_made_stale_though_no_column_changes(model: Any) -> None:
    row = any_row(model)
    opened_with = row.version

    row.raise_version()
    db.session.flush()

    assert version_stored(row) == opened_with + 1


def test_nothing_but_the_model_raises_or_checks_a_version() -> None:
    by_hand = re.compile(r"\.version \+= |raise VersionConflict")
    found = {str(path.relative_to(APP)) for path in APP.rglob("*.py") if by_hand.search(path.read_text())}
    assert found == {"models/base.py"} | OTHERWISE_REFUSED
