"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select

from app.declarations.personal import Personal, Traces
from app.models import Base, MergeStatus
from app.security.scope import unscoped
from app.work.contacts.privacy import CARD


def _merged_into(c: Any, who: Traces) -> ColumnElement[bool]:
    """Cards in the trash that became part of the person's, also by way of others."""
    merges = Base.metadata.tables["contact_merges"]
    done = (merges.c.organization_id == who.organization_id, merges.c.status == MergeStatus.DONE.value)
    theirs = unscoped(select(merges.c.merged_card_id), why="all that is kept of a person is found, whoever sees it")
    found = theirs.where(merges.c.kept_card_id == who.card_id, *done).cte(recursive=True)
    further = theirs.where(merges.c.kept_card_id == found.c.merged_card_id, *done)
    return and_(c.deleted_at.is_not(None), c.id.in_(select(found.union(further).c.merged_card_id)))


PERSONAL = (
    Personal("contact_cards", _l("Contacts merged into it"), _merged_into, CARD, "contact_card", how="contact_merges"),
)
