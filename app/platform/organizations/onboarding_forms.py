"""Forms of the platform's admins for setting up an organization."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import EmailField, RadioField, SelectField, StringField, TelField
from wtforms.validators import AnyOf, DataRequired, Length

from app.models import PlanCode
from app.organization.settings.profile_forms import country_choices
from app.organization.settings.rules import places
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.phones import MAX_TYPED
from app.platform.organizations.onboarding_service import OnboardingRequest
from app.platform.organizations.service import DEFAULT_TIMEZONE
from app.web.forms import Form, NewRowForm
from app.web.labels import options

_MAX_SLUG_LENGTH = 50

_NAME_LENGTH = Length(
    MIN_NAME_LENGTH,
    MAX_NAME_LENGTH,
    _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_LENGTH, most=MAX_NAME_LENGTH),
)


def _number(label: str) -> TelField:
    too_long = _l("Use up to %(most)s characters.", most=MAX_TYPED)
    return TelField(label, [Length(max=MAX_TYPED, message=too_long)])


class OnboardingForm(NewRowForm):
    """Form for a new organization, which gets the form's id."""

    name = StringField(
        lazy_pgettext("thing", "Name"), [DataRequired(lazy_pgettext("thing", "Enter a name.")), _NAME_LENGTH]
    )
    slug = StringField(
        _l("URL name"),
        [DataRequired(_l("Enter a URL name.")), Length(2, _MAX_SLUG_LENGTH, _l("Use 2 to 50 characters."))],
        description=_l("Lowercase letters, digits and hyphens, such as comfort-air. Can’t be changed later."),
    )
    country = SelectField(_l("Country"), choices=country_choices, default="US")
    timezone = StringField(
        _l("Time zone"),
        [AnyOf(places(), _l("Choose one of the options."))],
        default=DEFAULT_TIMEZONE,
        render_kw={"list": "timezones", "autocomplete": "off"},
    )
    plan = RadioField(_l("Plan"), choices=lambda: options(PlanCode), default=PlanCode.STARTER.value)
    owner_name = StringField(_l("Owner’s name"), [DataRequired(_l("Enter a name.")), _NAME_LENGTH])
    owner_email = EmailField(
        _l("Owner’s email"),
        [DataRequired(_l("Enter an email address such as name@example.com.")), Length(max=MAX_EMAIL_LENGTH)],
    )
    number = _number(_l("First phone number"))

    @property
    def order(self) -> OnboardingRequest:
        """The request, once the form is valid."""
        return OnboardingRequest(
            name=self.name.data or "",
            slug=self.slug.data or "",
            timezone=self.timezone.data or "",
            country=self.country.data or "",
            plan=PlanCode(self.plan.data or ""),
            owner_name=self.owner_name.data or "",
            owner_email=self.owner_email.data or "",
            number=self.number.data or "",
        )


class StepsForm(Form):
    """Form for the remaining steps of setting up an organization."""

    number = _number(_l("First phone number"))
