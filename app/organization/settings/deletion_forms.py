"""Form for deleting or purging an organization, used by its owner and by the platform."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired

from app.web.forms import Form, reason_field


class DeletionForm(Form):
    """Form for the URL name, typed to confirm the deletion, and for the reason."""

    slug = StringField(
        _l("URL name"),
        [DataRequired(_l("Type the organization’s URL name to confirm."))],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    reason = reason_field(_l("Enter a reason."))
