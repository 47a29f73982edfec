"""Setting back what one entry of the trail changed: only while the record is as that change left it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.audit_log.revert_rules import (
    BY_NOBODY,
    CREATED,
    ELSEWHERE,
    ERASED,
    NOT_A_CHANGE,
    REVERTIBLE,
    SECRET,
    why_never,
)
from app.audit_log.reverting import GONE, IN_TRASH, MOVED_ON, propose_revert, revert
from app.errors import Conflict, EventTimeConflict, Forbidden, NotFound, VersionConflict
from app.models import Call, Organization, Role, User, Versioned
from app.security.permissions import Permission
from tests.audit_log.reverting import Story
from tests.support.factories import DAY, Factories
from tests.support.work import at_work, both_at_once

STATUS = {"booking_status": "booked", "booking_status_source": "user"}


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN, name="Ada Admin")


@pytest.fixture
def call(make: Factories, organization: Organization) -> Call:
    return make.call(organization, booking_status="not_booked", booking_status_source="analysis")


@pytest.fixture
def story(app: Flask, admin_engine: Engine, organization: Organization) -> Story:
    return Story(app, admin_engine, organization)


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

    def test_a_lead_that_is_set_back_has_had_activity(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        lead = make.lead(organization, last_activity_at=DAY)
        entry = story.change(lead, stage="dead", closed_at=DAY, dead_reason="Too far away")

        story.revert(admin, entry)

        row = story.stored(lead)
        assert (row.stage, row.closed_at, row.dead_reason) == ("new", None, None)
        assert datetime.now(UTC) - row.last_activity_at < timedelta(minutes=1)

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

    def test_what_went_on_and_came_back_can_be_set_back(self, story: Story, admin: User, call: Call) -> None:
        entry = story.change(call, **STATUS)
        story.change(call, booking_status="service_not_offered")
        story.change(call, booking_status="booked")

        story.revert(admin, entry)

        assert story.stored(call).booking_status == "not_booked"

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


class TestRefusals:
    def test_a_record_in_the_trash(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        task = make.task(organization)
        entry = story.change(task, title="Another title")
        make.deletion(task)

        with pytest.raises(Conflict) as refusal:
            story.revert(admin, entry)
        assert refusal.value.message == IN_TRASH

    def test_a_record_that_is_gone(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        task = make.task(organization)
        entry = story.change(task, title="Another title")
        story.as_owner(f"DELETE FROM tasks WHERE id = '{task.id}'")

        with pytest.raises(Conflict) as refusal:
            story.revert(admin, entry)
        assert refusal.value.message == GONE

    def test_an_entry_whose_values_were_erased(self, story: Story, admin: User, call: Call) -> None:
        entry = story.change(call, **STATUS)
        story.as_owner(
            "SET LOCAL session_replication_role = replica",
            f"UPDATE audit_logs SET before = NULL, after = NULL, salt = NULL, redacted_at = now() WHERE id = '{entry}'",
        )

        with pytest.raises(Conflict) as refusal:
            story.revert(admin, entry)
        assert refusal.value.message == ERASED

    def test_values_that_do_not_fit_any_more(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        contact = make.contact(organization)
        lead = make.lead(organization, contact=contact)
        entry = story.change(lead, closed_at=DAY, stage="dead")
        make.lead(organization, contact=contact)

        with pytest.raises(Conflict):
            story.revert(admin, entry)
        assert story.stored(lead).closed_at == DAY

    def test_a_time_that_is_taken_by_now(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        rep = make.user(organization, Role.SALES_REP)
        times: dict[str, Any] = {"scheduled_start_at": DAY, "scheduled_end_at": DAY + timedelta(hours=1)}
        visit = make.appointment(organization, sales_rep_id=rep.id, **times)
        later = {name: moment + timedelta(days=1) for name, moment in times.items()}
        entry = story.change(visit, **later)
        make.appointment(organization, sales_rep_id=rep.id, **times)

        with pytest.raises(EventTimeConflict):
            story.revert(admin, entry)
        assert story.stored(visit).scheduled_start_at == later["scheduled_start_at"]

    def test_work_does_not_go_back_to_who_has_left(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        gone = make.user(organization, status="inactive")
        task = make.task(organization, assignee=gone)
        entry = story.change(task, assigned_to_user_id=admin.id)

        with pytest.raises(Conflict) as refusal:
            story.revert(admin, entry)
        assert refusal.value.extra["conflict_field"] == "assigned_to_user_id"

    def test_credit_for_a_call_does(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        gone = make.user(organization, status="inactive")
        call = make.call(organization, csr=gone)
        entry = story.change(call, csr_id=admin.id)

        story.revert(admin, entry)

        assert story.stored(call).csr_id == gone.id

    @pytest.mark.parametrize(
        ("resource", "before", "after", "sentence"),
        [
            ("call", None, None, NOT_A_CHANGE),
            ("call", None, {"status": "completed"}, CREATED),
            ("user", {"role": "csr"}, {"role": "owner"}, ELSEWHERE["user"]),
            ("user", {"password_hash": "[redacted]"}, {"password_hash": "[redacted]"}, SECRET),
            ("subscription", {"plan": "starter"}, {"plan": "enterprise"}, ELSEWHERE["subscription"]),
            ("session", {"revoked_at": None}, {"revoked_at": "2026-03-18"}, ELSEWHERE["session"]),
            ("call", {"duration_seconds": 4}, {"duration_seconds": 5}, BY_NOBODY),
            ("call", {"duration_seconds": 4, "outcome": None}, {"duration_seconds": 5, "outcome": "spam"}, BY_NOBODY),
            ("call", {"version": 1}, {"version": 2}, BY_NOBODY),
            ("lead", {"deleted_at": None}, {"deleted_at": "2026-03-18"}, ELSEWHERE["deletion_batch"]),
        ],
    )
    def test_what_nobody_can_revert_says_why(self, resource: str, before: Any, after: Any, sentence: object) -> None:
        assert why_never(resource, before, after, is_erased=False) == sentence

    def test_another_organizations_entry_is_not_found(self, story: Story, make: Factories, call: Call) -> None:
        entry = story.change(call, **STATUS)
        stranger = make.user(make.organization(), Role.OWNER)

        with pytest.raises(NotFound):
            story.revert(stranger, entry)


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.MANAGER, Role.EXEC])
    def test_not_who_lacks_the_permission(
        self, story: Story, make: Factories, organization: Organization, call: Call, role: Role
    ) -> None:
        entry = story.change(call, **STATUS)

        with pytest.raises(Forbidden) as refusal:
            story.revert(make.user(organization, role), entry)
        assert refusal.value.extra["required_permission"] == "audit:revert"

    def test_not_who_may_revert_but_not_write(
        self, story: Story, make: Factories, organization: Organization, call: Call
    ) -> None:
        entry = story.change(call, **STATUS)

        with pytest.raises(Forbidden) as refusal:
            story.revert(make.user(organization, Role.EXEC), entry, Permission.AUDIT_REVERT)
        assert refusal.value.extra["required_permission"] == "calls:reclassify"

    def test_not_who_may_write_own_rows_only(self, story: Story, make: Factories, organization: Organization) -> None:
        csr = make.user(organization)
        call = make.call(organization, csr=csr)
        entry = story.change(call, **STATUS)

        with pytest.raises(Forbidden):
            story.revert(csr, entry, Permission.AUDIT_REVERT)


def test_every_declared_field_is_a_column_and_every_model_has_a_version() -> None:
    for kind in REVERTIBLE.values():
        columns = {column.name for column in kind.model.__table__.columns}
        assert kind.fields.keys() <= columns
        assert kind.able <= kind.fields.keys()
        assert issubclass(kind.model, Versioned)
