"""Forms for API keys."""

from collections.abc import Collection

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from app.errors import FieldError, ValidationFailed
from app.organization.api_keys.rules import LIFETIMES, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.people.roles.words import permission_label
from app.security.permissions import Permission
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

    #: Permissions that were proposed before; those that are no longer selected were left out on purpose.
    proposed = HiddenField()

    def propose(self, reads: Collection[Permission]) -> None:
        """Select `reads`, too, and raise ValidationFailed to show them, unless they were proposed before."""
        before = (self.proposed.data or "").split(",")
        reads = [permission for permission in reads if permission not in before]
        if not reads:
            return
        self.permissions.data = [*(self.permissions.data or ()), *reads]
        self.proposed.data = ",".join((*before, *reads))
        message = _l(
            "Without these permissions, requests for the numbers of dashboards are refused, so they’re now selected "
            "too: %(names)s. Create the key, or clear them first.",
            names=", ".join(str(permission_label(permission)) for permission in reads),
        )
        raise ValidationFailed([FieldError("permissions", message)])


class RotateKeyForm(VersionedForm):
    """Form of the button that rotates a key, with the version that the page showed."""

    version = version_field()
