"""Forms of API keys."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from app.organization.api_keys.rules import LIFETIMES, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.web.forms import NewRowForm, VersionedForm, version_field


def _lifetimes() -> dict[str, str]:
    return {str(days): _("%(days)s days", days=days) if days else _("Without an end") for days in LIFETIMES}


class CreateKeyForm(NewRowForm):
    """What a program is called and may do. The boxes are grouped by the page; the service knows which there are."""

    name = StringField(
        lazy_pgettext("thing", "Name"),
        [
            DataRequired(_l("Say what the key is for.")),
            Length(
                MIN_NAME_LENGTH,
                MAX_NAME_LENGTH,
                _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_LENGTH, most=MAX_NAME_LENGTH),
            ),
        ],
        description=_l("Such as the program that uses it."),
        render_kw={"autocomplete": "off"},
    )
    days = SelectField(_l("Ends after"), choices=_lifetimes, default=str(LIFETIMES[1]))
    permissions = SelectMultipleField(
        _l("Permissions"), [DataRequired(_l("Choose at least one permission."))], validate_choice=False
    )


class RotateKeyForm(VersionedForm):
    """The button that gives a key another text. It carries the version that the page showed."""

    version = version_field()
