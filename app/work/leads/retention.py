"""Retention of leads by their last activity."""

from app.declarations.retained import Retained
from app.models import Lead
from app.work.leads.resource import LEAD

LEADS = Retained(
    kind="leads",
    resource=LEAD,
    # A lead with recent activity is retained, however old it is.
    may_go=lambda before: (Lead.last_activity_at < before,),
)
