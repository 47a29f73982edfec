"""Acts that need a confirmed session: their list, and every route, operation and service that can do them."""

import ast
import re
from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import Rule

from app.api.routes import endpoints
from app.config import PROJECT_ROOT
from app.db.transaction import SAFE_METHODS
from app.declarations.registry import registry_of
from app.declarations.revertible import Revertible
from app.models import Base, Provider, Role, StaffRole
from app.security.confirmation import CONFIRMED, MARK, UNASKED, Effect, needs_confirmed_permission
from app.security.guard import access_of
from app.security.permissions import Permission
from app.security.secret_fields import is_secret
from tests.support.api_client import ApiClient
from tests.support.client import Client
from tests.support.company import Company, address_of
from tests.support.factories import DAY, Factories
from tests.support.routes import page_routes
from tests.support.sources import parsed
from tests.support.unconfirmed import aged, asks, count_changes

#: Pages with nothing but the form of such an act.
FORMS = {
    "api_keys.new",
    "organizations.confirm_delete",
    "organizations.confirm_enter",
    "organizations.confirm_purge",
    "organizations.confirm_restore",
    "organizations.confirm_suspend",
    "organizations.new",
    "privacy.new_organization_export",
    "providers.edit_billing",
    "providers.edit_callrail",
    "providers.edit_shunya",
    "providers.edit_twilio",
    "providers.edit_vapi",
    "retention.confirm_run",
    "roles.edit_permissions",
    "roles.edit_role",
    "settings.confirm_delete",
    "settings.edit_webhook_key",
    "streams.confirm_delete",
    "streams.new",
    "trash.confirm_purge",
    "users.confirm_deactivate",
    "users.confirm_delete",
    "users.confirm_reset_second_factor",
    "users.confirm_suspend",
    "users.new_password_link",
}
#: One's own second factor: its page, before it is turned off there, and turning it off.
OWN_SECOND_FACTOR = {"sign_in.new_second_factor", "sign_in.remove_second_factor"}
#: Requests of pages that need a permission of the list.
ACTS = {
    "api_keys.create",
    "api_keys.rotate",
    "invitations.create",
    "invitations.invite_all",
    "invitations.send_again",
    "organizations.create",
    "organizations.delete",
    "organizations.enter",
    "organizations.let_back",
    "organizations.purge",
    "organizations.renew_owner_link",
    "organizations.restore",
    "organizations.resume",
    "organizations.suspend",
    "outbox.link",
    "privacy.create_organization_export",
    "privacy.erase",
    "privacy.export",
    "privacy.update_monthly_export",
    "providers.end_previous_secrets",
    "providers.remove",
    "providers.update_billing",
    "providers.update_callrail",
    "providers.update_shunya",
    "providers.update_twilio",
    "providers.update_vapi",
    "retention.run",
    "roles.update_permissions",
    "roles.update_role",
    "settings.delete",
    "streams.change_secret",
    "streams.create",
    "streams.delete",
    "streams.pause",
    "streams.resume",
    "streams.test",
    "streams.update",
    "trash.purge",
    "users.activate",
    "users.deactivate",
    "users.delete",
    "users.let_back",
    "users.suspend",
}
#: Requests and operations that need such a permission and don't ask, each with a reason.
UNASKED_ACTS = {
    "api.deleteUserPermission",
    "api.revokeApiKey",
    "api.revokeInvitation",
    "api_keys.revoke",
    "invitations.create_import",
    "invitations.revoke",
    "organizations.leave",
    "privacy.make_card",
    "roles.take",
}
OPERATIONS = {
    "api.activateUser",
    "api.createApiKey",
    "api.createIntegration",
    "api.createInvitation",
    "api.createUser",
    "api.createUserPermission",
    "api.deactivateUser",
    "api.deleteIntegration",
    "api.deleteUser",
    "api.endIntegrationPreviousSecrets",
    "api.reactivateUser",
    "api.rotateApiKey",
    "api.sendInvitationAgain",
    "api.setUserRole",
    "api.suspendUser",
    "api.updateIntegration",
}
#: Services that need such a permission and leave it to the routes that call them to ask, by function below `app`.
LEFT_TO_ROUTES = {
    "messaging.outbox.service.show_link": {"outbox.link"},
    "organization.api_keys.service._hold_rights": {"api_keys.create", "api_keys.rotate"},
    "organization.api_keys.service.create_key": {"api_keys.create", "api.createApiKey"},
    "organization.api_keys.service.revoke_key": {"api_keys.revoke", "api.revokeApiKey"},
    "organization.api_keys.service.rotate_key": {"api_keys.rotate", "api.rotateApiKey"},
    "organization.providers.service.add_account": {"api.createIntegration"},
    "organization.providers.service.end_previous_secrets": {
        "providers.end_previous_secrets",
        "api.endIntegrationPreviousSecrets",
    },
    "organization.providers.service.remove_account": {"providers.remove", "api.deleteIntegration"},
    "organization.providers.service.save_account": {
        *(f"providers.update_{provider}" for provider in Provider),
        "api.updateIntegration",
    },
    "organization.settings.deletion_service.delete_organization": {"settings.delete", "organizations.delete"},
    "people.invitations.service._open_invitation": {"invitations.send_again", "invitations.revoke"},
    "people.invitations.service.invite": {"invitations.create", "invitations.invite_all", "api.createInvitation"},
    "people.roles.service.change_role": {"roles.update_role", "api.setUserRole"},
    "people.roles.service.grant": {"roles.update_permissions", "api.createUserPermission"},
    "people.roles.service.revoke": {"roles.take", "api.deleteUserPermission"},
    "people.sign_in.staff_entry_service.enter": {"organizations.enter"},
    "people.users.handover_service.hand_over": {"users.deactivate", "users.delete", "roles.update_role"},
    "people.users.leaving_service.deactivate_person": {"users.deactivate", "api.deactivateUser"},
    "people.users.leaving_service.delete_person": {"users.delete", "api.deleteUser"},
    "people.users.record_service.create_person": {"api.createUser"},
    "people.users.service.activate": {"users.activate", "api.activateUser"},
    "people.users.service.change_role": {"roles.update_role", "api.setUserRole"},
    "people.users.service.check_deletion": {"users.delete", "api.deleteUser"},
    "people.users.service.create_user": {"api.createUser", "organizations.create"},
    "people.users.suspension_service.let_back": {"users.let_back", "api.reactivateUser"},
    "people.users.suspension_service.suspend": {"users.suspend", "api.suspendUser"},
    "platform.organizations.tenant_switch.working_in": {
        "organizations.delete",
        "organizations.let_back",
        "organizations.purge",
        "organizations.renew_owner_link",
        "organizations.restore",
        "organizations.resume",
        "organizations.suspend",
    },
    "trust.privacy.monthly_export_service.turn_monthly_export": {"privacy.update_monthly_export"},
    "trust.privacy.service.make_card": {"privacy.make_card"},
    "trust.privacy.service.request_erasure": {"privacy.erase"},
    "trust.privacy.service.request_person_export": {"privacy.export"},
    "trust.retention.service.request_sweep": {"retention.run"},
    "trust.trash.background_service.purge": {"trash.purge"},
    "trust.trash.bulk_service.purge_batches": {"trash.purge"},
}
#: Those that don't leave it to routes alone, each with the reason why it isn't asked.
NEEDS_NO_QUESTION = {
    "people.users.handover_service.open_work_of": "it reads",
    "people.users.service.deactivate": "people ask in leaving_service, and a repair’s choice isn’t its user’s",
    "trust.privacy.newest_export_service.find_newest_export": "it reads; take_newest_export asks",
    "trust.privacy.service.request_organization_export": "its route asks, and exports.record_service for programs",
}
#: Columns that such an act writes: those of each effect, and those that need a permission of the list.
PROTECTED: dict[Effect | Permission, set[str]] = {
    Effect.ADDRESS: {"users.email"},
    Effect.LINK: {"password_resets.token_hash", "users.password_hash"},
    Effect.SECOND_FACTOR: {"users.mfa_secret", "organizations.require_mfa"},
    Effect.PERSON_BACK: {"users.deleted_at", "users.deletion_batch_id"},
    Effect.RETENTION: {
        "organizations.legal_hold",
        "organizations.pending_retention",
        "organizations.retention_days",
        "organizations.trash_days",
    },
    Effect.WEBHOOK_KEY: {"organizations.webhook_key"},
    Effect.CALENDAR_FEED: {"users.calendar_feed_hash"},
    Permission.USERS_CHANGE_ROLE: {"users.role", "user_permissions.permission", "user_permissions.expires_at"},
    Permission.USERS_DEACTIVATE: {"users.status", "users.suspended_until"},
    Permission.USERS_INVITE: {"invitations.email", "invitations.role"},
    Permission.API_KEYS_MANAGE: {"api_keys.permissions", "api_keys.expires_at"},
    Permission.WEBHOOKS_MANAGE: {"outbound_streams.url", "outbound_streams.secret", "integrations.secrets"},
    Permission.TRASH_PURGE: {"deletion_batches.purge_after"},
    Permission.ORGANIZATIONS_MANAGE: {"organizations.status"},
}


@pytest.fixture
def owner(client: Client, company: Company) -> Client:
    """The browser of an owner who has just signed in."""
    return client.sign_in(company.people[Role.OWNER])


def test_the_list_is_the_one_in_the_threat_model() -> None:
    page = (PROJECT_ROOT / "docs" / "threat-model.md").read_text()
    effects = re.search(r"\| effect \|\n\|---\|\n((?:\|.*\|\n)+)", page)
    permissions = re.search(r"\| permission \| what it allows \|\n\|---\|---\|\n((?:\|.*\|\n)+)", page)

    assert effects is not None
    assert permissions is not None
    assert set(re.findall(r"^\| (.*) \|$", effects[1], re.MULTILINE)) == set(Effect)
    assert set(re.findall(r"^\| `(.*?)` \|", permissions[1], re.MULTILINE)) == {one.value for one in CONFIRMED}


def test_every_route_that_needs_such_a_permission_asks_or_says_why_not(app: Flask) -> None:
    with app.app_context():
        unsafe = {rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE_METHODS}
        asked = {endpoint for endpoint in unsafe if needs_confirmed_permission(app, endpoint)}
        able = {endpoint for endpoint in unsafe if _needs_one(app, endpoint)}
    reasons = {endpoint for endpoint in able if getattr(app.view_functions[endpoint], UNASKED, "")}

    assert {endpoint for endpoint in asked if not endpoint.startswith("api.")} == ACTS
    assert {endpoint for endpoint in asked if endpoint.startswith("api.")} == OPERATIONS
    assert able - asked == reasons == UNASKED_ACTS
    assert {one.name for one in endpoints(app) if one.write is not None and one.write.unasked} == {
        endpoint.removeprefix("api.") for endpoint in UNASKED_ACTS if endpoint.startswith("api.")
    }


def _needs_one(app: Flask, endpoint: str) -> bool:
    access = access_of(app, endpoint)
    assert access is not None
    return bool(CONFIRMED & {*access.all_of, *access.any_of})


def test_no_revert_and_no_import_does_such_an_act(app: Flask) -> None:
    """Reverts and imports don't ask, so none may need such a permission, or write a column that an act protects."""
    registry = registry_of(app)
    reverts = [(one, one.revert) for one in registry.resources.values() if isinstance(one.revert, Revertible)]
    permissions = {permission for _resource, revert in reverts for permission in revert.fields.values()}
    reverted = {f"{one.model.__tablename__}.{field}" for one, revert in reverts for field in revert.fields}
    imported = {
        f"{one.model.__tablename__}.{field.name}" for one in registry.resources.values() for field in one.imported
    }
    protected = set().union(*PROTECTED.values())

    assert set(Effect) <= PROTECTED.keys()
    assert protected <= {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.c}
    assert not CONFIRMED & {*permissions, *(one.permission for one in registry.imports.values())}
    assert reverted
    assert imported
    assert not protected & (reverted | imported)


def test_every_service_that_needs_such_a_permission_asks_or_is_called_by_routes_that_do() -> None:
    silent = {name for name in _services_with_such_a_permission() if name not in NEEDS_NO_QUESTION}

    assert silent == LEFT_TO_ROUTES.keys()
    assert set().union(*LEFT_TO_ROUTES.values()) <= ACTS | OPERATIONS | UNASKED_ACTS


def _services_with_such_a_permission() -> Iterator[str]:
    """Yield the functions that call something with such a permission, but nothing that asks.

    In a service these are all calls; elsewhere only `actor.requires(…)`.
    """
    for path, tree in parsed(PROJECT_ROOT / "app", {"Permission", "requires("}):
        module = ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            body = [node for statement in function.body for node in ast.walk(statement)]
            calls = [node for node in body if isinstance(node, ast.Call)]
            if any(_name_of(call).startswith("require_confirmation") for call in calls):
                continue
            is_service = path.stem.endswith("service")
            checks = [one for one in calls if is_service or getattr(one.func, "attr", "") == "requires"]
            if CONFIRMED & {permission for call in checks for permission in _permissions_in(call, module)}:
                yield f"{module.removeprefix('app.')}.{function.name}"


def _name_of(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _permissions_in(call: ast.Call, module: str) -> Iterator[Permission]:
    """Yield the permissions that a call names, itself or by a tuple of its module."""
    for argument in (*call.args, *(one.value for one in call.keywords)):
        value = argument.value if isinstance(argument, ast.Starred) else argument
        if isinstance(value, ast.Attribute) and ast.unparse(value.value) == "Permission":
            yield Permission[value.attr]
        elif isinstance(value, ast.Name) and value.id.isupper():
            constant = getattr(import_module(module), value.id, None)
            yield from (one for one in (constant if isinstance(constant, tuple) else ()) if isinstance(one, Permission))


def test_these_forms_are_marked(app: Flask) -> None:
    marked = {endpoint for endpoint, view in app.view_functions.items() if hasattr(view, MARK)}

    assert {one for one in marked if not one.startswith("probes.")} == FORMS | OWN_SECOND_FACTOR


def requests_to(app: Flask, names: Collection[str]) -> Iterator[tuple[str, Rule]]:
    """Yield the method and the route of each of these endpoints."""
    for rule in page_routes(app):
        if rule.endpoint in names:
            yield "GET" if "GET" in (rule.methods or ()) else "POST", rule


@pytest.mark.parametrize("is_of_platform", [False, True], ids=["organization", "platform"])
def test_each_of_them_asks_and_changes_nothing(
    app: Flask,
    owner: Client,
    new_client: Callable[[], Client],
    company: Company,
    make: Factories,
    admin_engine: Engine,
    *,
    is_of_platform: bool,
) -> None:
    people = new_client().sign_in(make.staff(StaffRole.ADMIN)) if is_of_platform else owner
    aged(people, admin_engine)
    chosen = {one for one in FORMS | ACTS if one.startswith("organizations.") is is_of_platform}
    before = count_changes(admin_engine)
    silent = [
        rule.endpoint
        for method, rule in requests_to(app, chosen)
        if not asks(people, method, address_of(app, rule, company))
    ]

    assert silent == []
    assert count_changes(admin_engine) == before


def test_each_operation_asks_and_changes_nothing(app: Flask, company: Company, admin_engine: Engine) -> None:
    program = ApiClient(app, company.people[Role.OWNER], confirmed_at=DAY)
    before = count_changes(admin_engine)
    for endpoint in endpoints(app):
        if f"api.{endpoint.name}" in OPERATIONS:
            path = re.sub(r"\{\w+\}", str(company.people[Role.CSR].id), endpoint.path)
            response = program.send(endpoint.method, path, {})
            assert response.status_code == 403, endpoint.name
            assert response.get_json()["error"]["code"] == "REAUTHENTICATION_REQUIRED", endpoint.name

    assert count_changes(admin_engine) == before


def test_no_form_with_a_secret_asks_only_when_it_is_submitted(app: Flask, owner: Client, company: Company) -> None:
    """A secret isn't stored while the person confirms, so they would have to enter it twice."""
    urls, areas = app.url_map.bind(""), {act.partition(".")[0] for act in ACTS}
    asking, forms = [], 0
    for rule in page_routes(app):
        access = access_of(app, rule.endpoint)
        is_page = "GET" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in areas
        is_marked = hasattr(app.view_functions[rule.endpoint], MARK)
        if access is None or not access.all_of or not is_page or is_marked:
            continue
        page = owner.look_at(address_of(app, rule, company))
        for form in page.all(".//form[@method='post']") if page.is_html else ():
            endpoint, _arguments = urls.match(urlsplit(form.get("action", "")).path, method="POST")
            forms += endpoint in ACTS
            if endpoint in ACTS and any(_takes_secret(one) for one in form.iter("input")):
                asking.append(rule.endpoint)

    assert forms
    assert asking == []


def _takes_secret(control: Element) -> bool:
    is_typed = control.get("type") not in ("hidden", "checkbox", "radio", "submit")
    return is_typed and (control.get("type") == "password" or is_secret(control.get("name", "")))
