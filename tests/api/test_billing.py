"""The subscription and the invoices in the JSON API."""

from datetime import timedelta

import pytest

from app.models import Organization, Role, Subscription, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, ids_in, ids_on_page, statements_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories


@pytest.fixture
def as_owner(new_api: NewApi, owner: User) -> ApiClient:
    return new_api(owner)


@pytest.fixture
def subscription(make: Factories, organization: Organization) -> Subscription:
    make.subscription(make.organization(), plan="enterprise")
    return make.subscription(organization, plan="professional")


def test_a_subscription_has_the_limits_of_its_plan(as_manager: ApiClient, subscription: Subscription) -> None:
    shown = data_of(as_manager.get("/subscription"), "subscription")

    assert shown == {
        "id": str(subscription.id),
        "plan": "professional",
        "status": "active",
        "currentPeriodStart": "2026-03-18T16:00:00Z",
        "currentPeriodEnd": "2026-04-18T16:00:00Z",
        "callMinutes": 10_000,
        "teamMembers": 100,
        "phoneNumbers": 25,
        "storageBytes": 107_374_182_400,
        "scheduledPlan": None,
        "scheduledFor": None,
        "usersToDeactivate": [],
        "downgradeRefusedAt": None,
        "paymentFailedAt": None,
        "createdAt": shown["createdAt"],
        "updatedAt": shown["updatedAt"],
        "version": 1,
    }


def test_a_larger_plan_starts_now_and_a_smaller_one_later(
    as_owner: ApiClient, owner: User, subscription: Subscription, organization: Organization, behind: Behind
) -> None:
    larger = data_of(as_owner.post("/subscription/plan", {"plan": "enterprise"}), "subscription")
    later = data_of(as_owner.post("/subscription/plan", {"plan": "starter"}), "subscription")
    kept = data_of(as_owner.post("/subscription/keep"), "subscription")

    assert (larger["plan"], larger["teamMembers"]) == ("enterprise", 1_000)
    assert (later["plan"], later["scheduledPlan"]) == ("enterprise", "starter")
    assert later["scheduledFor"] == later["currentPeriodEnd"]
    assert (kept["scheduledPlan"], kept["scheduledFor"]) == (None, None)
    actions = {(entry.action, entry.user_id) for entry in behind.trail(organization.id, "subscription")}
    assert ("subscription.upgraded", owner.id) in actions


def test_a_smaller_plan_names_who_leaves_and_who_takes_over(
    as_owner: ApiClient, make: Factories, organization: Organization, subscription: Subscription
) -> None:
    leaving, taker = (make.user(organization, role=Role.CSR) for _ in range(2))
    make.task(organization, assignee=leaving)
    sent = {"plan": "starter", "usersToDeactivate": [str(leaving.id)]}

    assert wrong_fields(as_owner.post("/subscription/plan", sent)) == {"takeoverTasks"}
    assert wrong_fields(as_owner.post("/subscription/plan", {**sent, "takeoverTasks": "Ann"})) == {"takeoverTasks"}
    stranger = make.user(make.organization())
    elsewhere = {"plan": "starter", "usersToDeactivate": [str(stranger.id)]}
    assert wrong_fields(as_owner.post("/subscription/plan", elsewhere)) == {"usersToDeactivate"}
    planned = data_of(as_owner.post("/subscription/plan", {**sent, "takeoverTasks": str(taker.id)}), "subscription")
    assert planned["usersToDeactivate"] == [str(leaving.id)]


def test_only_owners_change_the_plan(new_api: NewApi, admin: User, subscription: Subscription) -> None:
    for verb, body in (("plan", {"plan": "enterprise"}), ("keep", None)):
        refused = error_of(new_api(admin).post(f"/subscription/{verb}", body), status=403)
        assert refused["requiredPermission"] == "billing:update"


@pytest.mark.parametrize("query", ["", "?sort=createdAt", "?status=open"])
def test_the_list_has_the_invoices_of_the_page_in_its_order(
    as_owner: ApiClient, client: Client, owner: User, make: Factories, organization: Organization, query: str
) -> None:
    with make.batch():
        for month in range(2):
            make.invoice(organization, issued_at=DAY + timedelta(days=30 * month))
        make.invoice(organization, status="paid", paid_at=DAY)
        make.invoice(make.organization())
    found = ids_in(as_owner, f"/invoices{query}")

    assert found == ids_on_page(client.sign_in(owner), f"/organization/billing/invoices{query}")
    assert len(found) > 1


def test_an_invoice_has_its_amount_as_text(as_owner: ApiClient, make: Factories, organization: Organization) -> None:
    invoice, elsewhere = make.invoice(organization, amount="149.50"), make.invoice(make.organization())
    shown = data_of(as_owner.get(f"/invoices/{invoice.id}"), "invoice")

    assert set(shown) == {
        *("id", "number", "amount", "currency", "status", "periodStart", "periodEnd", "issuedAt", "paidAt"),
        *("createdAt", "updatedAt"),
    }
    assert (shown["amount"], shown["currency"], shown["paidAt"]) == ("149.50", "USD", None)
    assert error_of(as_owner.get(f"/invoices/{elsewhere.id}"), status=404)["resourceType"] == "invoice"


def test_the_list_of_invoices_takes_constant_statements(
    as_owner: ApiClient, make: Factories, organization: Organization, queries: Queries
) -> None:
    make.invoice(organization)
    few = statements_of(as_owner, "/invoices", queries)
    for _ in range(3):
        make.invoice(organization)

    assert statements_of(as_owner, "/invoices", queries) == few <= 5
