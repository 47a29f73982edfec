"""Changes to a task, the permissions that they require, and their audit trail entries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.errors import (
    Conflict,
    DomainError,
    Forbidden,
    NotFound,
    TaskAlreadyCompleted,
    ValidationFailed,
    VersionConflict,
)
from app.models import Organization, PendingAction, Role, Task, TaskPriority, TaskStatus, User, UserPermission
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.tasks import service
from app.work.tasks.rules import Links, NewTaskInput, TaskInput
from tests.support.factories import DAY, Factories
from tests.support.work import at_work, both_at_once
from tests.work.calls.conftest import Trail
from tests.work.conftest import ActorOf

Stored = Callable[[Any], Any]
Does = Callable[[Callable[[], object]], object]


@pytest.fixture
def does(app: Flask, organization: Organization) -> Does:
    """Function that calls its argument in a separate transaction."""

    def do(work: Callable[[], object]) -> object:
        with at_work(app, organization.id):
            return work()

    return do


@pytest.fixture
def task(make: Factories, organization: Organization, csr: User) -> Task:
    """A pending task of the CSR."""
    return make.task(organization, assignee=csr)


class TestCompleting:
    def test_it_says_when_and_what_it_was_before(
        self, does: Does, actor_of: ActorOf, csr: User, task: Task, stored: Stored, trail: Trail
    ) -> None:
        assert does(lambda: service.complete(actor_of(csr), task.id)) is TaskStatus.PENDING

        now = stored(task)
        assert (now.status, now.version, now.completed_at is not None) == ("completed", 2, True)
        assert [entry.resource_id for entry in trail("task.completed")] == [task.id]

    def test_the_pending_action_that_it_was_made_from_is_completed_with_it(
        self, does: Does, actor_of: ActorOf, csr: User, make: Factories, organization: Organization, stored: Stored
    ) -> None:
        action = make.pending_action(organization)
        decoy: PendingAction = make.pending_action(organization)
        task = make.task(organization, assignee=csr, pending_action_id=action.id)

        does(lambda: service.complete(actor_of(csr), task.id))
        assert (stored(action).status, stored(decoy).status) == ("completed", "open")

        does(lambda: service.reopen(actor_of(csr), task.id))
        assert stored(action).status == "open"

    def test_one_that_is_completed_says_by_whom(
        self, does: Does, actor_of: ActorOf, csr: User, manager: User, task: Task
    ) -> None:
        does(lambda: service.complete(actor_of(csr), task.id))

        with pytest.raises(TaskAlreadyCompleted) as refused:
            does(lambda: service.complete(actor_of(manager), task.id))
        assert (refused.value.code, refused.value.status) == ("TASK_ALREADY_COMPLETED", 409)

    def test_of_two_at_once_one_completes_and_the_other_is_told(
        self,
        app: Flask,
        organization: Organization,
        actor_of: ActorOf,
        csr: User,
        manager: User,
        task: Task,
        stored: Stored,
        trail: Trail,
    ) -> None:
        refused = both_at_once(
            app,
            organization.id,
            lambda: service.complete(actor_of(csr), task.id),
            lambda: service.complete(actor_of(manager), task.id),
        )

        assert [type(error) for error in refused] == [TaskAlreadyCompleted]
        assert stored(task).version == 2
        assert len(trail("task.completed")) == 1

    def test_many_completions_at_once_complete_a_task_and_its_action_once(
        self, app: Flask, make: Factories, organization: Organization, actor_of: ActorOf, csr: User, stored: Stored
    ) -> None:
        action = make.pending_action(organization)
        task = make.task(organization, assignee=csr, pending_action_id=action.id)

        def finish() -> object:
            return service.complete(actor_of(csr), task.id)

        refused = both_at_once(app, organization.id, finish, finish, finish)

        assert [type(error) for error in refused] == [TaskAlreadyCompleted] * 2
        assert (stored(action).status, stored(task).version) == ("completed", 2)


class TestStates:
    @pytest.mark.parametrize(
        ("change", "status"),
        [(service.start, "in_progress"), (service.cancel, "cancelled")],
        ids=["start", "cancel"],
    )
    def test_a_pending_one_is_started_or_cancelled_and_waits_again(
        self,
        does: Does,
        actor_of: ActorOf,
        csr: User,
        task: Task,
        stored: Stored,
        change: Callable[[Actor, UUID], Task],
        status: str,
    ) -> None:
        does(lambda: change(actor_of(csr), task.id))
        does(lambda: change(actor_of(csr), task.id))
        assert (stored(task).status, stored(task).version) == (status, 2), "twice is once"

        back = service.pause if status == "in_progress" else service.reopen
        does(lambda: back(actor_of(csr), task.id))
        assert (stored(task).status, stored(task).completed_at) == ("pending", None)

    def test_reopening_gives_back_the_status_that_is_asked_for(
        self, does: Does, actor_of: ActorOf, csr: User, task: Task, stored: Stored, trail: Trail
    ) -> None:
        does(lambda: service.complete(actor_of(csr), task.id))
        does(lambda: service.reopen(actor_of(csr), task.id, TaskStatus.IN_PROGRESS))

        assert (stored(task).status, stored(task).completed_at) == ("in_progress", None)
        assert len(trail("task.reopened")) == 1

    @pytest.mark.parametrize("status", ["completed", "cancelled"])
    @pytest.mark.parametrize(
        "change",
        [
            service.start,
            service.pause,
            lambda actor, task_id: service.snooze(actor, task_id, DAY),
        ],
        ids=["start", "pause", "snooze"],
    )
    def test_what_is_not_open_is_reopened_first(
        self,
        does: Does,
        actor_of: ActorOf,
        csr: User,
        make: Factories,
        organization: Organization,
        stored: Stored,
        status: str,
        change: Callable[[Actor, UUID], object],
    ) -> None:
        done = make.task(organization, assignee=csr, status=status, completed_at=DAY if status == "completed" else None)

        with pytest.raises(Conflict):
            does(lambda: change(actor_of(csr), done.id))
        assert stored(done).version == 1

    def test_a_cancelled_one_is_not_completed(
        self, does: Does, actor_of: ActorOf, csr: User, make: Factories, organization: Organization
    ) -> None:
        gone = make.task(organization, assignee=csr, status="cancelled")

        with pytest.raises(Conflict):
            does(lambda: service.complete(actor_of(csr), gone.id))


def test_snoozing_leaves_the_date_and_tells_the_moment_before(
    does: Does, actor_of: ActorOf, csr: User, task: Task, stored: Stored, trail: Trail
) -> None:
    later = DAY + timedelta(days=1)

    assert does(lambda: service.snooze(actor_of(csr), task.id, later)) is None
    assert does(lambda: service.snooze(actor_of(csr), task.id, later)) == later

    assert (stored(task).snoozed_until, stored(task).due_at) == (later, DAY)
    assert len(trail("task.snoozed")) == 1


def test_who_is_given_a_snoozed_task_sees_it_at_once(
    does: Does, actor_of: ActorOf, manager: User, colleague: User, task: Task, stored: Stored
) -> None:
    does(lambda: service.snooze(actor_of(manager), task.id, DAY + timedelta(days=900)))

    before = stored(task).snoozed_until
    does(lambda: service.assign(actor_of(manager), task.id, colleague.id))
    assert stored(task).snoozed_until is None

    does(lambda: service.assign(actor_of(manager), task.id, None, snoozed_until=before))
    assert stored(task).snoozed_until == DAY + timedelta(days=900)


class TestAssigning:
    def test_a_manager_gives_it_to_somebody_else_and_to_nobody(
        self, does: Does, actor_of: ActorOf, manager: User, colleague: User, csr: User, task: Task, stored: Stored,
        trail: Trail,
    ) -> None:  # fmt: skip
        assert does(lambda: service.assign(actor_of(manager), task.id, colleague.id)) == (csr.id, None)
        assert stored(task).assigned_to_user_id == colleague.id
        does(lambda: service.assign(actor_of(manager), task.id, None))
        assert stored(task).assigned_to_user_id is None
        assert len(trail("task.assigned")) == 2

    def test_what_kind_of_person_has_it_is_kept_too(
        self, does: Does, actor_of: ActorOf, manager: User, make: Factories, organization: Organization, task: Task,
        stored: Stored,
    ) -> None:  # fmt: skip
        rep = make.user(organization, Role.SALES_REP)
        does(lambda: service.assign(actor_of(manager), task.id, rep.id))

        assert stored(task).assigned_to_type == "sales_rep"

    def test_a_csr_gives_it_to_nobody_else(
        self, does: Does, actor_of: ActorOf, csr: User, colleague: User, task: Task, stored: Stored
    ) -> None:
        with pytest.raises(ValidationFailed):
            does(lambda: service.assign(actor_of(csr), task.id, colleague.id))
        with pytest.raises(ValidationFailed):
            does(lambda: service.assign(actor_of(csr), task.id, None))
        assert stored(task).assigned_to_user_id == csr.id

    def test_a_csr_takes_what_nobody_has(
        self, does: Does, actor_of: ActorOf, csr: User, make: Factories, organization: Organization, stored: Stored
    ) -> None:
        free = make.task(organization, created_by=csr.id)
        does(lambda: service.assign(actor_of(csr), free.id, csr.id))

        assert stored(free).assigned_to_user_id == csr.id

    @pytest.mark.parametrize("status", ["inactive", "elsewhere", "support", "unknown"])
    def test_nobody_gets_it_who_cannot_finish_it(
        self, does: Does, actor_of: ActorOf, manager: User, make: Factories, organization: Organization, task: Task,
        stored: Stored, status: str,
    ) -> None:  # fmt: skip
        wanted = {
            "inactive": lambda: make.user(organization, status="inactive").id,
            "elsewhere": lambda: make.user(make.organization()).id,
            "support": lambda: make.user(organization, Role.SUPPORT).id,
            "unknown": uuid4,
        }[status]()
        before = stored(task).assigned_to_user_id

        with pytest.raises(ValidationFailed):
            does(lambda: service.assign(actor_of(manager), task.id, wanted))
        assert stored(task).assigned_to_user_id == before


class TestMaking:
    VALUES = NewTaskInput(title="Call back about the quote", priority=TaskPriority.HIGH, due_at=DAY)

    def _about(self, **ids: UUID) -> NewTaskInput:
        return self.VALUES.model_copy(update=ids)

    def test_it_is_made_once_however_often_it_is_sent(
        self, app: Flask, organization: Organization, actor_of: ActorOf, csr: User, trail: Trail
    ) -> None:
        task_id = uuid4()

        def make_it() -> object:
            return service.create(actor_of(csr), task_id, self.VALUES)

        assert both_at_once(app, organization.id, make_it, make_it) == []
        assert both_at_once(app, organization.id, make_it) == []
        assert len(trail("task.created")) == 1

    def test_an_id_that_another_has_taken_is_a_conflict(
        self, does: Does, actor_of: ActorOf, csr: User, manager: User, task: Task
    ) -> None:
        with pytest.raises(Conflict):
            does(lambda: service.create(actor_of(csr), task.id, NewTaskInput(title="Another")))
        with pytest.raises(Conflict):
            does(lambda: service.create(actor_of(manager), task.id, NewTaskInput(title="Another")))

    def test_a_call_brings_its_contact(
        self, does: Does, actor_of: ActorOf, csr: User, make: Factories, organization: Organization
    ) -> None:
        contact = make.contact(organization)
        call = make.call(organization, csr=csr, contact_card_id=contact.id)
        links = does(lambda: _links(service.create(actor_of(csr), uuid4(), self._about(call_id=call.id))))

        assert links == Links(contact.id, call.id)

    @pytest.mark.parametrize("of", ["contact", "call", "appointment"])
    def test_what_one_may_not_see_has_no_task(
        self, does: Does, actor_of: ActorOf, csr: User, colleague: User, make: Factories, organization: Organization,
        of: str,
    ) -> None:  # fmt: skip
        given = {
            "contact": lambda: self._about(contact_card_id=make.contact(organization).id),
            "call": lambda: self._about(call_id=make.call(organization, csr=colleague).id),
            "appointment": lambda: self._about(appointment_id=make.appointment(organization).id),
        }[of]()

        with pytest.raises(NotFound):
            does(lambda: service.create(actor_of(csr), uuid4(), given))

    def test_a_csr_makes_it_for_oneself_or_for_nobody(
        self, does: Does, actor_of: ActorOf, csr: User, colleague: User
    ) -> None:
        def given_to(person_id: UUID | None) -> object:
            return does(
                lambda: (
                    service.create(
                        actor_of(csr), uuid4(), NewTaskInput(title="Call back", assigned_to_user_id=person_id)
                    ).assigned_to_user_id
                )
            )

        assert (given_to(csr.id), given_to(None)) == (csr.id, None)
        with pytest.raises(ValidationFailed):
            given_to(colleague.id)


class TestEditing:
    def test_what_is_written_is_there(
        self, does: Does, actor_of: ActorOf, csr: User, task: Task, stored: Stored
    ) -> None:
        values = TaskInput(
            title="Send the offer",
            description="By e-mail",
            priority=TaskPriority.LOW,
            due_at=DAY + timedelta(hours=2),
            assigned_to_user_id=csr.id,
        )
        does(lambda: service.edit(actor_of(csr), task.id, values, version=1))
        does(lambda: service.edit(actor_of(csr), task.id, values, version=1))

        now = stored(task)
        assert (now.title, now.description, now.priority) == ("Send the offer", "By e-mail", "low")
        assert now.version == 2, "twice is once"

    def test_of_two_who_edit_at_once_one_is_told(
        self, app: Flask, organization: Organization, actor_of: ActorOf, csr: User, manager: User, task: Task
    ) -> None:
        def rename(who: User, title: str) -> Callable[[], object]:
            values = TaskInput(title=title, due_at=DAY, assigned_to_user_id=csr.id)
            return lambda: service.edit(actor_of(who), task.id, values, version=1)

        refused = both_at_once(app, organization.id, rename(csr, "One"), rename(manager, "Two"))

        assert [type(error) for error in refused] == [VersionConflict]


CHANGES: dict[str, Callable[[Actor, UUID], object]] = {
    "complete": service.complete,
    "reopen": service.reopen,
    "start": service.start,
    "cancel": service.cancel,
    "snooze": lambda actor, task_id: service.snooze(actor, task_id, None),
    "assign": lambda actor, task_id: service.assign(actor, task_id, actor.user_id),
    "edit": lambda actor, task_id: service.edit(actor, task_id, TaskInput(title="New"), version=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
class TestWhoMayNot:
    def refusal(self, does: Does, work: Callable[[], object]) -> type[DomainError]:
        with pytest.raises(DomainError) as refused:
            does(work)
        return type(refused.value)

    def test_a_colleagues_task_and_a_strangers_are_not_there(
        self, does: Does, actor_of: ActorOf, csr: User, colleague: User, make: Factories, organization: Organization,
        change: Callable[[Actor, UUID], object],
    ) -> None:  # fmt: skip
        theirs = make.task(organization, assignee=colleague)
        elsewhere = make.task(make.organization())
        owner = make.user(organization, Role.OWNER)

        assert self.refusal(does, lambda: change(actor_of(csr), theirs.id)) is NotFound
        assert self.refusal(does, lambda: change(actor_of(owner), elsewhere.id)) is NotFound

    def test_who_only_reads_is_refused(
        self, does: Does, actor_of: ActorOf, make: Factories, organization: Organization, task: Task,
        change: Callable[[Actor, UUID], object],
    ) -> None:  # fmt: skip
        reader = make.user(organization, Role.EXEC)

        assert self.refusal(does, lambda: change(actor_of(reader), task.id)) is Forbidden

    def test_who_was_granted_to_see_all_changes_their_own_only(
        self, does: Does, make: Factories, organization: Organization, actor_of: ActorOf, colleague: User, task: Task,
        change: Callable[[Actor, UUID], object],
    ) -> None:  # fmt: skip
        make.add(UserPermission(organization_id=organization.id, user_id=colleague.id, permission="tasks:read"))
        seer = Actor(
            organization_id=organization.id,
            user_id=colleague.id,
            name=colleague.name,
            email=colleague.email,
            role=Role.CSR,
            granted=frozenset({Permission.TASKS_READ}),
        )

        assert self.refusal(does, lambda: change(seer, task.id)) is Forbidden


def _links(task: Task) -> Links:
    return Links(task.contact_card_id, task.call_id, task.appointment_id)
