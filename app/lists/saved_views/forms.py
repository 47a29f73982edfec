"""Forms of saved views."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from app.models import SavedView
from app.web.forms import NewRowForm, VersionedForm, is_id, is_query, version_field
from app.web.validators import at_most

_MAX_NAME_LENGTH, _MAX_QUERY_LENGTH = 60, 2000
_NAME = [
    DataRequired(_l("Give the view a name.")),
    at_most(_MAX_NAME_LENGTH),
]


class SaveViewForm(NewRowForm):
    """Form to save the current filters under a name."""

    name = StringField(lazy_pgettext("thing", "Name"), validators=_NAME, id="view-name")
    is_shared = BooleanField(_l("Share with everyone"), id="view-is-shared")
    page = HiddenField(id="view-page")
    query = HiddenField(
        validators=[
            Length(max=_MAX_QUERY_LENGTH, message=_l("These filters are too long to save. Remove some and try again.")),
            is_query,
        ],
        id="view-query",
    )
    row_id = HiddenField(validators=[is_id], id="view-id")


class ChangeViewForm(VersionedForm):
    """Form for the name of a view, and whether it is shared."""

    name = StringField(lazy_pgettext("thing", "Name"), validators=_NAME)
    is_shared = BooleanField(_l("Share with everyone"))
    version = version_field()

    @classmethod
    def of(cls, view: SavedView) -> "ChangeViewForm":
        """Return the form filled with the view."""
        return cls(formdata=None, name=view.name, is_shared=view.is_shared, version=view.version)
