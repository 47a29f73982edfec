"""Deletion and restoring of call notes."""

from flask_babel import gettext as _

from app.declarations.deletable import Cascade, Deletable
from app.models import CallNote, NoteKind
from app.security.permissions import Permission
from app.work.calls.part_resource import CALL_NOTE


def _label(note: CallNote) -> str:
    """Return the text of the note, or only a label for coaching.

    Not everyone who sees the trash can read coaching notes.
    """
    return _("Coaching note") if note.kind == NoteKind.COACHING else note.body


CALL_NOTE_DELETION = Deletable(
    resource=CALL_NOTE,
    label=_label,
    permission=Permission.CALLS_UPDATE,
    is_own=lambda row, actor: row.user_id == actor.user_id,
    # Answers to coaching are deleted together with the note that they answer.
    cascades=(Cascade(CALL_NOTE.name, "parent_id"),),
    parents={"parent_id": CALL_NOTE.name},
)
