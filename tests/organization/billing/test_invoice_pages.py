"""Pages for invoices, costs and their budgets."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from app.models import Budget, CostKind, Organization, Subscription, UsageCost, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories

Now = Callable[[], Subscription]
Rows = Callable[..., Sequence[Any]]

BILLING = "/organization/billing"
PLAN = f"{BILLING}/plan"


def test_costs_stand_beside_their_budgets(
    make: Factories, organization: Organization, owner: User, client: Client
) -> None:
    now = datetime.now(UTC)
    for moment, amount in ((now, "12.345678"), (now - timedelta(days=40), "99")):
        make.add(
            UsageCost(
                organization_id=organization.id,
                kind=CostKind.SMS,
                occurred_at=moment,
                quantity=1,
                unit_cost=Decimal(amount),
                amount=Decimal(amount),
            )
        )
    make.add(Budget(organization_id=organization.id, kind=CostKind.SMS, monthly_amount=12))
    page = client.sign_in(owner).get(BILLING)

    assert "$12.35" in page.text
    assert "$99" not in page.text
    assert "Used up" in page.text


def test_an_owner_sets_a_budget_changes_it_and_takes_it_away(
    owner: User, client: Client, rows: Rows, admin_engine: Engine
) -> None:
    address = f"{BILLING}/budget"
    client.sign_in(owner)
    for amount, stored in (("149.50", Decimal("149.50")), ("20,5", Decimal("20.50"))):
        fields = client.get(f"{address}?kind=sms").fields(address)
        client.post(address, {**fields, "monthly_amount": amount})
        assert [budget.monthly_amount for budget in rows(Budget)] == [stored]

    stale = client.get(f"{address}?kind=sms").fields(address)
    client.post(address, {**stale, "monthly_amount": "30"})
    page = client.post(address, {**stale, "monthly_amount": "40"}, status=409)
    assert "30.00" in page.text

    client.post(address, {**page.fields(address), "monthly_amount": ""})
    assert rows(Budget) == []
    assert "Enter an amount" in client.post(address, {**stale, "monthly_amount": "much"}, status=400).text


def test_invoices_are_listed_filtered_and_shown(
    make: Factories, organization: Organization, owner: User, client: Client
) -> None:
    paid = make.invoice(organization, number="A-1", status="paid", paid_at=DAY, amount=Decimal("499.5"))
    make.invoice(organization, number="A-2", amount=Decimal(120), currency="EUR")
    client.sign_in(owner)

    listed = client.get(f"{BILLING}/invoices")
    assert "$499.50" in listed.text
    assert "€120" in listed.text
    filtered = client.get(f"{BILLING}/invoices?status=paid")
    assert "A-1" in filtered.text
    assert "A-2" not in filtered.text
    shown = client.get(f"{BILLING}/invoices/{paid.id}")
    assert shown.heading == "Invoice A-1"
    assert "Blue Ridge Air" in shown.text


def test_an_invoice_of_others_is_not_found(make: Factories, owner: User, client: Client) -> None:
    theirs = make.invoice(make.organization())

    assert client.sign_in(owner).status_of("GET", f"{BILLING}/invoices/{theirs.id}") == 404


def test_the_list_of_invoices_asks_the_same_number_of_questions(
    make: Factories,
    organization: Organization,
    owner: User,
    client: Client,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client.sign_in(owner)
    addresses = (BILLING, f"{BILLING}/invoices")
    for address in addresses:
        client.get(address)  # both rounds add invoices after this visit: finding new ones takes a query
    counts = []
    for more in (3, 30):
        for _ in range(more):
            make.invoice(organization)
        for address in addresses:
            client.get(address)
            with queries() as sent:
                client.get(address)
            counts.append(len(sent))

    assert counts[:2] == counts[2:]
    assert counts[1] <= 10
