"""Concurrent merges on separate connections, of which one takes effect, and locks on merged leads."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import OperationalError

from app.db.ids import uuid7
from app.declarations.merging import MergePair
from app.errors import Conflict, DatabaseUnavailable
from app.models import Call, ContactCard, ContactMerge, Lead, Organization, User
from app.work.merging import merge_run_service
from app.work.merging.merge_service import merge
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work, both_at_once

ROUNDS = 5


def merging(by: User, kept: ContactCard, merged: ContactCard, merge_id: UUID | None = None) -> Callable[[], object]:
    made = merge_id or uuid7()
    return lambda: merge(acting(by), kept.id, merged.id, made, {}, versions=(kept.version, merged.version))


def test_of_two_merges_that_cross_one_wins(
    app: Flask, make: Factories, behind: Behind, organization: Organization, manager: User
) -> None:
    for _ in range(ROUNDS):
        one, other = make.contact(organization), make.contact(organization)
        calls = [make.call(organization, contact_card_id=card.id) for card in (one, other)]

        refused = both_at_once(app, organization.id, merging(manager, one, other), merging(manager, other, one))

        assert [type(error) for error in refused] in ([Conflict], [DatabaseUnavailable])
        [left] = [card for card in (one, other) if behind.one(ContactCard, id=card.id).deleted_at is None]
        assert {behind.one(Call, id=call.id).contact_card_id for call in calls} == {left.id}


def test_of_a_chain_of_merges_nothing_is_lost(
    app: Flask, make: Factories, behind: Behind, organization: Organization, manager: User
) -> None:
    for _ in range(ROUNDS):
        first, second, third = (make.contact(organization) for _ in range(3))
        calls = [make.call(organization, contact_card_id=card.id) for card in (first, second, third)]

        refused = both_at_once(app, organization.id, merging(manager, second, first), merging(manager, third, second))

        assert len(refused) == 1
        live = {card.id for card in (first, second, third) if behind.one(ContactCard, id=card.id).deleted_at is None}
        assert len(live) == 2
        assert {behind.one(Call, id=call.id).contact_card_id for call in calls} == live


def test_two_of_the_same_are_one_merge(
    app: Flask, make: Factories, behind: Behind, organization: Organization, manager: User
) -> None:
    for _ in range(ROUNDS):
        one, other = make.contact(organization), make.contact(organization)

        refused = both_at_once(app, organization.id, merging(manager, one, other), merging(manager, one, other))

        assert [type(error) for error in refused] in ([Conflict], [DatabaseUnavailable])
        behind.one(ContactMerge, merged_card_id=other.id)


def test_a_form_that_is_sent_twice_at_once_is_one_merge_and_no_error(
    app: Flask, make: Factories, behind: Behind, organization: Organization, manager: User
) -> None:
    for _ in range(ROUNDS):
        one, other, made = make.contact(organization), make.contact(organization), uuid7()

        again = merging(manager, one, other, made)

        assert both_at_once(app, organization.id, again, again) == []
        behind.one(ContactMerge, id=made)


def test_a_lead_that_is_merged_is_not_changed_meanwhile(
    app: Flask, admin_engine: Engine, make: Factories, behind: Behind, organization: Organization, manager: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A lead can't be closed while it is being merged, since both leads are locked."""
    one, other = make.contact(organization), make.contact(organization)
    leads = [
        make.lead(organization, contact=one, source="callrail", stage="new"),
        make.lead(organization, contact=other, source="callrail", stage="qualified"),
    ]
    waited = []

    def close_meanwhile(_pair: MergePair) -> None:
        for lead in leads:
            with admin_engine.connect() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
                closed = update(Lead).where(Lead.id == lead.id)
                with pytest.raises(OperationalError, match="lock timeout"):
                    connection.execute(closed.values(stage="dead", closed_at=DAY, dead_reason="Moved away"))
                waited.append(lead)

    monkeypatch.setattr(merge_run_service, "follow", close_meanwhile)

    with at_work(app, organization.id):
        merging(manager, one, other)()

    assert waited == leads
    kept = behind.one(Lead, id=leads[0].id)
    assert (kept.stage, kept.closed_at) == ("qualified", None)
