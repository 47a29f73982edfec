"""The form that ends an organization, or removes it for good: by its owner and by the platform."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired

from app.web.forms import Form, reason_field


class DeletionForm(Form):
    """The short name, typed to confirm, and why."""

    slug = StringField(
        _l("Short name"),
        [DataRequired(_l("Type the short name of the organization to confirm."))],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    reason = reason_field(_l("Say why."))
