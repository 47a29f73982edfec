"""Personal data in leads, and how it is erased (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from app.declarations.personal import ERASED, Ending, Personal, Way, among
from app.models import Base, LeadStage

PERSONAL = (
    Personal(
        "leads",
        _l("Leads"),
        lambda c, who: among(c.id, who.leads),
        {"dead_reason": Way.CLEARED},
        "lead",
        how="contact_card_id",
        ending=Ending(
            _l("Leads to close"),
            Base.metadata.tables["leads"].c.closed_at.is_(None),
            {"stage": LeadStage.DEAD, "closed_at": func.clock_timestamp(), "dead_reason": ERASED},
        ),
    ),
)
