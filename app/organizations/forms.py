"""Forms of entering an organization, and of what cannot be undone with it."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.visits import LONGEST_REASON, SHORTEST_REASON
from app.web.forms import Form


class EnterForm(Form):
    """Why somebody of the platform goes into an organization."""

    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Say why, in 3 to 500 characters. The organization reads it.")),
            Length(
                SHORTEST_REASON,
                LONGEST_REASON,
                _l("Use %(least)s to %(most)s characters.", least=SHORTEST_REASON, most=LONGEST_REASON),
            ),
        ],
        render_kw={"rows": 3},
    )


class ConfirmForm(Form):
    """The short name, typed to confirm, and why."""

    slug = StringField(
        _l("Short name"),
        [DataRequired(_l("Type the short name of the organization to confirm."))],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Say why.")),
            Length(
                SHORTEST_REASON,
                LONGEST_REASON,
                _l("Use %(least)s to %(most)s characters.", least=SHORTEST_REASON, most=LONGEST_REASON),
            ),
        ],
        render_kw={"rows": 3},
    )
