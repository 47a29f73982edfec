"""The form that merges two contacts, with the value to keep for each field that differs."""

from collections.abc import Mapping

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import AnyOf, Optional

from app.errors import LazyText
from app.web.forms import Form, NewRowForm, version_field
from app.web.validators import at_most
from app.work.contacts.queries import FOUND_BY
from app.work.merging.merge_rules import Side
from app.work.merging.resource import PARTS


def _whose(label: LazyText) -> StringField:
    return StringField(label, [Optional(), AnyOf(list(Side), _l("Choose one of the options."))])


class MergeForm(NewRowForm):
    """Form with the values to keep, and with the versions of both contacts that the user saw."""

    version = version_field()
    other_version = version_field()

    @property
    def choices(self) -> Mapping[str, Side]:
        """The choices for the parts that were on the page; the form must be valid."""
        return {part.name: Side(self[part.name].data) for part in PARTS if self[part.name].data}

    @property
    def versions(self) -> tuple[int, int]:
        """The versions of the contact that stays and of the other; the form must be valid."""
        return int(self.version.data or 0), int(self.other_version.data or 0)


for _part in PARTS:
    setattr(MergeForm, _part.name, _whose(_part.label))


class FindForm(Form):
    """Form that searches for the contact to merge with."""

    q = StringField(FOUND_BY, [at_most(100)])

    @classmethod
    def requested(cls) -> "FindForm":
        """Return the form with the query parameters of the request."""
        return cls(formdata=request.args)

    @property
    def typed(self) -> str:
        """The search text, empty if it is invalid."""
        return (self.q.data or "") if self.validate_typed() else ""

    def validate_typed(self) -> bool:
        """Return whether the search text is valid."""
        return bool(self.q.validate(self))
