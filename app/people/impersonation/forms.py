"""The form of looking at somebody's pages."""

from flask_babel import lazy_gettext as _l

from app.web.forms import Form, reason_field


class ViewAsForm(Form):
    """Why an admin wants to see what somebody else sees."""

    reason = reason_field(_l("Say why, in 3 to 500 characters. It stands in the audit trail."))
