"""Personal data in questions about calls, and its erasure (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, cast, column, exists, func
from sqlalchemy.dialects.postgresql import JSONB

from app.declarations.personal import Personal, PersonalDataMatches, Way, among
from app.security.scope import unscoped


def _cites(c: Any, who: PersonalDataMatches) -> ColumnElement[bool]:
    cited = func.jsonb_array_elements(c.citations).table_valued(column("value", JSONB), name="cited")
    call = cited.c.value.op("->>")("call_id")
    found = exists().select_from(cited).where(among(cast(call, String), map(str, who.calls)))
    return unscoped(found, why="an erasure covers all data about the person")


PERSONAL = (
    Personal(
        "ask_questions",
        _l("Questions about their calls"),
        _cites,
        {"question": Way.WORD, "answer": Way.CLEARED, "citations": Way.EMPTIED},
        searched=True,
        how="calls cited",
    ),
)
