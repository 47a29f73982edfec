"""Leads of a contact on its timeline."""

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.declarations.person import ContactReference, Facts, TimelineEntry, TimelineFilter
from app.models import Lead, User
from app.security.scope import unscoped
from app.web.labels import label

_Rep = aliased(User, name="rep_of_line")


def _words(facts: Facts) -> TimelineEntry:
    qualification = facts["qualification"]
    of_it = [
        label(qualification, "Qualification") if qualification else "",
        _("assigned to %(name)s", name=facts["rep"]) if facts["rep"] else "",
        facts["reason"] or "",
    ]
    return TimelineEntry(
        _("Lead"),
        "flag",
        detail=" · ".join(filter(None, of_it)),
        state=label(facts["stage"], "LeadStage"),
        tone="neutral" if facts["is_closed"] else "info",
    )


LEAD_PERSON = ContactReference(
    card=Lead.contact_card_id,
    at=Lead.created_at,
    story=TimelineFilter.LEADS,
    facts=lambda _actor: {
        "stage": Lead.stage,
        "qualification": Lead.qualification_status,
        "reason": Lead.dead_reason,
        "is_closed": Lead.closed_at.is_not(None),
        "rep": _Rep.name,
    },
    joined=lambda selection: unscoped(
        selection.outerjoin(_Rep, refers_to(_Rep, Lead, Lead.assigned_rep_id)),
        why="joins names to rows that are scoped",
    ),
    words=_words,
    open=lambda: Lead.closed_at.is_(None),
    holds=lambda: Lead.closed_at.is_(None),
    held=lambda n, count: ngettext("%(count)s open lead", "%(count)s open leads", n, count=count),
)
