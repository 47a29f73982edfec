"""Setup of an organization in separate steps: a failed one can be repeated, and none is done twice."""

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
from app.errors import Conflict, FieldError, LazyText, QuotaExceeded, ValidationFailed
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
#: Kind of the task that creates the assistant at its provider, once for each organization by its natural key.
ASSISTANT_TASK = "vapi_assistant"


class Step(StrEnum):
    """Steps that an organization needs before it can receive calls, in this order."""

    OWNER = "owner"
    SETTINGS = "settings"
    NUMBER = "number"
    ASSISTANT = "assistant"


class StepState(StrEnum):
    """Progress of a setup step."""

    DONE = "done"
    WAITING = "waiting"
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OnboardingRequest:
    """Input for a new organization. `number` is its phone number as typed, or '' if there is none yet."""

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
    """Result of the setup.

    `link` is the one-time link to set the owner's password; None if the organization already existed. `refusal` is the
    reason why the phone number was not added.
    """

    link: Token | None = None
    refusal: LazyText | None = None


def onboard(staff: Actor, organization_id: UUID, order: OnboardingRequest) -> Onboarded:
    """Create an organization with its owner, and run the setup steps.

    A repeated request with the same id creates nothing; it raises Conflict if a value other than the plan or the phone
    number differs. Also raises Conflict if the URL name is taken, ValidationFailed, and the errors of `working_in`. If
    the phone number is refused, the rest is done.
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
    """Raise Conflict if the same form was submitted with other values before."""
    owner = db.session.scalar(_waiting_owner(there.id))
    made = (there.name, there.slug, there.timezone, there.country)
    is_of_owner = owner is None or (owner.name, owner.email) == (order.owner_name, order.owner_email)
    if made != (order.name, order.slug, order.timezone, order.country) or not is_of_owner:
        raise Conflict(None, _l("This form was already submitted. Open a new one to add another organization."))


def resume(staff: Actor, organization_id: UUID, number: str) -> Onboarded:
    """Run the remaining setup steps of an organization.

    Raises NotFound for a deleted one, and the errors of `working_in`.
    """
    with working_in(staff, organization_id):
        return Onboarded(refusal=_go_on(lock_organization(organization_id), number))


def renew_owner_link(staff: Actor, organization_id: UUID) -> Token:
    """Email a new link to an owner who has not set a password, and return it; earlier ones stop working.

    Raises Conflict if every owner has set a password, and the errors of `working_in`.
    """
    with working_in(staff, organization_id):
        lock_organization(organization_id)
        owner = db.session.scalar(_waiting_owner(organization_id))
        if owner is None:
            raise Conflict(None, _l("Every owner of this organization has set a password."))
        link = issue_link(owner, INVITED_LINK_LIFETIME)
        queue_mail(Mail.WELCOME, owner, link=link)
        return link


def steps_of(organization_id: UUID) -> Mapping[Step, StepState]:
    """Return the setup progress of an organization, which must be that of the context."""
    steps = unscoped(
        select(
            exists().where(AiConfig.organization_id == organization_id),
            exists().where(PhoneNumber.organization_id == organization_id, PhoneNumber.deleted_at.is_(None)),
            ~_waiting_owner(organization_id).with_only_columns(User.id).exists(),
        ),
        why="platform admins are not users of this organization",
    )
    has_settings, has_number, has_owner = db.session.execute(steps).one()
    status = select(ProviderTask.status).where(*_assistant_task(organization_id))
    task = db.session.scalar(unscoped(status, why="status only, for platform admins who set up the organization"))
    return {
        Step.OWNER: StepState.DONE if has_owner else StepState.WAITING,
        Step.SETTINGS: StepState.DONE if has_settings else StepState.MISSING,
        Step.NUMBER: StepState.DONE if has_number else StepState.MISSING,
        Step.ASSISTANT: _STATES.get(ProviderTaskStatus(task), StepState.WAITING) if task else StepState.MISSING,
    }


_STATES = {ProviderTaskStatus.COMPLETED: StepState.DONE, ProviderTaskStatus.FAILED: StepState.FAILED}


def prepare(organization: Organization) -> None:
    """Create the organization's assistant settings, and the task to create the assistant.

    Existing ones stay unchanged, except that a failed task is queued again.
    """
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


def _go_on(organization: Organization, number: str) -> LazyText | None:
    """Run the remaining steps; return the reason if the phone number was not added.

    Returns None if the number was added or already exists, or if none was entered.
    """
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


def _add_number(organization: Organization, typed: str) -> LazyText | None:
    """Create the phone number, unless the organization already has it; return the reason if that failed."""
    number = to_e164(typed, organization.country)
    if number is None:
        return _l("“%(number)s” isn’t a phone number.", number=typed)
    of_theirs = unscoped(
        exists().where(PhoneNumber.organization_id == organization.id, PhoneNumber.number == number),
        why="platform admins are not users of this organization",
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
        unscoped(select(User), why="platform admins are not users of this organization")
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
