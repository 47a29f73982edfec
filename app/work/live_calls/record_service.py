"""Calls that CallRail reports, from the moment they ring (docs/webhooks.md).

A conversation is one call, whatever the order of its events, and whether a file brings it before or after them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.db.context import current_context
from app.db.ids import uuid7
from app.declarations.delivery import DeliveredEvent, DeliveryHandler, DeliveryIgnored, Effect
from app.declarations.events import CallsChanged, raise_event
from app.extensions import db
from app.models import (
    Call,
    CallStatus,
    CallType,
    ContactCard,
    ContactPhone,
    ContactSource,
    Direction,
    IgnoredReason,
    Lead,
    Organization,
    Provider,
)
from app.organization.webhooks.event_rules import callrail_call_of, company_of
from app.security.scope import unscoped
from app.work.calls.resource import CALL
from app.work.contacts.resource import CONTACT_CARD
from app.work.leads.resource import LEAD
from app.work.live_calls.callrail_rules import STAGES, CallReport, CallStage, course_of, read_report
from app.work.live_calls.match_queries import (
    find_agent,
    find_call,
    find_company_id,
    find_open_lead,
    find_own_number,
    is_blocked,
    is_superseded,
    list_set_by_people,
    lock_contact_of,
)
from app.work.phone_numbers.queries import numbers_of

# Two workers, or an import beside them, record a conversation once.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('live calls:' || :organization, 0))")
#: Columns that say how a call went, which are also emptied.
_COURSE = frozenset({"answered_at", "ended_at", "duration_seconds", "waited_seconds"})


def record_call(event: DeliveredEvent) -> Sequence[Effect]:
    """Create or change the call that an event is about, with its contact and lead, and return what changed.

    Raises DeliveryIgnored for an event of another company or without a call, and ValidationFailed for one that can't be
    read.
    """
    organization = db.session.get_one(Organization, event.organization_id)
    company, of_account = company_of(event.content), find_company_id(organization.id)
    if of_account and company not in ("", of_account):
        raise DeliveryIgnored(IgnoredReason.OTHER_COMPANY)
    if not callrail_call_of(event.content):
        raise DeliveryIgnored(IgnoredReason.NAMES_NO_CALL)
    report = read_report(event.type, event.content, organization.country, datetime.now(UTC))
    db.session.execute(_ALONE, {"organization": str(organization.id)})
    call = find_call(organization.id, report)
    if call is not None and not _is_news(call, report, event.id):
        return ()
    return list(_record(organization.id, call, report))


CALLS = DeliveryHandler(Provider.CALLRAIL, frozenset(STAGES), record_call)


def _is_news(call: Call, report: CallReport, event_id: str) -> bool:
    """Return whether the event says more of the call than is known."""
    if call.callrail_call_id is None or call.status == CallStatus.ACTIVE:
        return True
    if report.stage < CallStage.ENDED:
        return False
    return not is_superseded(call.organization_id, event_id)


def _record(organization_id: UUID, call: Call | None, report: CallReport) -> Iterator[Effect]:
    is_new = call is None
    contact, is_new_contact = _contact_of(organization_id, report)
    if contact is not None and _name(contact, report) | is_new_contact:
        yield Effect(CONTACT_CARD.name, contact.id, f"{CONTACT_CARD.name}.{'created' if is_new_contact else 'updated'}")
    if call is None:
        call = Call(
            organization_id=organization_id,
            id=uuid7(report.started_at),
            direction=report.direction,
            call_type=CallType.CSR_CALL,
        )
    values = _values(call, report)
    values["contact_card_id"] = call.contact_card_id or (contact.id if contact else None)
    values["lead_id"], is_new_lead = _lead_of(call, report, values["contact_card_id"], values["csr_id"] or call.csr_id)
    edited = () if is_new else list_set_by_people(organization_id, call.id)
    for name, value in values.items():
        if name not in edited and (value is not None or name in _COURSE):
            setattr(call, name, value)
    db.session.add(call)
    if not is_new and not db.session.is_modified(call):
        return
    db.session.flush()
    yield Effect(CALL.name, call.id, f"{CALL.name}.{'created' if is_new else 'updated'}")
    if is_new_lead and call.lead_id is not None:
        yield Effect(LEAD.name, call.lead_id, f"{LEAD.name}.created")
    changed = unscoped(select(Call.id), why="the call of the event").where(
        Call.organization_id == organization_id, Call.id == call.id
    )
    raise_event(CallsChanged(organization_id, changed))


def _values(call: Call, report: CallReport) -> dict[str, Any]:
    """Return the values of the call's columns; None and an empty list mean that the event doesn't say."""
    agent = find_agent(call.organization_id, report.agent_email) if report.agent_email else None
    own = find_own_number(call.organization_id, report.own_number) if report.own_number else None
    return {
        **course_of(report),
        "callrail_call_id": report.provider_id,
        "caller_number": report.caller_number,
        "called_number": report.called_number,
        "phone_number_id": own,
        "marketing_source": report.marketing_source,
        "tags": list(report.tags) or None,
        "value": report.value,
        "csr_id": agent if call.call_type != CallType.VISIT_CALL else None,
        "handled_by_user_id": agent if report.status == CallStatus.COMPLETED else None,
    }


def _contact_of(organization_id: UUID, report: CallReport) -> tuple[ContactCard | None, bool]:
    """Return the contact with the other party's number, which is created if there is none, and whether it was."""
    number = report.person_number
    if number is None or number in numbers_of(organization_id):
        return None, False
    contact = lock_contact_of(organization_id, number)
    if contact is not None:
        return contact, False
    context = current_context()
    contact = ContactCard(
        organization_id=organization_id,
        id=uuid7(),
        source=ContactSource.CALLRAIL,
        primary_phone=number,
        created_by_label=context.actor_label,
    )
    db.session.add(contact)
    db.session.flush()
    db.session.add(ContactPhone(organization_id=organization_id, phone=number, contact_card_id=contact.id))
    db.session.flush()
    return contact, True


def _name(contact: ContactCard, report: CallReport) -> bool:
    """Fill the empty name and place of a contact, and return whether anything was filled."""
    filled: dict[str, str | None] = {}
    if not (contact.first_name or contact.last_name or contact.company_name):
        filled |= {"first_name": report.first_name, "last_name": report.last_name}
    if not (contact.city or contact.state or contact.zip or contact.address_line_1):
        filled |= {"city": report.city, "state": report.state}
    filled = {name: value for name, value in filled.items() if value}
    for name, value in filled.items():
        setattr(contact, name, value)
    return bool(filled)


def _lead_of(call: Call, report: CallReport, contact_id: UUID | None, csr_id: UUID | None) -> tuple[UUID | None, bool]:
    """Return the lead of the call, or else the contact's open one, and whether it is new.

    Without one, a call that turns out to be answered opens a lead, unless its number is blocked.
    """
    if contact_id is None or call.lead_id is not None or call.call_type != CallType.CSR_CALL:
        return call.lead_id, False
    open_lead_id = find_open_lead(call.organization_id, contact_id)
    is_answered = report.status == CallStatus.COMPLETED != call.status and report.direction == Direction.INBOUND
    if open_lead_id or not is_answered or is_blocked(call.organization_id, report.person_number):
        return open_lead_id, False
    lead = Lead(
        organization_id=call.organization_id,
        id=uuid7(),
        contact_card_id=contact_id,
        source=ContactSource.CALLRAIL,
        csr_id=csr_id,
        last_activity_at=report.started_at,
        created_by_label=current_context().actor_label,
    )
    db.session.add(lead)
    db.session.flush()
    return lead.id, True
