"""`/roles`: the permissions matrix.

Also `/users/<id>/role` and `/users/<id>/permissions`: a person's access.
"""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lists.listing import ChipText, chips_of, given_parameters
from app.lists.table import table_of
from app.models import User
from app.people.roles import queries, service
from app.people.roles.filters import ChoiceFilters, MatrixFilters
from app.people.roles.forms import GrantForm, RoleForm
from app.people.roles.matrix_page import matrix_of
from app.people.roles.preview_queries import preview_role
from app.people.roles.rules import grantable, roles_to_give
from app.people.roles.words import permission_label
from app.people.users.handover_service import open_work_of
from app.people.users.page import person_to_change
from app.people.users.resource import USER, USER_PERMISSION
from app.people.users.rules import Rights
from app.periods import beginning_of
from app.security.actor import Actor, current_actor
from app.security.confirmation import LESS_ACCESS, confirmed, unasked
from app.security.guard import requires
from app.security.matrix import permissions_of
from app.security.permissions import Permission, Role, role_label
from app.web.forms import submitted
from app.web.htmx import redirect

roles = Blueprint("roles", __name__)


@roles.get("/roles")
@requires(Permission.ROLES_READ)
def index() -> str:
    """Show the permissions matrix, filtered by role and permission."""
    actor = current_actor()
    permissions = [(permission.value, str(permission_label(permission))) for permission in Permission]
    filters = MatrixFilters.parse(given_parameters(permission=permissions))
    words: dict[str, ChipText] = {
        "role": (_l("Role"), lambda value: str(role_label(Role(value)))),
        "permission": (_l("Permission"), lambda value: str(permission_label(Permission(value)))),
    }
    wanted = permissions_of(filters.role) if filters.role else frozenset(Permission)
    if filters.permission:
        wanted &= {filters.permission}
    holders = queries.list_holders(actor, filters.role, filters.permission)
    return render_template(
        "people/roles/index.html",
        matrix=matrix_of([filters.role] if filters.role else list(Role), wanted),
        people=queries.count_people(actor),
        holders=holders,
        labels={**USER.labels, **USER_PERMISSION.labels},
        has_more=len(holders) == queries.MAX_HOLDERS,
        filters=filters,
        chips=chips_of(filters, "roles.index", words),
        roles=[(role.value, role_label(role)) for role in Role],
        permissions=permissions,
        label_of=permission_label,
    )


@roles.get("/users/<uuid:user_id>/role")
@requires(Permission.USERS_CHANGE_ROLE)
@confirmed
def edit_role(user_id: UUID) -> Response:
    """Show the choice of roles, with a preview of what the selected one would change."""
    actor = current_actor()
    user = person_to_change(user_id, Permission.USERS_CHANGE_ROLE)
    return _role_page(actor, user, ChoiceFilters.parse(given_parameters()).role)


@roles.post("/users/<uuid:user_id>/role")
@requires(Permission.USERS_CHANGE_ROLE)
def update_role(user_id: UUID) -> Response:
    actor = current_actor()
    user = person_to_change(user_id, Permission.USERS_CHANGE_ROLE)
    wanted = RoleForm().chosen
    form = RoleForm.for_person(open_work_of(actor, user, new_role=wanted), queries.list_grants(user))
    with submitted(form) as sent:
        form.check()
        role = Role(form.role.data)
        service.change_role(
            actor,
            user_id,
            role,
            reason=form.reason.data or "",
            version=form.opened_with,
            dropped=form.dropped,
            takers=form.takers,
        )
        flash(_("%(name)s’s role is now %(role)s.", name=user.name, role=role_label(role)), "good")
        return redirect(url_for("users.show", user_id=user_id))
    return _role_page(actor, user, wanted, form, sent.status)


@roles.get("/users/<uuid:user_id>/permissions")
@requires(Permission.USERS_CHANGE_ROLE)
@confirmed
def edit_permissions(user_id: UUID) -> Response:
    """Show a person's extra permissions and who granted them, and the form to grant another one."""
    actor = current_actor()
    return _permissions_page(actor, person_to_change(user_id, Permission.USERS_CHANGE_ROLE))


@roles.post("/users/<uuid:user_id>/permissions")
@requires(Permission.USERS_CHANGE_ROLE)
def update_permissions(user_id: UUID) -> Response:
    actor = current_actor()
    user = person_to_change(user_id, Permission.USERS_CHANGE_ROLE)
    form = GrantForm.offering(_offered(actor, user, queries.list_grants(user)))
    with submitted(form) as sent:
        form.check()
        wanted = Permission(form.permission.data)
        service.grant(
            actor,
            user_id,
            wanted,
            reason=form.reason.data or "",
            expires_at=beginning_of(form.until.data, actor.timezone),
        )
        flash(
            _(
                "%(name)s was granted this permission: %(permission)s.",
                name=user.name,
                permission=permission_label(wanted),
            ),
            "good",
        )
        return redirect(url_for(".edit_permissions", user_id=user_id))
    return _permissions_page(actor, user, form, sent.status)


@roles.post("/users/<uuid:user_id>/permissions/<uuid:user_permission_id>/take")
@requires(Permission.USERS_CHANGE_ROLE)
@unasked(LESS_ACCESS)
def take(user_id: UUID, user_permission_id: UUID) -> Response:
    actor = current_actor()
    user = person_to_change(user_id, Permission.USERS_CHANGE_ROLE)
    taken = service.revoke(actor, user_id, user_permission_id)
    if taken is not None:
        flash(
            _(
                "This permission was removed from %(name)s: %(permission)s.",
                name=user.name,
                permission=permission_label(taken),
            ),
            "good",
        )
    return redirect(url_for(".edit_permissions", user_id=user_id))


def _role_page(
    actor: Actor, user: User, wanted: Role | None, form: RoleForm | None = None, status: int = HTTPStatus.OK
) -> Response:
    choices = roles_to_give(actor, Role(user.role))
    wanted = wanted if wanted in choices else None
    if form is None and wanted is not None:
        form = _new_role_form(actor, user, wanted)
    page = render_template(
        "people/roles/change_role.html",
        user=user,
        choices=choices,
        form=form,
        preview=preview_role(actor, user, wanted) if wanted else None,
        label_of=permission_label,
    )
    return make_response(page, status)


def _new_role_form(actor: Actor, user: User, wanted: Role) -> RoleForm:
    grants = queries.list_grants(user)
    kept = [one.permission.value for one in grants if not one.is_expired]
    work = open_work_of(actor, user, new_role=wanted)
    return RoleForm.for_person(work, grants, formdata=None, role=wanted.value, version=user.version, kept=kept)


def _permissions_page(actor: Actor, user: User, form: GrantForm | None = None, status: int = HTTPStatus.OK) -> Response:
    grants = queries.list_grants(user)
    offered = _offered(actor, user, grants)
    page = render_template(
        "people/roles/permissions.html",
        user=user,
        grants=grants,
        table=table_of(USER_PERMISSION, actor, own=("permission", "granted_by", "expires_at")),
        form=form or GrantForm.offering(offered, formdata=None),
        can_grant=bool(offered),
        label_of=permission_label,
    )
    return make_response(page, status)


def _offered(actor: Actor, user: User, grants: Sequence[queries.Grant]) -> Sequence[Permission]:
    granted = frozenset(one.permission for one in grants if not one.is_expired)
    return grantable(actor, Rights(Role(user.role), granted))
