"""Forms of a person's pages."""

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
from app.web.forms import Form, VersionedForm, is_id, reason_field, until_field, version_field
from app.web.value_words import LANGUAGES

_OFF = {"autocomplete": "off"}
_MAX_PHONE_LENGTH = 40


def _length(least: int, most: int) -> Length:
    return Length(least, most, _l("Use %(least)s to %(most)s characters.", least=least, most=most))


def _reason_field() -> TextAreaField:
    return reason_field(_l("Say why, in a few words."), description=_l("It is kept in the audit trail."), rows=2)


class DetailsForm(VersionedForm):
    """Who somebody is; `own_password` is there on one's own page only."""

    name = StringField(_l("Name"), [DataRequired(_l("Enter a name.")), _length(MIN_NAME_LENGTH, MAX_NAME_LENGTH)])
    email = EmailField(
        _l("Email"),
        [DataRequired(_l("Enter an e-mail address.")), _length(3, MAX_EMAIL_LENGTH)],
        description=_l("They sign in with it. A change is told to both addresses."),
        render_kw={**_OFF, "autocapitalize": "off", "spellcheck": "false"},
    )
    own_password = PasswordField(
        _l("Your password"),
        description=_l("Only to change your own address."),
        render_kw={"autocomplete": "current-password"},
    )
    phone = TelField(_l("Phone"), [Length(max=_MAX_PHONE_LENGTH)], render_kw=_OFF)
    language = SelectField(_l("Language"), choices=lambda: list(LANGUAGES.items()), validators=[AnyOf(list(LANGUAGES))])
    manager_id = SelectField(_l("Manager"), validate_choice=False)
    version = version_field()

    @classmethod
    def about(cls, user: User, managers: Sequence[Choice], *, is_oneself: bool, sent: bool) -> Self:
        """The form of this person, as they are or as it was sent."""
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
        form.manager_id.choices = [("", str(pgettext("assigned", "Nobody"))), *others]
        if not is_oneself:
            del form.own_password
        return form

    @property
    def tries_a_password(self) -> bool:
        """Whether one's own password was typed."""
        return "own_password" in self and bool(self.own_password.data)

    def details(self) -> Details:
        """What was typed, once the form is valid. A manager whom nobody offered is refused by the service."""
        return Details(
            name=self.name.data or "",
            email=self.email.data or "",
            phone=self.phone.data or None,
            language=self.language.data,
            manager_id=_id_or_none(self.manager_id.data),
            own_password=(self.own_password.data or "") if "own_password" in self else "",
        )


class LeavingForm(TakeoverMixin, VersionedForm):
    """The reason to let somebody go, and who takes over. `seen` is the fingerprint of the summary that was shown."""

    reason = _reason_field()
    seen = HiddenField()
    version = version_field()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the present choices: the value of `seen` once their summary was shown."""
        return fingerprint({one.kind: one.left for one in self.work}, self.picked)

    @property
    def moving(self) -> int:
        """Number of records that change hands by the present choices."""
        return sum(one.left.count for one in self.work if self.picked[one.kind] not in ("", KEEP))


class SuspensionForm(VersionedForm):
    """Why somebody is kept out, and until when."""

    reason = _reason_field()
    until = until_field(_l("They can sign in again as this day begins. Without a day, once somebody lets them back."))
    version = version_field()


class PictureForm(Form):
    """A file that is to be a picture; whether it is one says the service."""

    picture = FileField(
        _l("Picture"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PNG, JPEG or WebP, up to 5 MB. Its middle is shown, as a small square."),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )


class ReasonForm(VersionedForm):
    """Why something is done to somebody's account."""

    reason = _reason_field()
    version = version_field()


class NewMemberForm(Form):
    """Who comes into a team: by address, which names one of however many there are."""

    email = EmailField(
        _l("E-mail address of a colleague"),
        [DataRequired(_l("Enter an e-mail address.")), Length(max=MAX_EMAIL_LENGTH)],
        render_kw=_OFF,
    )


class MemberForm(Form):
    """The button beside somebody in a team."""

    person = HiddenField(validators=[is_id])

    @property
    def person_id(self) -> UUID:
        """Once the form is valid."""
        return UUID(self.person.data)


def _id_or_none(text: str | None) -> UUID | None:
    """What is no id names nobody here: the service finds no such person."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
