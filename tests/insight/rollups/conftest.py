"""A company with all kinds of rows, and its numbers: from the ledgers, and from the rows alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.models import Role
from tests.insight.metrics.company import RandomCompany
from tests.insight.metrics.conftest import (
    ENOUGH,
    NEW_YORK,
    Asking,
    _kept,
    asking,
    company,
    company_in,
    random_company,
)
from tests.insight.rollups.numbers import count_all
from tests.support.cached_rows import CachedRows, driver_connection
from tests.support.database import Fillable
from tests.support.factories import Factories
from tests.support.shared import made_once

__all__ = ["_kept", "asking", "company", "company_in", "random_company"]

_COUNTED = "counted"


@pytest.fixture
def counted_company(
    make: Factories,
    company_in: Callable[[str], RandomCompany],
    asking: Asking,
    admin_engine: Engine,
    fill_database: Callable[[Fillable | None], None],
    run_folder: Path,
    _kept: dict[str, tuple[RandomCompany, CachedRows]],
) -> RandomCompany:
    """The company in New York, all of whose days are stored: counted once per run, and restored by COPY."""

    def count() -> tuple[RandomCompany, CachedRows]:
        company = company_in(NEW_YORK)
        with asking(company, company.staff[Role.MANAGER]):
            count_all()
        with admin_engine.connect() as connection:
            return company, CachedRows(driver_connection(connection))

    if _COUNTED not in _kept:
        _kept[_COUNTED] = made_once(run_folder / "counted-company", count)
    company, rows = _kept[_COUNTED]
    fill_database(rows)
    make.skip_numbers(ENOUGH)
    return company
