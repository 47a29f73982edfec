"""For how long leads are kept."""

from app.declarations.retained import Retained
from app.models import Lead
from app.work.leads.resource import LEAD

LEADS = Retained(
    kind="leads",
    resource=LEAD,
    # One that somebody has worked on lately is alive, however long it has been here.
    may_go=lambda before: (Lead.last_activity_at < before,),
)
