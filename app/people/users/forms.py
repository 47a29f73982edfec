"""Forms on the pages of a person."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from flask_wtf.file import FileField, FileRequired
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length

from app.lists.choices import Choice
from app.models import User
from app.people.users.edit_service import Details
from app.people.users.handover_rules import KEEP, fingerprint
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.people.users.takeover_forms import TakeoverMixin
from app.phones import MAX_TYPED
from app.web.forms import Form, VersionedForm, is_id, reason_field, until_field, version_field
from app.web.value_words import LANGUAGES

_OFF = {"autocomplete": "off"}


def _length(least: int, most: int) -> Length:
    return Length(least, most, _l("Use %(least)s to %(most)s characters.", least=least, most=most))


def _reason_field() -> TextAreaField:
    return reason_field(_l("Briefly explain why."), description=_l("The reason is saved in the audit trail."), rows=2)


class DetailsForm(VersionedForm):
    """Form for the details of a person; `own_password` exists only on the person's own page."""

    name = StringField(_l("Name"), [DataRequired(_l("Enter a name.")), _length(MIN_NAME_LENGTH, MAX_NAME_LENGTH)])
    email = EmailField(
        _l("Email"),
        [DataRequired(_l("Enter an email address.")), _length(3, MAX_EMAIL_LENGTH)],
        description=_l("Used to sign in. Both the old and new addresses are notified of a change."),
        render_kw={**_OFF, "autocapitalize": "off", "spellcheck": "false"},
    )
    own_password = PasswordField(
        _l("Your password"),
        description=_l("Only needed when you change your email address."),
        render_kw={"autocomplete": "current-password"},
    )
    phone = TelField(_l("Phone"), [Length(max=MAX_TYPED)], render_kw=_OFF)
    language = SelectField(_l("Language"), choices=lambda: list(LANGUAGES.items()), validators=[AnyOf(list(LANGUAGES))])
    manager_id = SelectField(_l("Manager"), validate_choice=False)
    version = version_field()

    @classmethod
    def about(cls, user: User, managers: Sequence[Choice], *, is_oneself: bool, sent: bool) -> Self:
        """Build the form of this person, with their stored details or as it was submitted."""
        values = {
            "name": user.name,
            "email": user.email,
            "phone": user.phone,
            "language": user.language,
            "manager_id": str(user.manager_id or ""),
            "version": user.version,
        }
        form = cls() if sent else cls(formdata=None, **values)
        others = [(str(one.id), one.name) for one in managers if one.id != user.id]
        form.manager_id.choices = [("", str(pgettext("assigned", "Unassigned"))), *others]
        if not is_oneself:
            del form.own_password
        return form

    @property
    def tries_a_password(self) -> bool:
        """True if the actor's own password was entered."""
        return "own_password" in self and bool(self.own_password.data)

    def details(self) -> Details:
        """Return the submitted details, once the form is valid.

        The service refuses a manager who was not offered.
        """
        return Details(
            name=self.name.data or "",
            email=self.email.data or "",
            phone=self.phone.data or None,
            language=self.language.data,
            manager_id=_id_or_none(self.manager_id.data),
            own_password=(self.own_password.data or "") if "own_password" in self else "",
        )


class LeavingForm(TakeoverMixin, VersionedForm):
    """Form for deactivating or deleting a person: the reason, and who takes over their work.

    `seen` is the fingerprint of the summary that was shown.
    """

    reason = _reason_field()
    seen = HiddenField()
    version = version_field()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the current choices, which `seen` equals once their summary was shown."""
        return fingerprint({one.kind: one.left for one in self.work}, self.picked)

    @property
    def moving(self) -> int:
        """Number of records that change hands with the current choices."""
        return sum(one.left.count for one in self.work if self.picked[one.kind] not in ("", KEEP))


class SuspensionForm(VersionedForm):
    """Form for the reason for a suspension, and its end."""

    reason = _reason_field()
    until = until_field(
        _l(
            "They can sign in again at the start of this day. Leave empty to suspend them until someone "
            "lifts the suspension."
        )
    )
    version = version_field()


class PictureForm(Form):
    """Form for uploading a photo; the service checks that it is an image."""

    picture = FileField(
        _l("Photo"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PNG, JPEG or WebP, up to 5 MB. Cropped to a centered square."),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )


class ReasonForm(VersionedForm):
    """Form for the reason for a change to a person's account."""

    reason = _reason_field()
    version = version_field()


class NewMemberForm(Form):
    """Form for adding a team member by email address, because names can be ambiguous."""

    email = EmailField(
        _l("A colleague’s email address"),
        [DataRequired(_l("Enter an email address.")), Length(max=MAX_EMAIL_LENGTH)],
        render_kw=_OFF,
    )


class MemberForm(Form):
    """Form of the button that removes a person from a team."""

    person = HiddenField(validators=[is_id])

    @property
    def person_id(self) -> UUID:
        """The id of the person, once the form is valid."""
        return UUID(self.person.data)


def _id_or_none(text: str | None) -> UUID | None:
    """Return the id that the field contains, or None if it is empty.

    An invalid id becomes one that no person has, which the service refuses.
    """
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
