"""The form that asks for an export."""

from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import AnyOf, Length

from app.exports.kinds import SOURCES
from app.models import ExportKind
from app.web.forms import NewRowForm, is_query

_LONGEST_QUERY = 2000


class ExportForm(NewRowForm):
    """All rows of a list, as its address narrows it: `query` is the query string."""

    kind = HiddenField(validators=[AnyOf(list(SOURCES), _l("Choose one of the values offered."))])
    query = HiddenField(validators=[Length(max=_LONGEST_QUERY), is_query])

    @classmethod
    def of_list(cls, kind: ExportKind, parameters: dict[str, str], sort: str | None) -> "ExportForm":
        """The form as it stands beside a list."""
        return cls.new(kind=kind, query=urlencode({**parameters, **({"sort": sort} if sort else {})}))
