"""Open leads to reassign when their sales rep or CSR leaves; the CSR can also keep the credit."""

from datetime import datetime

from app.declarations.open_work import Conditions, Work, WorkKind
from app.models import Lead
from app.security.permissions import Role
from app.work.leads.notices import LEAD_ASSIGNED
from app.work.leads.resource import LEAD, lead_title


def _open(_now: datetime) -> Conditions:
    return (Lead.closed_at.is_(None),)


_LATEST_FIRST = (Lead.last_activity_at.desc(), Lead.id)

LEADS = Work(
    kind=WorkKind.LEADS,
    resource=LEAD,
    holder=Lead.assigned_rep_id,
    roles=frozenset({Role.SALES_REP}),
    is_open=_open,
    label=lead_title,
    order=_LATEST_FIRST,
    can_be_unassigned=True,
    notice=LEAD_ASSIGNED,
    link="/leads/{}",
)

CREDITED_LEADS = Work(
    kind=WorkKind.CREDITED_LEADS,
    resource=LEAD,
    holder=Lead.csr_id,
    roles=frozenset({Role.CSR}),
    is_open=_open,
    label=lead_title,
    order=_LATEST_FIRST,
    can_stay=True,
)
