"""Personal data in contacts merged into another, and how it is erased (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select

from app.declarations.personal import Personal, PersonalDataMatches
from app.models import Base, MergeStatus
from app.security.scope import unscoped
from app.work.contacts.privacy import CARD


def _merged_into(c: Any, who: PersonalDataMatches) -> ColumnElement[bool]:
    """Return the condition for contacts in the trash that were merged into the person's, even indirectly."""
    merges = Base.metadata.tables["contact_merges"]
    done = (merges.c.organization_id == who.organization_id, merges.c.status == MergeStatus.DONE.value)
    theirs = unscoped(
        select(merges.c.merged_card_id), why="all data about the person must be found, regardless of record scope"
    )
    found = theirs.where(merges.c.kept_card_id == who.card_id, *done).cte(recursive=True)
    further = theirs.where(merges.c.kept_card_id == found.c.merged_card_id, *done)
    return and_(c.deleted_at.is_not(None), c.id.in_(select(found.union(further).c.merged_card_id)))


PERSONAL = (
    Personal(
        "contact_cards", _l("Contacts merged into this one"), _merged_into, CARD, "contact_card", how="contact_merges"
    ),
)
