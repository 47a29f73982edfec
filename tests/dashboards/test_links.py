"""Every number's links open, for whoever may see the number, and list as many rows as it counts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.dashboards.tiles import Links
from app.metrics.csr import csr_numbers
from app.metrics.metric import Rows, Unit
from app.metrics.missed import missed_call_numbers
from app.metrics.numbers import Number
from app.metrics.rep import rep_numbers
from app.models import Role
from tests.metrics.company import RandomCompany
from tests.metrics.conftest import Asking, asking, company
from tests.support.client import Client

__all__ = ["asking", "company"]  # fixtures

Links_ = list[tuple[str, str, int]]


def _rows_of(number: Number) -> list[tuple[Rows, Any]]:
    """The rows behind a number, with how many there must be."""
    metric, current = number.metric, number.current
    if metric.unit is Unit.COUNT:
        return [(metric.rows, current.value)]
    if metric.second_rows is not None:
        return []  # sums over two lists are numbers of their own
    return [(metric.rows, current.under), *([(metric.numerator, current.over)] if metric.numerator else [])]
