"""Views of the style guide: every component in every state, for page authors and visual tests.

They don't exist in production.
"""

import time
import wave
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, send_file
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from app.errors import (
    Conflict,
    DatabaseUnavailable,
    DomainError,
    ExternalServiceError,
    FieldError,
    Forbidden,
    InternalError,
    Maintenance,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    RequestTimeout,
    ValidationFailed,
)
from app.lists.saved_views.menu_page import ColumnChoice
from app.security.actor import Actor, loaded_actor
from app.security.guard import public
from app.security.permissions import Permission, Role
from app.web.forms import Difference, Form
from app.web.htmx import render

styleguide = Blueprint("styleguide", __name__, url_prefix="/styleguide")

_NOBODY = UUID(int=0)
_SLOW_SECONDS = 1.5
_SILENCE_SECONDS = 30
_SAMPLES_A_SECOND = 8000


@styleguide.get("")
@public
def index() -> str:
    """Show all components on one page, with an anchor for each section."""
    now = datetime.now(UTC)
    return render_template(
        "ops/styleguide/index.html",
        actor=loaded_actor() or _example_actor(),
        form=_example_form(),
        columns=_EXAMPLE_COLUMNS,
        differences=_EXAMPLE_DIFFERENCES,
        now=now,
        six_minutes_ago=now - timedelta(minutes=6),
        last_year=now - timedelta(days=400),
        error_codes=sorted(_example_errors()),
    )


@styleguide.get("/errors/<code>")
@public
def error(code: str) -> tuple[str, int]:
    """Show an error page as a signed-in user sees it, or its fragment, without raising the error."""
    example = _example_errors().get(code) or abort(404)
    actor = loaded_actor() or _example_actor()
    return render("errors/page.html", "errors/_fragment.html", error=example, actor=actor), example.status


@styleguide.get("/slow")
@public
def slow() -> str:
    """Return a fragment after a delay that makes the progress indicator appear."""
    time.sleep(_SLOW_SECONDS)
    return '<p data-announce="The rows are new.">New rows</p>'


@styleguide.get("/silence.wav")
@public
def silence() -> Response:
    """Return half a minute of silence for the player."""
    sound = BytesIO()
    with wave.open(sound, "wb") as recording:
        recording.setparams((1, 1, _SAMPLES_A_SECOND, 0, "NONE", ""))
        recording.writeframes(b"\x80" * _SAMPLES_A_SECOND * _SILENCE_SECONDS)
    sound.seek(0)
    return send_file(sound, mimetype="audio/wav", conditional=True)


def _example_actor() -> Actor:
    return Actor(
        organization_id=_NOBODY,
        user_id=_NOBODY,
        name="Maya Torres",
        email="maya@example.com",
        role=Role.MANAGER,
        organization_name="Brightwater Home Services",
        organization_slug="brightwater",
        timezone="America/Chicago",
    )


#: Plain labels. The type information of WTForms accepts only pairs, which WTForms itself has deprecated.
_ROLES: list[Any] = ["CSR", "Manager"]
_CHANNELS: list[Any] = ["Phone", "Text message"]


class _ExampleForm(Form):
    name = StringField("Name", description="As it is said on the phone.")
    email = EmailField("Email")
    starts = DateField("Starts")
    role = SelectField("Role", choices=_ROLES)
    note = TextAreaField("Note")
    channel = RadioField("Reach them by", choices=_CHANNELS, default="Phone")
    failures = BooleanField("Send failures to the owner")


_EXAMPLE_COLUMNS = (
    ColumnChoice("started_at", "Started", is_fixed=False, is_shown=False),
    ColumnChoice("caller", "Caller", is_fixed=True, is_shown=True),
    ColumnChoice("topic", "Topic", is_fixed=False, is_shown=True),
)

_EXAMPLE_DIFFERENCES = (
    Difference("Booking status", "Not booked", "Booked"),
    Difference("Reason", "Wants a second quote", "Called again at noon and took Monday at nine"),
)


def _example_form() -> Form:
    form = _ExampleForm(formdata=None, data={"name": "Dispatch board", "failures": True})
    form.name.errors = ["“Dispatch board” is taken. Enter another name."]
    form.channel.errors = ["Choose one."]
    return form


def _example_errors() -> dict[str, DomainError]:
    examples: tuple[DomainError, ...] = (
        ValidationFailed([FieldError("from", "“yesterdya” is not a date. Write it as 2026-11-20.")]),
        Forbidden(
            required_permission=Permission.AUDIT_READ.value,
            required_role=Role.SUPPORT.value,
            current_role=Role.MANAGER.value,
        ),
        NotFound("call"),
        MethodNotAllowed(),
        Conflict("email"),
        PayloadTooLarge(),
        RateLimited(retry_after=540, limit=10, remaining=0, reset=0),
        InternalError(),
        ExternalServiceError(),
        DatabaseUnavailable(),
        RequestTimeout(),
        Maintenance(until=None, seconds_left=900, retry_after=900),
    )
    return {example.code: example for example in examples}
