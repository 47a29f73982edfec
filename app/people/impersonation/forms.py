"""Form for starting to view as another person."""

from flask_babel import lazy_gettext as _l

from app.web.forms import Form, reason_field


class ViewAsForm(Form):
    """Form for the reason why an admin wants to view as another person."""

    reason = reason_field(_l("Enter a reason, 3 to 500 characters. It’s saved in the audit trail."))
