"""Personal data in tasks and suggested tasks, and how it is erased (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_

from app.declarations.personal import Ending, Personal, PersonalDataMatches, Way, among
from app.models import Base, PendingActionStatus, TaskStatus


def _work(c: Any, who: PersonalDataMatches) -> ColumnElement[bool]:
    about = (among(c.call_id, who.calls), among(c.appointment_id, who.appointments))
    return or_(c.contact_card_id == who.card_id, *about)


PERSONAL = (
    Personal(
        "tasks",
        _l("Tasks"),
        _work,
        {"title": Way.WORD, "description": Way.CLEARED},
        "task",
        how="contact_card_id, call_id, appointment_id",
        ending=Ending(
            _l("Tasks to cancel"),
            Base.metadata.tables["tasks"].c.status.in_((TaskStatus.PENDING, TaskStatus.IN_PROGRESS)),
            {"status": TaskStatus.CANCELLED},
        ),
    ),
    Personal(
        "pending_actions",
        _l("Suggested tasks"),
        _work,
        {"raw_text": Way.WORD},
        "pending_action",
        how="contact_card_id, call_id, appointment_id",
        ending=Ending(
            _l("Suggested tasks to cancel"),
            Base.metadata.tables["pending_actions"].c.status.in_(
                (PendingActionStatus.OPEN, PendingActionStatus.IN_PROGRESS)
            ),
            {"status": PendingActionStatus.CANCELLED},
        ),
    ),
)
