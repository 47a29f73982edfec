"""The form of looking at somebody's pages."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.users.rules import LONGEST_REASON, SHORTEST_REASON
from app.web.forms import Form


class ViewAsForm(Form):
    """Why an admin wants to see what somebody else sees."""

    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Say why, in 3 to 500 characters. It stands in the audit trail.")),
            Length(
                SHORTEST_REASON,
                LONGEST_REASON,
                _l("Use %(least)s to %(most)s characters.", least=SHORTEST_REASON, most=LONGEST_REASON),
            ),
        ],
        render_kw={"rows": 3},
    )
