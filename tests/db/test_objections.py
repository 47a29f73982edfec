"""The categories of a call's objections are in indexed columns, by which they are counted and found."""

import psycopg
import pytest
from flask import Flask

from app.extensions import db
from app.models import Call, CallAnalysis, Organization, Role
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.plans import recorded_plans


@pytest.fixture
def call(make: Factories, organization: Organization) -> Call:
    return make.call(organization)


def columns(analysis: CallAnalysis) -> tuple[list[str], list[int | None]]:
    return analysis.objection_categories, analysis.objection_severities


def test_each_category_stands_once_with_the_worst_of_its_severities(make: Factories, call: Call) -> None:
    raised = [
        {"category": "visit_fee", "severity": "low"},
        {"category": "too_expensive", "severity": "medium"},
        {"category": "visit_fee", "severity": "high"},
        {"category": "ask_spouse", "severity": "unheard of"},
        {"text": "No category."},
        "no object",
    ]

    assert columns(make.analysis(call, objections=raised)) == (
        ["visit_fee", "too_expensive", "ask_spouse"],
        [3, 2, None],
    )


def test_what_found_nothing_has_none(make: Factories, call: Call) -> None:
    assert columns(make.analysis(call)) == ([], [])


def test_however_much_an_analysis_says_it_is_stored(make: Factories, call: Call) -> None:
    raised = [{"category": f"{number:02}" + "😀" * 100, "severity": "high"} for number in range(30)]

    categories, severities = columns(make.analysis(call, objections=raised))

    assert categories == [f"{number:02}" + "😀" * 48 for number in range(10)]
    assert severities == [3] * 10


def test_a_change_of_the_objections_changes_them_and_leaves_one_entry_of_the_trail(
    make: Factories, behind: Behind, database: WorkerDatabase, call: Call
) -> None:
    analysis = make.analysis(call, objections=[{"category": "visit_fee"}])
    with psycopg.connect(database.url("app_owner")) as owner:
        changed = owner.execute(
            """
            UPDATE call_analyses SET objections = '[{"category": "ask_spouse"}]' WHERE id = %s
            RETURNING objection_categories
            """,
            [analysis.id],
        ).fetchone()
        entries = owner.execute(
            "SELECT after FROM audit_logs WHERE resource_id = %s AND action = 'call_analysis.updated'", [analysis.id]
        ).fetchall()

    assert changed == (["ask_spouse"],)
    assert entries == [({"objections": [{"category": "ask_spouse"}]},)]


@pytest.mark.parametrize("page", ["/csr?period=last_90", "/calls?objection=visit_fee&period=last_90"])
def test_they_are_counted_and_found_by_their_index(
    app: Flask, client: Client, make: Factories, organization: Organization, call: Call, page: str
) -> None:
    make.analysis(call, objections=[{"category": "visit_fee"}])
    client.sign_in(make.user(organization, Role.MANAGER))
    with app.app_context():
        engine = db.engine

    with recorded_plans(engine) as plans:
        client.get(page)

    assert [plan for plan in plans if "idx_call_analyses_objections" in plan]
