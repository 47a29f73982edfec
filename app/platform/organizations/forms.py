"""The forms of entering an organization, and of suspending one."""

from flask_babel import lazy_gettext as _l

from app.web.forms import Form, reason_field


class EnterForm(Form):
    """Why somebody of the platform goes into an organization."""

    reason = reason_field(_l("Say why, in 3 to 500 characters. The organization reads it."))


class SuspendForm(Form):
    """Why nobody of an organization may sign in."""

    reason = reason_field(_l("Say why, in 3 to 500 characters. It stands in the audit trail."))
