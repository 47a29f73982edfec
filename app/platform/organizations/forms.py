"""Forms for entering an organization, and for suspending one."""

from flask_babel import lazy_gettext as _l

from app.web.forms import Form, reason_field


class EnterForm(Form):
    """Form for the reason for entering an organization as platform staff."""

    reason = reason_field(_l("Enter a reason, 3 to 500 characters. The organization can see it."))


class SuspendForm(Form):
    """Form for the reason for suspending an organization, so that no one in it can sign in."""

    reason = reason_field(_l("Enter a reason, 3 to 500 characters. It’s saved in the audit trail."))
