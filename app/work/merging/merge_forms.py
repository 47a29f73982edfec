"""The form that merges two contacts: of each field that differs, whose value stays."""

from collections.abc import Mapping

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import AnyOf, Optional

from app.errors import Sentence
from app.web.forms import Form, NewRowForm, version_field
from app.web.validators import at_most
from app.work.contacts.queries import FOUND_BY
from app.work.merging.merge_rules import PARTS, Side


def _whose(label: Sentence) -> StringField:
    return StringField(label, [Optional(), AnyOf(list(Side), _l("Choose one of the values offered."))])


class MergeForm(NewRowForm):
    """Whose values stay, and the versions of both contacts that were looked at."""

    version = version_field()
    other_version = version_field()
    person_name = _whose(_l("Name of the person"))
    company_name = _whose(_l("Company"))
    primary_phone = _whose(_l("Main number"))
    email = _whose(_l("E-mail"))
    address = _whose(_l("Address"))
    timezone = _whose(_l("Time zone"))
    texts = _whose(_l("Texts"))
    source = _whose(_l("Source"))
    last_call_summary = _whose(_l("In short"))
    primary_intent = _whose(_l("Wants"))
    home = _whose(_l("Home"))

    @property
    def choices(self) -> Mapping[str, Side]:
        """What was chosen of the parts that were on the page, once the form is valid."""
        return {part.name: Side(self[part.name].data) for part in PARTS if self[part.name].data}

    @property
    def versions(self) -> tuple[int, int]:
        """Those of the contact that stays and of the other, once the form is valid."""
        return int(self.version.data or 0), int(self.other_version.data or 0)


class FindForm(Form):
    """Whom to merge with."""

    q = StringField(FOUND_BY, [at_most(100)])

    @classmethod
    def asked(cls) -> "FindForm":
        """What the address asks for."""
        return cls(formdata=request.args)

    @property
    def typed(self) -> str:
        """What to look for; nothing of what is none."""
        return (self.q.data or "") if self.validate_typed() else ""

    def validate_typed(self) -> bool:
        """Whether it can be looked for."""
        return bool(self.q.validate(self))
