"""Forms for notes about a contact."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Optional

from app.errors import LazyText
from app.models import ContactNote
from app.web.forms import NewRowForm, OccurredField, VersionedForm, is_id, version_field
from app.web.validators import at_most

MAX_CHARACTERS = 5000


def _note_field(label: LazyText, rows: int, field_id: str) -> TextAreaField:
    validators = [DataRequired(_l("Enter some text.")), at_most(MAX_CHARACTERS)]
    return TextAreaField(label, validators=validators, render_kw={"rows": rows}, id=field_id)


def _appointment_field(field_id: str) -> HiddenField:
    return HiddenField(validators=[Optional(), is_id], id=field_id)


class _AboutForm(NewRowForm):
    """A form for a new note about a contact, or also about one of the contact's appointments."""

    appointment_id: HiddenField

    @property
    def about(self) -> UUID | None:
        """ID of the appointment, once the form is valid."""
        return UUID(self.appointment_id.data) if self.appointment_id.data else None


class NewNoteForm(_AboutForm):
    """Form for a new note. `back` leads to a page of the app other than the contact's.

    Submitting it twice stores one note. Its element IDs are unique, because forms in a panel are on the same page.
    """

    row_id = HiddenField(validators=[is_id], id="new-note-id")
    appointment_id = _appointment_field("new-note-appointment")
    body = _note_field(_l("Add a note"), 2, "new-note-body")
    back = HiddenField(id="new-note-back")
    occurred_at = OccurredField(id="new-note-occurred-at")


class PanelNoteForm(_AboutForm):
    """Form for a note in a panel, whose element IDs don't clash with those of `NewNoteForm`."""

    row_id = HiddenField(validators=[is_id], id="panel-note-id")
    appointment_id = _appointment_field("panel-note-appointment")
    body = _note_field(_l("Note"), 6, "panel-note-body")


class EditNoteForm(VersionedForm):
    """Form for editing a note."""

    body = _note_field(_l("Note"), 8, "note-text")
    version = version_field()

    @classmethod
    def of(cls, note: ContactNote) -> "EditNoteForm":
        """Return the form filled with the current note."""
        return cls(formdata=None, body=note.body, version=note.version)
