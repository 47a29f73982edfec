"""Personal data in notifications, and its erasure (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func

from app.declarations.personal import Personal, PersonalDataMatches, Way, among


def _linked(c: Any, who: PersonalDataMatches) -> ColumnElement[bool]:
    return among(func.substring(c.link, "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), map(str, who.ids))


PERSONAL = (
    Personal(
        "notifications",
        _l("Notifications"),
        _linked,
        {"text": Way.WORD},
        searched=True,
        how="link",
    ),
)
