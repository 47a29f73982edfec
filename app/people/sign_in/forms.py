"""Forms of signing in and of the account page."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, EqualTo, Length

from app.models import Density, Theme
from app.people.users.rules import MAX_EMAIL_LENGTH
from app.security.passwords import MAX_LENGTH
from app.web.forms import Form
from app.web.validators import at_most
from app.web.value_words import LANGUAGES

#: A recovery code with room for spaces.
MAX_CODE_LENGTH = 40

#: The device's own choice; stored as NULL.
SYSTEM = "system"


class SignInStep(Form):
    """One of up to three forms of signing in; `kept` carries what was typed elsewhere when a session had ended."""

    kept = HiddenField(filters=[lambda value: value or None])


class SignInForm(SignInStep):
    """An address and its password; `next` is where the visitor wanted to go."""

    email = EmailField(
        _l("Email"),
        [
            DataRequired(_l("Enter your e-mail address.")),
            at_most(MAX_EMAIL_LENGTH),
        ],
        render_kw={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        [
            DataRequired(_l("Enter your password.")),
            at_most(MAX_LENGTH),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class OrganizationForm(SignInStep):
    """Which of one's organizations to work in; the choices are those that the password opened."""

    organization = RadioField(_l("Organization"), [DataRequired(_l("Choose an organization."))])


class PasswordForm(Form):
    """A new password, typed twice because nobody sees it."""

    password = PasswordField(
        _l("New password"),
        [DataRequired(_l("Enter a password."))],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("The same again"),
        [EqualTo("password", _l("This differs from the password above. Type both again."))],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(Form):
    """The second step of signing in."""

    code = StringField(
        _l("Code"),
        [DataRequired(_l("Enter a code.")), Length(max=MAX_CODE_LENGTH, message=_l("That is too long for a code."))],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"},
    )


class SignInCodeForm(SignInStep, CodeForm):
    """The code, before anybody is signed in."""


class ForgottenForm(Form):
    """Whose password is forgotten."""

    email = EmailField(
        _l("Email"),
        [
            DataRequired(_l("Enter your e-mail address.")),
            at_most(MAX_EMAIL_LENGTH),
        ],
        render_kw={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"},
    )


class ChangePasswordForm(PasswordForm):
    """A new password for oneself, with the one that it replaces."""

    current = PasswordField(
        _l("Password until now"),
        [DataRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class ConfirmForm(CodeForm):
    """What proves that it is really the account's owner who sits here."""

    password = PasswordField(
        _l("Password"),
        [DataRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class SetUpForm(ConfirmForm):
    """Proof that an authenticator app has the secret, which travels sealed."""

    enrolment = HiddenField()


class ThemeForm(Form):
    """One press of the theme button."""

    theme = HiddenField(validators=[AnyOf([SYSTEM, *Theme])])
    next = HiddenField()


class LanguageForm(Form):
    """One press of a language's button."""

    language = HiddenField(validators=[AnyOf(list(LANGUAGES))])
    next = HiddenField()


def _themes() -> dict[str, str]:
    return {SYSTEM: _("Like this device"), Theme.LIGHT: _("Light"), Theme.DARK: _("Dark")}


def _densities() -> dict[str, str]:
    return {Density.COMPACT: _("Compact"), Density.COMFORTABLE: _("Comfortable")}


class PreferencesForm(Form):
    """How pages look and speak for one person."""

    language = SelectField(_l("Language"), choices=LANGUAGES)
    theme = RadioField(_l("Theme"), choices=_themes)
    density = RadioField(_l("Table rows"), choices=_densities)
    shortcuts_enabled = BooleanField(
        _l("Keyboard shortcuts"), description=_l("Single keys, such as / for the search field.")
    )

    def looks(self) -> dict[str, Any]:
        """What the service keeps."""
        theme = None if self.theme.data == SYSTEM else self.theme.data
        return {
            "language": self.language.data,
            "theme": theme,
            "density": self.density.data,
            "shortcuts_enabled": self.shortcuts_enabled.data,
        }
