"""Bulk changes of calls: the selection of the calls, and the change of each one by the rules of a single change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select

from app.audit.actions import Action
from app.declarations.bulk import BulkChange, BulkTarget, Verdict
from app.models import Call, DecidedBy
from app.periods import span_of
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.work.calls import rules
from app.work.calls.bulk_forms import AssignCsrForm, BookingStatusForm, OutcomeForm
from app.work.calls.filter_page import filter_bar_of
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_conditions
from app.work.calls.resource import CALL_LIST


def calls_to_change(actor: Actor, filters: CallFilters, ids: Sequence[UUID] | None, until: datetime) -> Select[Call]:
    """Select the calls of a bulk change by `ids`, or else by `filters`, if they already existed at `until`.

    Periods such as "today" are also relative to `until`.
    """
    calls = visible(Call, actor).where(Call.created_at <= until)
    if ids is not None:
        return calls.where(Call.id.in_(ids))
    return calls.where(*call_conditions(filters, actor, span_of(filters, actor, until)))


def assign_csr(actor: Actor, call: Call, settings: Mapping[str, Any]) -> Verdict:
    """Credit a call to a CSR, or to no one. Visit calls can't be credited to a CSR."""
    csr_id = UUID(settings["csr_id"]) if settings["csr_id"] else None
    if not rules.may_change(call, actor, Permission.CALLS_ASSIGN) or not rules.may_credit(call):
        return Verdict.REFUSED
    if call.csr_id == csr_id:
        return Verdict.UNCHANGED
    call.csr_id = csr_id
    return Verdict.CHANGED


def set_outcome(actor: Actor, call: Call, settings: Mapping[str, Any]) -> Verdict:
    """Set the outcome of a call."""
    if not rules.may_change(call, actor, Permission.CALLS_UPDATE):
        return Verdict.REFUSED
    if call.outcome == settings["outcome"]:
        return Verdict.UNCHANGED
    call.outcome = settings["outcome"]
    return Verdict.CHANGED


def set_booking_status(actor: Actor, call: Call, settings: Mapping[str, Any]) -> Verdict:
    """Set the booking status of a call, always with a reason."""
    if not rules.may_change(call, actor, Permission.CALLS_RECLASSIFY):
        return Verdict.REFUSED
    if call.booking_status == settings["booking_status"]:
        return Verdict.UNCHANGED
    if not rules.may_classify(call, actor):
        return Verdict.REFUSED
    call.booking_status = settings["booking_status"]
    call.booking_status_reason = settings["reason"]
    call.booking_status_source = DecidedBy.USER
    return Verdict.CHANGED


_TARGET = BulkTarget(
    resource="call",
    model=Call,
    listed=CALL_LIST,
    rows=calls_to_change,
    chips=lambda actor, filters: filter_bar_of(actor, filters).words,
)

ASSIGN_CSR = BulkChange(
    action="assign_csr",
    label=_l("Credit to a CSR"),
    act=_l("Credit %(count)s"),
    target=_TARGET,
    permission=Permission.CALLS_ASSIGN,
    columns=("csr_id",),
    apply=assign_csr,
    form=AssignCsrForm,
    done=lambda number: ngettext("CSR changed for %(num)s call.", "CSR changed for %(num)s calls.", number),
)

SET_OUTCOME = BulkChange(
    action="set_outcome",
    label=_l("Set outcome"),
    act=_l("Set outcome of %(count)s"),
    target=_TARGET,
    permission=Permission.CALLS_UPDATE,
    columns=("outcome",),
    apply=set_outcome,
    form=OutcomeForm,
    done=lambda number: ngettext("Outcome changed for %(num)s call.", "Outcome changed for %(num)s calls.", number),
)

SET_BOOKING_STATUS = BulkChange(
    action="set_booking_status",
    label=_l("Set booking status"),
    act=_l("Set booking status of %(count)s"),
    target=_TARGET,
    permission=Permission.CALLS_RECLASSIFY,
    columns=("booking_status", "booking_status_reason", "booking_status_source"),
    apply=set_booking_status,
    form=BookingStatusForm,
    done=lambda number: ngettext(
        "Booking status changed for %(num)s call.", "Booking status changed for %(num)s calls.", number
    ),
    recorded=Action.CALL_RECLASSIFIED,
)
