"""Input and record of sign-up in the JSON API."""

from typing import Annotated

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import AsTyped, Input, InputTexts
from app.declarations.record import Record
from app.people.sign_in.caller_schemas import OwnOrganizationRecord, OwnUserRecord
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.security.passwords import MAX_LENGTH

Name = Annotated[
    str, Field(min_length=MIN_NAME_LENGTH, max_length=MAX_NAME_LENGTH), InputTexts(missing=_l("Enter a name."))
]


class SignUpInput(Input):
    """A new organization with its URL name, and its owner."""

    email: Annotated[str, Field(min_length=3, max_length=MAX_EMAIL_LENGTH)]
    password: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, repr=False), AsTyped()]
    name: Name
    organization_name: Name
    slug: Annotated[str, Field(min_length=2, max_length=50)]
    timezone: Annotated[str | None, Field(max_length=100)] = None
    country: Annotated[str | None, Field(max_length=2)] = None


class SignedUpRecord(Record):
    """A new organization and its owner."""

    user: OwnUserRecord
    organization: OwnOrganizationRecord
