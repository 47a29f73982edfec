"""How call notes are deleted and come back."""

from flask_babel import gettext as _

from app.declarations.deletable import Along, Deletable
from app.models import CallNote, NoteKind
from app.security.permissions import Permission
from app.work.calls.resource import CALL_NOTE


def _label(note: CallNote) -> str:
    """Coaching is not for everybody who sees the trash."""
    return _("Coaching note") if note.kind == NoteKind.COACHING else note.body


CALL_NOTE_DELETION = Deletable(
    resource=CALL_NOTE,
    label=_label,
    permission=Permission.CALLS_UPDATE,
    is_own=lambda row, actor: row.user_id == actor.user_id,
    # Answers to coaching go with what they answer.
    along=(Along(CALL_NOTE.name, "parent_id"),),
    parents={"parent_id": CALL_NOTE.name},
)
