"""Setting an organization up: each step by itself, so that one that failed is done again and none is done twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, QuotaExceeded, Sentence, ValidationFailed
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import queue_mail
from app.models import (
    AiConfig,
    NumberProvider,
    Organization,
    PhoneNumber,
    PlanCode,
    ProviderTask,
    ProviderTaskStatus,
    Role,
    User,
)
from app.organization.settings.rules import checked_settings
from app.people.users.access_service import issue_link
from app.people.users.rules import INVITED_LINK_LIFETIME
from app.phones import to_e164
from app.platform.organizations.service import create_organization
from app.platform.organizations.tenant_switch import working_in
from app.security.actor import Actor
from app.security.scope import unscoped
from app.security.tokens import Token
from app.tenancy.organization_queries import lock_organization
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.quota_service import refuse_over_quota, warn_of_quotas

ASSISTANT_NAME = "Otto"
#: The kind of task that makes the assistant at its provider: once for each organization, by its natural key.
ASSISTANT_TASK = "vapi_assistant"


class Step(StrEnum):
    """What an organization needs before its calls can come in, in this order."""

    OWNER = "owner"
    SETTINGS = "settings"
    NUMBER = "number"
    ASSISTANT = "assistant"


class StepState(StrEnum):
    """How far a step is."""

    DONE = "done"
    WAITING = "waiting"
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OnboardingRequest:
    """What somebody asks for who sets an organization up. `number` is as it was typed; '' for none yet."""

    name: str
    slug: str
    timezone: str
    country: str
    plan: PlanCode
    owner_name: str
    owner_email: str
    number: str


@dataclass(frozen=True, slots=True)
class Onboarded:
    """`link` sets the owner's password, once; None when the organization was there already. `refusal` says why the
    number is not there."""

    link: Token | None = None
    refusal: Sentence | None = None


def onboard(staff: Actor, organization_id: UUID, order: OnboardingRequest) -> Onboarded:
    """Make an organization with its owner, and go through the steps. Asked for twice with one id, it is made once.

    Raises ValidationFailed, and Conflict when the short name is taken. A number that is refused leaves the rest.
    """
    checked_settings({"name": order.name, "timezone": order.timezone, "country": order.country})
    with working_in(staff, organization_id):
        there = db.session.get(Organization, organization_id)
        if there is not None:
            _refuse_other(there, order)
            return Onboarded()
        made = create_organization(
            organization_id,
            name=order.name,
            slug=order.slug,
            owner_email=order.owner_email,
            owner_name=order.owner_name,
            timezone=order.timezone,
            plan=order.plan,
        )
        made.organization.country = order.country
        if made.link is not None:
            queue_mail(Mail.WELCOME, made.owner.user, link=made.link)
        return Onboarded(made.link, _go_on(made.organization, order.number))


def _refuse_other(there: Organization, order: OnboardingRequest) -> None:
    """Raise Conflict where the same form has asked for something else before."""
    owner = db.session.scalar(_waiting_owner(there.id))
    made = (there.name, there.slug, there.timezone, there.country)
    is_of_owner = owner is None or (owner.name, owner.email) == (order.owner_name, order.owner_email)
    if made != (order.name, order.slug, order.timezone, order.country) or not is_of_owner:
        raise Conflict(None, _l("This form was sent already. Open a new one to add another organization."))


def resume(staff: Actor, organization_id: UUID, number: str) -> Onboarded:
    """Go through the steps that are not done. Raises NotFound for a deleted organization."""
    with working_in(staff, organization_id):
        return Onboarded(refusal=_go_on(lock_organization(organization_id), number))


def renew_owner_link(staff: Actor, organization_id: UUID) -> Token:
    """Another link for the owner who has not set a password; those before end. Raises Conflict when none waits."""
    with working_in(staff, organization_id):
        lock_organization(organization_id)
        owner = db.session.scalar(_waiting_owner(organization_id))
        if owner is None:
            raise Conflict(None, _l("Every owner of this organization has set a password."))
        link = issue_link(owner, INVITED_LINK_LIFETIME)
        queue_mail(Mail.WELCOME, owner, link=link)
        return link


def steps_of(organization_id: UUID) -> Mapping[Step, StepState]:
    """How far the organization of the context is."""
    steps = unscoped(
        select(
            exists().where(AiConfig.organization_id == organization_id),
            exists().where(PhoneNumber.organization_id == organization_id, PhoneNumber.deleted_at.is_(None)),
            ~_waiting_owner(organization_id).with_only_columns(User.id).exists(),
        ),
        why="the platform's admin is no person of the organization that is set up",
    )
    has_settings, has_number, has_owner = db.session.execute(steps).one()
    status = select(ProviderTask.status).where(*_assistant_task(organization_id))
    task = db.session.scalar(unscoped(status, why="how far its assistant is, is told to the platform's admin"))
    return {
        Step.OWNER: StepState.DONE if has_owner else StepState.WAITING,
        Step.SETTINGS: StepState.DONE if has_settings else StepState.MISSING,
        Step.NUMBER: StepState.DONE if has_number else StepState.MISSING,
        Step.ASSISTANT: _STATES.get(ProviderTaskStatus(task), StepState.WAITING) if task else StepState.MISSING,
    }


_STATES = {ProviderTaskStatus.COMPLETED: StepState.DONE, ProviderTaskStatus.FAILED: StepState.FAILED}


def prepare(organization: Organization) -> None:
    """Give it the settings of its assistant, and the task to make one at the provider; what is there already stays."""
    _ensure_settings(organization)
    task = insert(ProviderTask).values(
        organization_id=organization.id,
        id=uuid7(),
        subject_type="organization",
        subject_id=organization.id,
        kind=ASSISTANT_TASK,
    )
    again = task.on_conflict_do_update(
        constraint="uq_provider_tasks_natural_key",
        set_={"status": ProviderTaskStatus.QUEUED, "attempts": 0},
        where=ProviderTask.status == ProviderTaskStatus.FAILED,
    )
    db.session.execute(again)


def _go_on(organization: Organization, number: str) -> Sentence | None:
    """Why the number is not there; None when it is, or none was asked for."""
    prepare(organization)
    return _add_number(organization, number) if number else None


def _ensure_settings(organization: Organization) -> None:
    with force_locale(organization.language):
        greeting = _("Thank you for calling %(name)s. How can I help you?", name=organization.name)
    settings: dict[str, Any] = {
        "assistant_name": ASSISTANT_NAME,
        "greeting": greeting,
        "language": organization.language,
    }
    row = insert(AiConfig).values(organization_id=organization.id, id=uuid7(), **settings)
    db.session.execute(row.on_conflict_do_nothing(constraint="uq_ai_configs_organization_id"))


def _add_number(organization: Organization, typed: str) -> Sentence | None:
    """Why the number is not there; None when it is."""
    number = to_e164(typed, organization.country)
    if number is None:
        return _l("“%(number)s” is not a phone number.", number=typed)
    of_theirs = unscoped(
        exists().where(PhoneNumber.organization_id == organization.id, PhoneNumber.number == number),
        why="the platform's admin is no person of the organization that is set up",
    )
    if db.session.scalar(select(of_theirs)):
        return None
    try:
        refuse_over_quota(organization.id, QuotaKind.PHONE_NUMBERS)
        with translated_integrity_errors():
            db.session.add(PhoneNumber(organization_id=organization.id, number=number, provider=NumberProvider.TWILIO))
        warn_of_quotas(organization.id, [QuotaKind.PHONE_NUMBERS])
    except (Conflict, QuotaExceeded, ValidationFailed) as refusal:
        told: Sequence[FieldError] = refusal.field_errors
        return told[0].message if told else refusal.sentence
    return None


def _waiting_owner(organization_id: UUID) -> Any:
    return (
        unscoped(select(User), why="the platform's admin is no person of the organization that is set up")
        .where(User.organization_id == organization_id, User.role == Role.OWNER, User.deleted_at.is_(None))
        .where(func.password_salt(User.id).is_(None))
        .order_by(User.id)
        .limit(1)
    )


def _assistant_task(organization_id: UUID) -> tuple[Any, ...]:
    return (
        ProviderTask.organization_id == organization_id,
        ProviderTask.subject_type == "organization",
        ProviderTask.subject_id == organization_id,
        ProviderTask.kind == ASSISTANT_TASK,
    )
