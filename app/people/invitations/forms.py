"""Forms for inviting a person and for accepting an invitation."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.people.invitations.rules import roles_to_give
from app.people.sign_in.forms import PasswordForm
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.security.actor import Actor
from app.security.permissions import role_label
from app.web.forms import Form
from app.web.validators import at_most

_NAME = Length(
    MIN_NAME_LENGTH,
    MAX_NAME_LENGTH,
    _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_LENGTH, most=MAX_NAME_LENGTH),
)


class InviteForm(Form):
    """Form for the person to invite, and the role."""

    email = EmailField(
        _l("Email"),
        [
            DataRequired(_l("Enter an email address.")),
            at_most(MAX_EMAIL_LENGTH),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )
    name = StringField(_l("Name"), [DataRequired(_l("Enter a name.")), _NAME], render_kw={"autocomplete": "off"})
    role = SelectField(_l("Role"))

    @classmethod
    def for_actor(cls, actor: Actor, *, sent: bool) -> "InviteForm":
        """Build the form with the roles that `actor` can assign.

        `sent` specifies whether it is filled from the request.
        """
        form = cls() if sent else cls(formdata=None)
        form.role.choices = [(role.value, str(role_label(role))) for role in roles_to_give(actor)]
        return form


class AcceptForm(PasswordForm):
    """Form for accepting an invitation: the name shown to others, and the password."""

    name = StringField(_l("Your name"), [DataRequired(_l("Enter a name.")), _NAME], render_kw={"autocomplete": "name"})
