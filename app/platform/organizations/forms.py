"""The form of entering an organization."""

from flask_babel import lazy_gettext as _l

from app.web.forms import Form, reason_field


class EnterForm(Form):
    """Why somebody of the platform goes into an organization."""

    reason = reason_field(_l("Say why, in 3 to 500 characters. The organization reads it."))
