"""`/organization/api-keys`: the list of API keys, and the pages for changing them."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.registry import registry
from app.errors import LazyText
from app.lists.filter_page import applied_filters
from app.lists.listing import render_list, show_list
from app.lists.tools_page import list_tools
from app.organization.api_keys import queries, service
from app.organization.api_keys.forms import CreateKeyForm, RotateKeyForm
from app.organization.api_keys.key_limits import MAKING
from app.organization.api_keys.list_page import lines_of, words_of_missing
from app.organization.api_keys.read_queries import list_rows_read
from app.organization.api_keys.resource import API_KEY, API_KEY_LIST
from app.organization.api_keys.rules import is_unused, missing_reads, permissions_to_give
from app.people.roles.words import words_of_permission
from app.security.actor import current_actor
from app.security.confirmation import LESS_ACCESS, confirmed, unasked
from app.security.guard import requires
from app.security.key_rules import NEVER_FOR_KEYS
from app.security.matrix import PLATFORM_PERMISSIONS, grants_of
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.rate_limits import limited

api_keys = Blueprint("api_keys", __name__)


@api_keys.get("/organization/api-keys")
@requires(Permission.API_KEYS_MANAGE)
def index() -> Response:
    """List API keys, newest first."""
    actor, asked = current_actor(), applied_filters(API_KEY)
    listing = show_list(queries.api_key_list(actor, asked.filters), "api_keys.index", asked.words)
    return render_list(
        "organization/api_keys/index.html",
        "organization/api_keys/_list.html",
        listing,
        tools=list_tools(
            actor,
            API_KEY,
            API_KEY_LIST,
            listing,
            own=("name", "permissions", "created_by", "last_used_at", "expires_at"),
        ),
        bar=asked.bar,
        keys=lines_of(listing.rows),
    )


@api_keys.get("/organization/api-keys/new")
@requires(Permission.API_KEYS_MANAGE)
@confirmed
def new() -> str:
    """Show the form for a new key."""
    return _new_page(CreateKeyForm.new())


@api_keys.post("/organization/api-keys/new")
@requires(Permission.API_KEYS_MANAGE)
@limited(MAKING)
def create() -> Response:
    """Create a key and show its token, or show the form with errors."""
    form = CreateKeyForm()
    with submitted(form) as sent:
        form.check()
        offered = permissions_to_give(current_actor())
        missing = missing_reads(grants_of(form.permissions.data or ()), registry().reads)
        form.propose([permission for permission in missing if permission in offered])
        made = service.create_key(
            current_actor(),
            form.new_id,
            name=form.name.data or "",
            permissions=form.permissions.data or (),
            days=int(form.days.data),
        )
        return _text_page(made)
    return make_response(_new_page(form), sent.status)


@api_keys.get("/organization/api-keys/<uuid:api_key_id>")
@requires(Permission.API_KEYS_MANAGE)
def show(api_key_id: UUID) -> str:
    """Show one key: its permissions, use and details, and the buttons that rotate and revoke it."""
    actor, now = current_actor(), datetime.now(UTC)
    shown = queries.get_shown_key(actor, api_key_id)
    key = shown.key
    resources = registry().resources
    return render_template(
        "organization/api_keys/show.html",
        key=key,
        labels=API_KEY.labels,
        groups=_grouped(key.permissions),
        effective=shown.effective,
        state=shown.status,
        lacks=words_of_missing(shown),
        is_unused=is_unused(key.created_at, key.last_used_at, now),
        reads=[
            (read.hour, resources[read.resource_type].words.plural_label, read.rows_read)
            for read in list_rows_read(actor, key.id, now)
        ],
        closed=_grouped(NEVER_FOR_KEYS - PLATFORM_PERMISSIONS),
    )


@api_keys.post("/organization/api-keys/<uuid:api_key_id>/rotate")
@requires(Permission.API_KEYS_MANAGE)
@limited(MAKING)
def rotate(api_key_id: UUID) -> Response:
    """Rotate a key and show the new one."""
    actor, form = current_actor(), RotateKeyForm()
    queries.get_shown_key(actor, api_key_id)  # a key out of scope is not found, even if the form is invalid
    form.check()
    return _text_page(service.rotate_key(actor, api_key_id, version=form.opened_with))


@api_keys.post("/organization/api-keys/<uuid:api_key_id>/revoke")
@requires(Permission.API_KEYS_MANAGE)
@unasked(LESS_ACCESS)
def revoke(api_key_id: UUID) -> Response:
    key = service.revoke_key(current_actor(), api_key_id)
    flash(_("The key “%(name)s” was revoked and no longer works.", name=key.name), "good")
    return redirect(url_for(".index"))


def _new_page(form: CreateKeyForm) -> str:
    return render_template(
        "organization/api_keys/new.html", form=form, groups=_grouped(permissions_to_give(current_actor()))
    )


def _text_page(made: service.NewText) -> Response:
    return make_response(render_template("organization/api_keys/text.html", key=made.key, text=made.token.text))


def _grouped(names: Collection[str]) -> dict[LazyText, dict[str, LazyText]]:
    """Return permissions with their labels, grouped by area, in the order of `Permission`."""
    groups: dict[LazyText, dict[str, LazyText]] = {}
    for permission in Permission:
        if permission in names:
            words = words_of_permission(permission)
            groups.setdefault(words.area.value, {})[permission.value] = words.label
    return groups
