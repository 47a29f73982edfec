"""Forms of the sign-in pages and the account page."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, EqualTo, Length

from app.models import Density, Theme
from app.people.sign_in.rules import MAX_CODE_LENGTH
from app.people.users.rules import MAX_EMAIL_LENGTH
from app.security.actor import Actor
from app.security.passwords import MAX_LENGTH
from app.web.forms import Form
from app.web.redirects import local_path
from app.web.validators import at_most
from app.web.value_words import LANGUAGES

#: Follow the device; stored as NULL.
SYSTEM = "system"


class SignInStep(Form):
    """Base of the sign-in steps; `kept` carries a form that was submitted after its session had ended."""

    kept = HiddenField(filters=[lambda value: value or None])


class SignInForm(SignInStep):
    """Form for the email address and the password; `next` is the page that the visitor requested."""

    email = EmailField(
        _l("Email"),
        [
            DataRequired(_l("Enter your email address.")),
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
    """Form for choosing the organization to work in, among those that the password opened."""

    organization = RadioField(_l("Organization"), [DataRequired(_l("Choose an organization."))])


class PasswordForm(Form):
    """Form for a new password, entered twice because it is hidden."""

    password = PasswordField(
        _l("New password"),
        [DataRequired(_l("Enter a password."))],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Confirm password"),
        [EqualTo("password", _l("The passwords don’t match. Enter both again."))],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(Form):
    """Form for a two-factor code or a recovery code."""

    code = StringField(
        _l("Code"),
        [
            DataRequired(_l("Enter a code.")),
            Length(max=MAX_CODE_LENGTH, message=_l("That code is too long. Check it and enter it again.")),
        ],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"},
    )


class SignInCodeForm(SignInStep, CodeForm):
    """Form for a code as a step of signing in."""


class ForgottenForm(Form):
    """Form for the address of an account whose password was forgotten."""

    email = EmailField(
        _l("Email"),
        [
            DataRequired(_l("Enter your email address.")),
            at_most(MAX_EMAIL_LENGTH),
        ],
        render_kw={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"},
    )


class ChangePasswordForm(PasswordForm):
    """Form for a new password for the person's own account, along with the current one."""

    current = PasswordField(
        _l("Current password"),
        [DataRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class ConfirmForm(CodeForm):
    """Form for the password and a code, as proof that the owner of the account is at the keyboard."""

    password = PasswordField(
        _l("Password"),
        [DataRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class ConfirmationForm(Form):
    """Base of the forms that confirm a session.

    `next` is the page that was asked for, `kept` a form that waits for the confirmation, and `back` the page before.
    """

    next = HiddenField(filters=[local_path])
    back = HiddenField(filters=[local_path])
    kept = HiddenField(filters=[lambda value: value or None])

    #: Name of the field with the proof.
    proven_by: ClassVar[str]

    @property
    def proof(self) -> str:
        """The entered code or password."""
        return str(self[self.proven_by].data or "")


class ConfirmByCodeForm(ConfirmationForm, CodeForm):
    """Form that confirms a session with a code, for people with two-factor authentication."""

    proven_by = "code"


class ConfirmByPasswordForm(ConfirmationForm):
    """Form that confirms a session with the password, for people without two-factor authentication."""

    password = PasswordField(
        _l("Password"),
        [DataRequired(_l("Enter your password.")), at_most(MAX_LENGTH)],
        render_kw={"autocomplete": "current-password"},
    )

    proven_by = "password"


def confirmation_form(actor: Actor, **shown: str | None) -> ConfirmationForm:
    """Return the form for this person's code or password: as submitted, or new with the values `shown`."""
    form = ConfirmByCodeForm if actor.has_second_factor else ConfirmByPasswordForm
    return form(formdata=None, **shown) if shown else form()


class SetUpForm(ConfirmForm):
    """Form that proves that an authenticator app has the secret, which travels encrypted in `enrolment`."""

    enrolment = HiddenField()


class ThemeForm(Form):
    """Form for the theme chosen with one click, and the page to return to."""

    theme = HiddenField(validators=[AnyOf([SYSTEM, *Theme])])
    next = HiddenField()


class LanguageForm(Form):
    """Form for the language chosen with one click, and the page to return to."""

    language = HiddenField(validators=[AnyOf(list(LANGUAGES))])
    next = HiddenField()


def _themes() -> dict[str, str]:
    return {SYSTEM: _("Same as device"), Theme.LIGHT: _("Light"), Theme.DARK: _("Dark")}


def _densities() -> dict[str, str]:
    return {Density.COMPACT: _("Compact"), Density.COMFORTABLE: _("Comfortable")}


class PreferencesForm(Form):
    """Form for a person's language, theme, density, keyboard shortcuts and start page."""

    language = SelectField(_l("Language"), choices=LANGUAGES)
    theme = RadioField(_l("Theme"), choices=_themes)
    density = RadioField(_l("List density"), choices=_densities)
    shortcuts_enabled = BooleanField(
        _l("Keyboard shortcuts"), description=_l("Single-key shortcuts, such as / for search.")
    )

    start_page = SelectField(
        _l("Start page"),
        choices=[],
        description=_l("The page you see after signing in."),
    )

    def offer(self, pages: Mapping[str, str]) -> "PreferencesForm":
        """Offer these start pages, labels by path, after the one of the person's role; return the form."""
        self.start_page.choices = [("", _("Default for your role")), *pages.items()]
        return self

    def looks(self) -> dict[str, Any]:
        """Return the values to save, as `save_preferences` takes them."""
        theme = None if self.theme.data == SYSTEM else self.theme.data
        return {
            "language": self.language.data,
            "theme": theme,
            "density": self.density.data,
            "shortcuts_enabled": self.shortcuts_enabled.data,
            "start_page": self.start_page.data or None,
        }
