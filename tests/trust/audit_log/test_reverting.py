"""Reverting of a single entry, which requires that the record is still as that change left it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.declarations.registry import registry_of
from app.declarations.revertible import Revertible
from app.errors import Conflict, NotFound, VersionConflict
from app.models import Call, Organization, User, Versioned
from app.trust.audit_log.revert_service import MOVED_ON, propose_revert, revert
from tests.support.factories import DAY, Factories
from tests.support.work import at_work, both_at_once
from tests.trust.audit_log.reverting import Story

LATER = DAY + timedelta(days=7)
STATUS = {"booking_status": "booked", "booking_status_source": "user"}


class TestWhatComesOfIt:
    def test_the_fields_of_the_change_are_set_back_and_nothing_else(
        self, story: Story, admin: User, call: Call
    ) -> None:
        entry = story.change(call, **STATUS)
        story.change(call, outcome="resolved")

        story.revert(admin, entry)

        row = story.stored(call)
        assert (row.booking_status, row.booking_status_source, row.outcome) == ("not_booked", "analysis", "resolved")
        assert row.version == 4

    def test_the_trail_tells_who_set_back_which_entry(self, story: Story, admin: User, call: Call) -> None:
        entry = story.change(call, **STATUS)

        story.revert(admin, entry)

        told = story.last_entry(call)
        assert (told.action, told.details) == ("call.reverted", {"entry": str(entry)})
        assert (told.before or {})["booking_status"] == "booked"
        assert (told.after or {})["booking_status"] == "not_booked"

    def test_asking_twice_is_asking_once(self, story: Story, admin: User, call: Call) -> None:
        entry = story.change(call, **STATUS)

        story.revert(admin, entry)
        told = story.last_entry(call)
        story.revert(admin, entry)

        assert story.last_entry(call).id == told.id

    def test_a_revert_can_be_reverted(self, story: Story, admin: User, call: Call) -> None:
        story.revert(admin, story.change(call, **STATUS))

        story.revert(admin, story.last_entry(call).id)

        assert story.stored(call).booking_status == "booked"

    def test_the_last_activity_goes_back_with_the_change(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        lead = make.lead(organization, last_activity_at=DAY)
        entry = story.change(lead, stage="dead", closed_at=LATER, dead_reason="Too far away", last_activity_at=LATER)

        story.revert(admin, entry)

        row = story.stored(lead)
        assert (row.stage, row.closed_at, row.last_activity_at) == ("new", None, DAY)

    def test_a_later_activity_stays_and_refuses_nothing(
        self, app: Flask, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        lead = make.lead(organization, last_activity_at=DAY)
        entry = story.change(lead, stage="qualified", last_activity_at=LATER)
        story.change(lead, source="manual", last_activity_at=LATER + timedelta(days=1))

        with at_work(app, organization.id):
            proposal = propose_revert(story.actor(admin), entry)
        story.revert(admin, entry)

        assert [state.name for state in proposal.fields] == ["stage"]
        row = story.stored(lead)
        assert (row.stage, row.last_activity_at) == ("new", LATER + timedelta(days=1))

    def test_an_activity_alone_is_nothing_to_revert(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        lead = make.lead(organization, last_activity_at=DAY)
        entry = story.change(lead, last_activity_at=LATER)

        with pytest.raises(Conflict, match="set automatically"):
            story.revert(admin, entry)

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            ("appointment", {"deal_value": "12.50", "notes": "Ring twice", "sales_rep_id": None}),
            ("task", {"due_at": DAY, "title": "Another title"}),
            ("contact", {"tags": ["vip", "slow"], "custom_metadata": {"gate": [1, None]}, "zip": "78701"}),
            ("knowledge_item", {"is_active": False, "category": "hours"}),
        ],
    )
    def test_values_of_every_type_come_back_as_they_were(
        self, story: Story, admin: User, make: Factories, organization: Organization, kind: str, values: dict[str, Any]
    ) -> None:
        row = getattr(make, kind)(organization)
        before = story.stored(row)
        entry = story.change(row, **values)

        story.revert(admin, entry)

        after = story.stored(row)
        assert {name: getattr(after, name) for name in values} == {name: getattr(before, name) for name in values}


class TestMovedOn:
    def test_what_was_changed_again_is_left_alone_and_told_with_the_newer_values(
        self, story: Story, admin: User, call: Call
    ) -> None:
        entry = story.change(call, **STATUS)
        story.change(call, booking_status="service_not_offered")

        with pytest.raises(VersionConflict) as refusal:
            story.revert(admin, entry)

        assert refusal.value.extra["current"] == {"booking_status": "service_not_offered"}
        assert story.stored(call).booking_status == "service_not_offered"

    def test_the_page_gets_the_newer_value_field_by_field(
        self, app: Flask, story: Story, admin: User, call: Call
    ) -> None:
        entry = story.change(call, **STATUS)
        story.change(call, booking_status="service_not_offered")

        with at_work(app, story.organization.id):
            proposal = propose_revert(story.actor(admin), entry)

        states = {state.name: state for state in proposal.fields}
        assert states["booking_status"].has_moved
        assert states["booking_status"].now == "service_not_offered"
        assert not states["booking_status_source"].has_moved
        assert (proposal.refusal, proposal.is_possible) == (MOVED_ON, False)

    def test_what_went_on_and_came_back_has_moved_on_too(self, story: Story, admin: User, call: Call) -> None:
        entry = story.change(call, **STATUS)
        story.change(call, booking_status="service_not_offered")
        story.change(call, booking_status="booked")

        with pytest.raises(VersionConflict):
            story.revert(admin, entry)
        assert story.stored(call).booking_status == "booked"

        story.revert(admin, story.last_entry(call).id)
        assert story.stored(call).booking_status == "service_not_offered"

    def test_of_two_at_once_one_is_done(self, app: Flask, story: Story, admin: User, call: Call) -> None:
        first = story.change(call, **STATUS)
        second = story.change(call, outcome="resolved", booking_status_source="import")
        actor = story.actor(admin)

        refused = both_at_once(
            app,
            story.organization.id,
            lambda: revert(actor, second),
            lambda: revert(actor, second),
            lambda: revert(actor, second),
        )

        assert refused == []
        assert story.stored(call).version == 4
        with pytest.raises(NotFound):
            story.revert(admin, uuid4())
        story.revert(admin, first)
        assert story.stored(call).booking_status == "not_booked"

    def test_a_change_at_the_same_time_is_never_lost(self, app: Flask, story: Story, admin: User, call: Call) -> None:
        entry = story.change(call, **STATUS)
        actor = story.actor(admin)

        def change() -> None:
            story.change(call, booking_status="service_not_offered")

        refused = both_at_once(app, story.organization.id, lambda: revert(actor, entry), change)

        assert story.stored(call).booking_status == "service_not_offered"
        assert all(isinstance(one, VersionConflict) for one in refused)


def test_every_declared_field_is_a_column_and_every_model_has_a_version(app: Flask) -> None:
    revertible = [one for one in registry_of(app).resources.values() if isinstance(one.revert, Revertible)]

    assert len(revertible) >= 8
    for resource in revertible:
        assert isinstance(resource.revert, Revertible)
        columns = {column.name for column in resource.model.__table__.columns}
        assert resource.revert.fields.keys() <= columns
        assert resource.revert.able <= resource.revert.fields.keys()
        assert issubclass(resource.model, Versioned)
