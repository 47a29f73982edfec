"""Sign-up in the JSON API."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app

from app.errors import NotFound
from app.people.sign_in.caller_operations import user_of
from app.people.sign_in.caller_schemas import OwnOrganizationRecord
from app.platform.organizations.schemas import SignedUpRecord, SignUpInput
from app.platform.organizations.signup_service import sign_up as create_organization

View = TypeVar("View", bound=Callable[..., Any])


def where_sign_up_is_on(view: View) -> View:
    """Raise NotFound for every request, whatever it contains, where the installation forbids sign-up."""

    @wraps(view)
    def checked(*arguments: Any, **named: Any) -> Any:
        if not current_app.config["SETTINGS"].signup_enabled:
            raise NotFound("route")
        return view(*arguments, **named)

    return cast(View, checked)


def sign_up(given: SignUpInput) -> SignedUpRecord:
    """Create an organization and its owner, who then signs in."""
    made = create_organization(given)
    organization = OwnOrganizationRecord.model_validate(made.organization)
    return SignedUpRecord(user=user_of(made.owner.user), organization=organization)
