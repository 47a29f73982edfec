"""Forms of notes about a contact."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired

from app.errors import Sentence
from app.models import ContactNote
from app.web.forms import NewRowForm, OccurredField, VersionedForm, is_id, version_field
from app.web.validators import at_most

MAX_CHARACTERS = 5000


def _note_field(label: Sentence, rows: int, field_id: str) -> TextAreaField:
    validators = [DataRequired(_l("Write something first.")), at_most(MAX_CHARACTERS)]
    return TextAreaField(label, validators=validators, render_kw={"rows": rows}, id=field_id)


class NewNoteForm(NewRowForm):
    """A note that is written; sent twice, it is one. `back` leads to another page of ours than the contact's.

    Its ids are its own: forms in a panel stand on the same page.
    """

    row_id = HiddenField(validators=[is_id], id="new-note-id")
    body = _note_field(_l("Add a note"), 2, "new-note-body")
    back = HiddenField(id="new-note-back")
    occurred_at = OccurredField(id="new-note-occurred-at")


class PanelNoteForm(NewRowForm):
    """The same in a panel, beside a page that may have the other."""

    row_id = HiddenField(validators=[is_id], id="panel-note-id")
    body = _note_field(_l("Note"), 6, "panel-note-body")


class EditNoteForm(VersionedForm):
    """What a note says."""

    body = _note_field(_l("Note"), 8, "note-text")
    version = version_field()

    @classmethod
    def of(cls, note: ContactNote) -> "EditNoteForm":
        """The form as the note stands."""
        return cls(formdata=None, body=note.body, version=note.version)
