"""The form that requests an export."""

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField
from wtforms.validators import Length, ValidationError

from app.declarations.registry import registry
from app.web.forms import NewRowForm, is_query

_MAX_QUERY_LENGTH = 2000


def _is_list(_form: NewRowForm, field: Field) -> None:
    if field.data not in registry().list_exports:
        raise ValidationError(str(_l("Choose one of the options.")))


class ExportForm(NewRowForm):
    """Request for a file with all rows of a list; `query` is the query string with its filters and sort order."""

    kind = HiddenField(validators=[_is_list])
    query = HiddenField(validators=[Length(max=_MAX_QUERY_LENGTH), is_query])
