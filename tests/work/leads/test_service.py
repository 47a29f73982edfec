"""Changes to a lead: its stage, closing, assigned users, and audit trail entries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context
from app.db.ids import uuid7
from app.db.session import organization_scope
from app.errors import Conflict, DomainError, Forbidden, NotFound, ValidationFailed, VersionConflict
from app.extensions import db
from app.models import AuditLog, ContactSource, Lead, LeadStage, Organization, Qualification, Role, User
from app.security.permissions import Permission
from app.work.leads import create_service, service
from app.work.leads.rules import LeadInput, NewLeadInput, StageInput
from tests.support.factories import DAY, Factories
from tests.support.work import both_at_once
from tests.work.conftest import ActorOf
from tests.work.leads.conftest import Stored, Told

Do = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def do(app: Flask, organization: Organization) -> Do:
    """Function that runs a change in a separate transaction, and returns its error or None."""

    def work(change: Callable[[], object]) -> DomainError | None:
        return next(iter(both_at_once(app, organization.id, change)), None)

    return work


def move(actor: Any, lead: Lead, stage: LeadStage, version: int = 1, reason: str | None = None) -> Callable[[], object]:
    return lambda: service.set_stage(actor, lead.id, StageInput(stage=stage, dead_reason=reason), version=version)


class TestStages:
    def test_a_move_is_told_and_counts_as_activity(
        self, do: Do, csr: User, lead: Lead, actor_of: ActorOf, stored: Stored, told: Told
    ) -> None:
        begun = datetime.now(UTC)

        assert do(move(actor_of(csr), lead, LeadStage.QUALIFIED)) is None

        assert (stored(lead).stage, stored(lead).version) == ("qualified", 2)
        assert stored(lead).last_activity_at >= begun - timedelta(seconds=1)
        assert told(lead) == ["lead.stage.changed"]

    def test_moving_twice_to_the_same_stage_is_one_move(
        self, do: Do, csr: User, lead: Lead, actor_of: ActorOf, told: Told
    ) -> None:
        for _ in range(2):
            assert do(move(actor_of(csr), lead, LeadStage.QUALIFIED)) is None

        assert told(lead) == ["lead.stage.changed"]

    def test_booked_comes_of_a_booking_only(self, do: Do, manager: User, lead: Lead, actor_of: ActorOf) -> None:
        refused = do(move(actor_of(manager), lead, LeadStage.BOOKED))

        assert isinstance(refused, Conflict)
        assert "Book an appointment to move a lead to Booked." in str(refused.message)

    def test_a_lead_with_a_visit_to_come_stays_booked(
        self, do: Do, make: Factories, organization: Organization, manager: User, actor_of: ActorOf, stored: Stored
    ) -> None:
        lead = make.lead(organization, stage="booked")
        make.appointment(organization, lead_id=lead.id)

        refused = [
            do(move(actor_of(manager), lead, stage, reason="Went elsewhere"))
            for stage in (LeadStage.NEW, LeadStage.DEAD)
        ]

        assert [type(error) for error in refused] == [Conflict, Conflict]
        assert stored(lead).stage == "booked"

    def test_a_deleted_appointment_holds_nothing(
        self, do: Do, make: Factories, organization: Organization, manager: User, actor_of: ActorOf, stored: Stored
    ) -> None:
        lead = make.lead(organization, stage="booked")
        make.appointment(organization, lead_id=lead.id, deleted_at=DAY)

        assert do(move(actor_of(manager), lead, LeadStage.NEW)) is None

        assert stored(lead).stage == "new"

    def test_dead_needs_a_reason_and_closes(
        self, do: Do, csr: User, lead: Lead, actor_of: ActorOf, stored: Stored, told: Told
    ) -> None:
        assert isinstance(do(move(actor_of(csr), lead, LeadStage.DEAD)), ValidationFailed)
        assert stored(lead).closed_at is None

        assert do(move(actor_of(csr), lead, LeadStage.DEAD, reason="Moved away")) is None

        assert (stored(lead).stage, stored(lead).dead_reason) == ("dead", "Moved away")
        assert stored(lead).closed_at is not None
        assert told(lead) == ["lead.closed"]

    def test_a_dead_lead_is_not_closed_again_for_another_reason_unseen(
        self, do: Do, csr: User, manager: User, lead: Lead, actor_of: ActorOf, stored: Stored
    ) -> None:
        do(move(actor_of(csr), lead, LeadStage.DEAD, reason="Moved away"))

        refused = do(move(actor_of(manager), lead, LeadStage.DEAD, reason="Too dear"))

        assert isinstance(refused, VersionConflict)
        assert stored(lead).dead_reason == "Moved away"


class TestReopening:
    @pytest.fixture
    def dead(self, make: Factories, organization: Organization, csr: User) -> Lead:
        """A dead lead of the CSR that was qualified as warm."""
        return make.lead(
            organization,
            csr_id=csr.id,
            stage="dead",
            closed_at=DAY,
            dead_reason="No money",
            qualification_status="warm",
        )

    def test_it_begins_again_where_its_qualification_leaves_it(
        self, do: Do, csr: User, dead: Lead, actor_of: ActorOf, stored: Stored, told: Told
    ) -> None:
        for _ in range(2):
            assert do(lambda: service.reopen(actor_of(csr), dead.id, version=1)) is None

        assert (stored(dead).stage, stored(dead).closed_at, stored(dead).dead_reason) == ("qualified", None, None)
        assert told(dead) == ["lead.reopened"]

    def test_one_with_an_undecided_visit_waits_for_the_decision(
        self,
        do: Do,
        make: Factories,
        organization: Organization,
        csr: User,
        dead: Lead,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        make.appointment(organization, lead_id=dead.id, status="completed", completed_at=DAY)

        do(lambda: service.reopen(actor_of(csr), dead.id, version=1))

        assert stored(dead).stage == "pending"

    def test_a_second_open_lead_is_refused_and_the_first_is_named(
        self,
        do: Do,
        make: Factories,
        organization: Organization,
        csr: User,
        dead: Lead,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        there = make.lead(organization, contact_card_id=dead.contact_card_id, csr_id=csr.id)

        refused = do(lambda: service.reopen(actor_of(csr), dead.id, version=1))

        assert isinstance(refused, Conflict)
        assert refused.extra["lead_id"] == str(there.id)
        assert stored(dead).closed_at is not None

    def test_a_won_lead_is_not_reopened(
        self, do: Do, make: Factories, organization: Organization, manager: User, actor_of: ActorOf
    ) -> None:
        won = make.lead(organization, stage="booked", closed_at=DAY, won_at=DAY)

        assert isinstance(do(lambda: service.reopen(actor_of(manager), won.id, version=1)), Conflict)


class TestPeople:
    def test_a_rep_is_given_a_lead(
        self, do: Do, manager: User, rep: User, lead: Lead, actor_of: ActorOf, stored: Stored, told: Told
    ) -> None:
        assert do(lambda: service.assign(actor_of(manager), lead.id, rep.id, version=1)) is None

        assert stored(lead).assigned_rep_id == rep.id
        assert told(lead) == ["lead.assigned"]

    def test_nobody_else_is(
        self,
        do: Do,
        make: Factories,
        organization: Organization,
        csr: User,
        manager: User,
        lead: Lead,
        actor_of: ActorOf,
    ) -> None:
        gone = make.user(organization, Role.SALES_REP, status="inactive")
        stranger = make.user(make.organization(), Role.SALES_REP)

        for somebody in (csr, gone, stranger):
            refused = do(partial(service.assign, actor_of(manager), lead.id, somebody.id, version=1))
            assert isinstance(refused, ValidationFailed)

    def test_a_csr_does_not_assign(self, do: Do, csr: User, rep: User, lead: Lead, actor_of: ActorOf) -> None:
        assert isinstance(do(lambda: service.assign(actor_of(csr), lead.id, rep.id, version=1)), Forbidden)

    def test_in_turn_those_with_least_come_first_and_then_who_has_waited_longest(
        self,
        do: Do,
        make: Factories,
        organization: Organization,
        manager: User,
        rep: User,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        busy = make.user(organization, Role.SALES_REP)
        make.lead(organization, assigned_rep_id=busy.id)
        make.lead(organization, assigned_rep_id=rep.id, stage="dead", closed_at=DAY)
        given = []
        for _ in range(4):
            lead = make.lead(organization)
            share = partial(service.assign_in_turn, actor_of(manager), lead.id, [busy.id, rep.id], version=1)
            assert do(share) is None
            given.append(stored(lead).assigned_rep_id)

        assert given == [rep.id, busy.id, rep.id, busy.id]

    def test_two_who_share_out_at_once_do_not_find_the_same_rep_free(
        self, app: Flask, make: Factories, organization: Organization, manager: User, actor_of: ActorOf, stored: Stored
    ) -> None:
        reps = [make.user(organization, Role.SALES_REP).id for _ in range(2)]
        leads = [make.lead(organization) for _ in range(2)]

        refused = both_at_once(
            app,
            organization.id,
            *(partial(service.assign_in_turn, actor_of(manager), lead.id, reps, version=1) for lead in leads),
        )

        assert refused == []
        assert {stored(lead).assigned_rep_id for lead in leads} == set(reps)

    def test_a_qualification_of_ones_own_says_so_and_is_told(
        self, do: Do, csr: User, lead: Lead, actor_of: ActorOf, stored: Stored, told: Told
    ) -> None:
        assert do(lambda: edit(actor_of(csr), lead, qualification_status=Qualification.HOT)) is None

        assert (stored(lead).qualification_status, stored(lead).qualification_source) == ("hot", "user")
        assert stored(lead).stage == "new"
        assert told(lead) == ["lead.qualified"]

    def test_a_csr_does_not_credit_somebody_else(
        self, do: Do, csr: User, colleague: User, manager: User, lead: Lead, actor_of: ActorOf, stored: Stored
    ) -> None:
        do(lambda: edit(actor_of(csr), lead, csr_id=colleague.id))
        assert stored(lead).csr_id == csr.id

        do(lambda: edit(actor_of(manager), lead, csr_id=colleague.id))
        assert stored(lead).csr_id == colleague.id

    def test_a_source_that_makes_it_a_second_open_one_is_refused(
        self,
        do: Do,
        make: Factories,
        organization: Organization,
        csr: User,
        lead: Lead,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        other = make.lead(organization, contact_card_id=lead.contact_card_id, csr_id=csr.id, source="otto")

        refused = do(lambda: edit(actor_of(csr), lead, source=ContactSource.OTTO))

        assert isinstance(refused, Conflict)
        assert refused.extra["lead_id"] == str(other.id)
        assert stored(lead).source == "manual"


def edit(actor: Any, lead: Lead, **values: Any) -> Lead:
    given: dict[str, Any] = {"source": ContactSource.MANUAL, "csr_id": lead.csr_id, **values}
    return service.edit(actor, lead.id, LeadInput.of(given), version=1)


@pytest.fixture
def by(app: Flask) -> Callable[[User, Callable[[], Any]], Any]:
    """Function that makes a change on behalf of a user: `by(csr, change)`.

    It returns the refusal or None.
    """

    def work(user: User, change: Callable[[], object]) -> DomainError | None:
        context = Context(organization_id=user.organization_id, actor_id=user.id, actor_label=user.name, source="user")
        with app.app_context(), organization_scope(context, db.session):
            try:
                change()
            except DomainError as refused:
                return refused
            db.session.commit()
            return None

    return work


By = Callable[[User, Callable[[], Any]], Any]


class TestUndo:
    def test_ones_last_change_is_taken_back(
        self, by: By, csr: User, lead: Lead, actor_of: ActorOf, stored: Stored, told: Told
    ) -> None:
        by(csr, move(actor_of(csr), lead, LeadStage.DEAD, reason="Moved away"))

        assert by(csr, lambda: service.undo(actor_of(csr), lead.id, version=2)) is None

        assert (stored(lead).stage, stored(lead).closed_at, stored(lead).dead_reason) == ("new", None, None)
        assert told(lead) == ["lead.closed", "lead.reopened"]

    def test_but_not_twice_nor_what_somebody_else_did(
        self, by: By, csr: User, manager: User, lead: Lead, actor_of: ActorOf, stored: Stored
    ) -> None:
        by(csr, move(actor_of(csr), lead, LeadStage.QUALIFIED))

        assert isinstance(by(manager, lambda: service.undo(actor_of(manager), lead.id, version=2)), Conflict)
        by(csr, lambda: service.undo(actor_of(csr), lead.id, version=2))
        assert isinstance(by(csr, lambda: service.undo(actor_of(csr), lead.id, version=2)), Conflict)
        assert stored(lead).stage == "new"

    def test_whoever_assigns_no_more_takes_no_assignment_back(
        self, by: By, csr: User, rep: User, lead: Lead, actor_of: ActorOf, stored: Stored
    ) -> None:
        assigns = replace(actor_of(csr), granted=frozenset({Permission.LEADS_ASSIGN}))
        by(csr, lambda: service.assign(assigns, lead.id, rep.id, version=1))

        refused = by(csr, lambda: service.undo(actor_of(csr), lead.id, version=2))

        assert isinstance(refused, Forbidden)
        assert stored(lead).assigned_rep_id == rep.id

    def test_an_assignment_goes_back_to_nobody(
        self, by: By, manager: User, rep: User, lead: Lead, actor_of: ActorOf, stored: Stored, told: Told
    ) -> None:
        by(manager, lambda: service.assign(actor_of(manager), lead.id, rep.id, version=1))
        by(manager, lambda: service.undo(actor_of(manager), lead.id, version=2))

        assert stored(lead).assigned_rep_id is None
        assert told(lead) == ["lead.assigned", "lead.assigned"]

    def test_what_could_not_be_written_any_more_stays_away(
        self, by: By, csr: User, lead: Lead, actor_of: ActorOf, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        by(csr, move(actor_of(csr), lead, LeadStage.QUALIFIED))
        told_once = AuditLog(before={"dead_reason": "r" * 501})
        monkeypatch.setattr(service, "find_change", lambda *_asked: told_once)

        refused = by(csr, lambda: service.undo(actor_of(csr), lead.id, version=2))

        assert isinstance(refused, Conflict)
        assert refused.sentence == "The previous value can’t be restored. Use 3 to 500 characters."
        assert (stored(lead).stage, stored(lead).dead_reason) == ("qualified", None)


class TestMaking:
    def test_a_lead_of_a_call_is_credited_and_the_call_is_about_it(
        self, do: Do, make: Factories, organization: Organization, csr: User, actor_of: ActorOf, stored: Stored
    ) -> None:
        contact = make.contact(organization, created_by=csr.id)
        call = make.call(organization, csr=csr, contact_card_id=contact.id)
        lead_id = uuid7()

        for _ in range(2):
            assert do(lambda: create(actor_of(csr), lead_id, contact.id, call_id=call.id)) is None

        assert stored(call).lead_id == lead_id
        lead = stored(Lead(organization_id=organization.id, id=lead_id))
        assert (lead.csr_id, lead.stage, lead.created_by_label) == (csr.id, "new", "Maya Torres")

    def test_a_rep_has_what_they_make(
        self, do: Do, make: Factories, organization: Organization, rep: User, actor_of: ActorOf, stored: Stored
    ) -> None:
        contact, lead_id = make.contact(organization, created_by=rep.id), uuid7()

        assert do(lambda: create(actor_of(rep), lead_id, contact.id)) is None

        assert stored(Lead(organization_id=organization.id, id=lead_id)).assigned_rep_id == rep.id

    def test_a_second_open_one_is_told_which_is_open(self, do: Do, csr: User, lead: Lead, actor_of: ActorOf) -> None:
        refused = do(lambda: create(actor_of(csr), uuid7(), lead.contact_card_id))

        assert isinstance(refused, Conflict)
        assert refused.extra["lead_id"] == str(lead.id)

    def test_but_not_which_where_it_is_not_theirs_to_see(
        self, do: Do, make: Factories, organization: Organization, csr: User, colleague: User, actor_of: ActorOf
    ) -> None:
        contact = make.contact(organization, created_by=csr.id)
        make.lead(organization, contact=contact, csr_id=colleague.id)

        refused = do(lambda: create(actor_of(csr), uuid7(), contact.id))

        assert isinstance(refused, Conflict)
        assert refused.extra["lead_id"] is None

    def test_two_who_make_one_at_once_make_one(
        self, app: Flask, make: Factories, organization: Organization, csr: User, manager: User, actor_of: ActorOf
    ) -> None:
        contact = make.contact(organization, created_by=csr.id)

        refused = both_at_once(
            app,
            organization.id,
            lambda: create(actor_of(csr), uuid7(), contact.id),
            lambda: create(actor_of(manager), uuid7(), contact.id),
        )

        assert [type(error) for error in refused] == [Conflict]

    def test_one_form_sent_twice_at_once_makes_one(
        self, app: Flask, make: Factories, organization: Organization, csr: User, actor_of: ActorOf
    ) -> None:
        contact, lead_id = make.contact(organization, created_by=csr.id), uuid7()

        def send() -> object:
            return create(actor_of(csr), lead_id, contact.id)

        assert both_at_once(app, organization.id, send, send) == []

    def test_somebody_elses_contact_or_call_is_not_there(
        self,
        do: Do,
        make: Factories,
        organization: Organization,
        csr: User,
        colleague: User,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        theirs, mine = (
            make.contact(organization, created_by=colleague.id),
            make.contact(organization, created_by=csr.id),
        )
        call = make.call(organization, csr=colleague)

        assert isinstance(do(lambda: create(actor_of(csr), uuid7(), theirs.id)), ValidationFailed)
        assert isinstance(do(lambda: create(actor_of(csr), uuid7(), mine.id, call_id=call.id)), ValidationFailed)
        assert stored(call).lead_id is None


def create(actor: Any, lead_id: Any, contact_id: Any, **values: Any) -> Lead:
    given = {"contact_card_id": contact_id, "source": ContactSource.MANUAL, **values}
    return create_service.create(actor, lead_id, NewLeadInput.of(given))


class TestOthers:
    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_may_not_write_is_refused(
        self, do: Do, make: Factories, organization: Organization, lead: Lead, actor_of: ActorOf, role: Role
    ) -> None:
        actor = actor_of(make.user(organization, role))

        assert isinstance(do(move(actor, lead, LeadStage.QUALIFIED)), Forbidden)
        assert isinstance(do(lambda: create(actor, uuid7(), lead.contact_card_id)), Forbidden)
        assert isinstance(do(lambda: edit(actor, lead, qualification_status=Qualification.HOT)), Forbidden)
        assert isinstance(do(lambda: service.reopen(actor, lead.id, version=1)), Forbidden)

    def test_a_colleagues_lead_is_not_there(
        self, do: Do, colleague: User, lead: Lead, actor_of: ActorOf, stored: Stored
    ) -> None:
        assert isinstance(do(move(actor_of(colleague), lead, LeadStage.QUALIFIED)), NotFound)
        assert stored(lead).stage == "new"

    def test_a_strangers_lead_is_not_there_for_an_owner(
        self,
        do: Do,
        make: Factories,
        organization: Organization,
        strangers_lead: Lead,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        owner = make.user(organization, Role.OWNER)

        assert isinstance(do(move(actor_of(owner), strangers_lead, LeadStage.QUALIFIED)), NotFound)
        assert stored(strangers_lead).stage == "new"


class TestTwoAtOnce:
    def test_one_of_two_moves_wins_and_the_other_is_told(
        self,
        app: Flask,
        organization: Organization,
        csr: User,
        manager: User,
        lead: Lead,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        refused = both_at_once(
            app,
            organization.id,
            move(actor_of(csr), lead, LeadStage.QUALIFIED),
            move(actor_of(manager), lead, LeadStage.DEAD, reason="Moved away"),
        )

        (conflict,) = refused
        assert isinstance(conflict, VersionConflict)
        assert conflict.extra["current"]["stage"] == stored(lead).stage
        assert stored(lead).version == 2

    def test_the_same_move_twice_at_once_is_one(
        self, app: Flask, organization: Organization, csr: User, lead: Lead, actor_of: ActorOf, told: Told
    ) -> None:
        change = move(actor_of(csr), lead, LeadStage.DEAD, reason="Moved away")

        assert both_at_once(app, organization.id, change, change) == []
        assert told(lead) == ["lead.closed"]

    def test_of_two_dead_leads_of_a_contact_one_is_reopened(
        self, app: Flask, make: Factories, organization: Organization, manager: User, actor_of: ActorOf, stored: Stored
    ) -> None:
        contact = make.contact(organization)
        dead = [
            make.lead(organization, contact=contact, stage="dead", closed_at=DAY, dead_reason="No money")
            for _ in range(2)
        ]

        refused = both_at_once(
            app,
            organization.id,
            *(partial(service.reopen, actor_of(manager), lead.id, version=1) for lead in dead),
        )

        assert [type(error) for error in refused] == [Conflict]
        assert sorted(stored(lead).closed_at is None for lead in dead) == [False, True]
