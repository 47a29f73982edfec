"""Personal data in webhook deliveries, and how it is erased (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, cast, column, exists, func, or_
from sqlalchemy.dialects.postgresql import JSONB

from app.declarations.personal import Personal, PersonalDataMatches, Way, among
from app.security.scope import unscoped
from app.trust.privacy.mention_queries import Mentions


def _delivered(c: Any, who: PersonalDataMatches) -> ColumnElement[bool]:
    effect = func.jsonb_array_elements(c.effects).table_valued(column("value", JSONB), name="effect")
    touched = among(cast(effect.c.value.op("->>")("resource_id"), String), map(str, who.ids))
    return or_(
        among(c.external_id, who.provider_ids),
        unscoped(exists().select_from(effect).where(touched), why="an erasure covers all data about the person"),
        Mentions.of(who).in_bytes(c.body),
    )


PERSONAL = (
    Personal(
        "webhook_deliveries",
        _l("Data sent by providers"),
        _delivered,
        {"headers": Way.EMPTIED, "body": Way.EMPTIED, "error": Way.CLEARED},
        "webhook_delivery",
        searched=True,
        how="external_id of their calls; the records it changed; its body",
    ),
)
