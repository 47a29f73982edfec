"""Changes that can't be reverted, or not by this user, with an explanation for each refusal."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.declarations.registry import registry_of
from app.errors import Conflict, EventTimeConflict, Forbidden, NotFound
from app.models import Call, Organization, Role, User
from app.security.permissions import Permission
from app.trust.audit_log.revert_rules import BY_NOBODY, CREATED, ERASED, NOT_A_CHANGE, SECRET, why_never
from app.trust.audit_log.revert_service import GONE, IN_TRASH
from tests.support.factories import DAY, Factories
from tests.trust.audit_log.reverting import Story

STATUS = {"booking_status": "booked", "booking_status_source": "user"}


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

    def test_a_value_that_nobody_could_write_any_more(
        self, story: Story, admin: User, make: Factories, organization: Organization
    ) -> None:
        task = make.task(organization, due_at=DAY.replace(year=2300))
        entry = story.change(task, due_at=DAY)

        with pytest.raises(Conflict) as refusal:
            story.revert(admin, entry)
        assert refusal.value.sentence.startswith("The previous value can’t be restored. Enter a date and time")
        assert story.stored(task).due_at == DAY

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
            ("user", {"role": "csr"}, {"role": "owner"}, "user"),
            ("user", {"password_hash": "[redacted]"}, {"password_hash": "[redacted]"}, SECRET),
            ("subscription", {"plan": "starter"}, {"plan": "enterprise"}, "subscription"),
            ("session", {"revoked_at": None}, {"revoked_at": "2026-03-18"}, "session"),
            ("call", {"duration_seconds": 4}, {"duration_seconds": 5}, BY_NOBODY),
            ("call", {"duration_seconds": 4, "outcome": None}, {"duration_seconds": 5, "outcome": "spam"}, BY_NOBODY),
            ("call", {"version": 1}, {"version": 2}, BY_NOBODY),
            ("lead", {"deleted_at": None}, {"deleted_at": "2026-03-18"}, "deletion_batch"),
        ],
    )
    def test_what_nobody_can_revert_says_why(
        self, app: Flask, resource: str, before: Any, after: Any, sentence: object
    ) -> None:
        """A change that no one can revert is refused with the reason.

        If the parameter `sentence` is the name of a resource, the reason is that resource's `revert` text.
        """
        with app.app_context():
            said = why_never(resource, before, after, is_erased=False)

        named = registry_of(app).resources.get(str(sentence)) if isinstance(sentence, str) else None
        assert said == (named.revert if named else sentence)

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
