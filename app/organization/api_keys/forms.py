"""Forms for API keys."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from app.organization.api_keys.rules import LIFETIMES, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.web.forms import NewRowForm, VersionedForm, version_field


def _lifetimes() -> dict[str, str]:
    return {str(days): _("%(days)s days", days=days) if days else _("No expiration") for days in LIFETIMES}


class CreateKeyForm(NewRowForm):
    """Form for a new key: its name, lifetime and permissions.

    The page groups the checkboxes; the service validates the permissions.
    """

    name = StringField(
        lazy_pgettext("thing", "Name"),
        [
            DataRequired(_l("Give the key a name.")),
            Length(
                MIN_NAME_LENGTH,
                MAX_NAME_LENGTH,
                _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_LENGTH, most=MAX_NAME_LENGTH),
            ),
        ],
        description=_l("For example, the program that uses it."),
        render_kw={"autocomplete": "off"},
    )
    days = SelectField(_l("Expires after"), choices=_lifetimes, default=str(LIFETIMES[1]))
    permissions = SelectMultipleField(
        _l("Permissions"), [DataRequired(_l("Choose at least one permission."))], validate_choice=False
    )


class RotateKeyForm(VersionedForm):
    """Form of the button that rotates a key, with the version that the page showed."""

    version = version_field()
