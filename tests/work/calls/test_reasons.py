"""Why a call was not booked: the gravest objection that the analysis found."""

from collections.abc import Sequence

import pytest
from flask import Flask

from app.models import Call, Organization, User
from app.work.calls.follow_up_queries import list_reasons
from tests.support.factories import Factories
from tests.support.work import at_work
from tests.work.conftest import ActorOf


@pytest.mark.parametrize(
    ("categories", "severities", "expected"),
    [
        (["price", "timing", "trust"], ["low", "high", "medium"], "timing"),
        (["price", "timing"], ["medium", "medium"], "price"),
        (["price", "timing"], [None, "low"], "timing"),
        (["price"], [None], "price"),
        ([], [], None),
    ],
)
def test_the_gravest_objection_is_the_reason(
    app: Flask,
    make: Factories,
    organization: Organization,
    csr: User,
    call: Call,
    actor_of: ActorOf,
    categories: Sequence[str],
    severities: Sequence[str | None],
    expected: str | None,
) -> None:
    found = zip(categories, severities, strict=True)
    make.analysis(call, objections=[{"category": category, "severity": severity} for category, severity in found])

    with at_work(app, organization.id):
        assert list_reasons(actor_of(csr), [call.id]).get(call.id) == expected


def test_the_reason_of_a_call_of_others_is_not_told(
    app: Flask, make: Factories, organization: Organization, csr: User, colleague: User, actor_of: ActorOf
) -> None:
    call = make.call(organization, csr=colleague)
    make.analysis(call, objections=[{"category": "price", "severity": "low"}])

    with at_work(app, organization.id):
        assert list_reasons(actor_of(csr), [call.id]) == {}
        assert list_reasons(actor_of(colleague), [call.id]) == {call.id: "price"}
