"""The permission matrix, compared with the agreed permissions in a second notation."""

import pytest

from app.security.matrix import MATRIX, Extent, extent_of, first_role_with, permissions_of
from app.security.permissions import Permission, Role

EVERYBODY = set(Role)
LEADERS = {Role.MANAGER, Role.ADMIN, Role.OWNER}
MANAGEMENT = LEADERS | {Role.EXEC}
OFFICE = MANAGEMENT | {Role.SUPPORT}
ADMINS = {Role.ADMIN, Role.OWNER}
AUDITORS = ADMINS | {Role.SUPPORT, Role.EXEC}
OPERATORS = ADMINS | {Role.SUPPORT}
FIELD = {Role.CSR, Role.SALES_REP}

# permissions: (roles with the whole organization, roles with their own rows)
EXPECTED: list[tuple[str, set[Role], set[Role]]] = [
    ("dashboards:csr", MANAGEMENT, {Role.CSR}),
    ("dashboards:rep", MANAGEMENT, {Role.SALES_REP}),
    ("dashboards:exec reports:read costs:read saved_views:share targets:write coaching:read", MANAGEMENT, set()),
    ("reports:manage", ADMINS, set()),
    ("calls:read contacts:read leads:read appointments:read", OFFICE, FIELD),
    ("calls:update contacts:write leads:write appointments:write tasks:write events:write", LEADERS, FIELD),
    ("calls:reclassify", LEADERS, {Role.CSR}),
    (
        "calls:assign calls:import contacts:import deals:import analyses:import disputes:decide coaching:write",
        LEADERS,
        set(),
    ),
    ("leads:assign appointments:assign tasks:assign contacts:merge", LEADERS, set()),
    ("contacts:delete leads:delete appointments:delete tasks:delete events:delete", LEADERS, set()),
    ("knowledge:write knowledge:delete note_templates:write", LEADERS, set()),
    ("missed_calls:read", OFFICE | {Role.CSR}, set()),
    ("missed_calls:work", LEADERS | {Role.CSR}, set()),
    ("missed_calls:correct", LEADERS, set()),
    ("recordings:read", MANAGEMENT, {Role.SALES_REP}),
    ("recordings:write", LEADERS, {Role.SALES_REP}),
    ("tasks:read events:read ask:use", MANAGEMENT, FIELD),
    ("knowledge:read search:use saved_views:write", EVERYBODY, set()),
    ("phone_numbers:read users:read roles:read organization:read billing:read", OFFICE, set()),
    ("exports:create", MANAGEMENT, {Role.SUPPORT}),
    ("audit:read audit:verify", AUDITORS, set()),
    ("trash:read", OPERATORS, {Role.MANAGER}),
    ("trash:restore", ADMINS, {Role.MANAGER}),
    ("webhooks:read jobs:read system:read", OPERATORS, set()),
    ("contacts:erase recordings:delete phone_numbers:write phone_numbers:delete audit:revert", ADMINS, set()),
    ("users:invite users:update users:change_role users:deactivate users:delete", ADMINS, set()),
    ("users:revoke_sessions users:view_as organization:update ai_config:update webhooks:manage", ADMINS, set()),
    ("api_keys:manage organization:export", ADMINS, set()),
    ("webhooks:replay jobs:retry outbox:read outbox:read_links system:repair", ADMINS, set()),
    ("trash:purge retention:update billing:update organization:delete users:grant_owner", {Role.OWNER}, set()),
    ("maintenance:write organizations:enter organizations:manage", set(), set()),
]
ROWS = [(Permission(name), whole, own) for names, whole, own in EXPECTED for name in names.split()]


@pytest.mark.parametrize(("permission", "whole", "own"), ROWS, ids=[row[0] for row in ROWS])
def test_permission_reaches_as_far_as_agreed(permission: Permission, whole: set[Role], own: set[Role]) -> None:
    reach = {role: extent_of(role, permission) for role in Role}

    assert {role for role, extent in reach.items() if extent is Extent.ALL} == whole
    assert {role for role, extent in reach.items() if extent is Extent.OWN} == own


def test_agreement_speaks_of_every_permission_once() -> None:
    assert sorted(row[0] for row in ROWS) == sorted(Permission)


def test_matrix_has_a_row_for_every_permission() -> None:
    assert set(MATRIX) == set(Permission)


def test_higher_rank_of_an_admin_loses_nothing() -> None:
    assert permissions_of(Role.ADMIN) < permissions_of(Role.OWNER)


@pytest.mark.parametrize(
    ("permission", "role"),
    [
        (Permission.CALLS_READ, Role.CSR),
        (Permission.RECORDINGS_READ, Role.SALES_REP),
        (Permission.AUDIT_READ, Role.SUPPORT),
        (Permission.CALLS_IMPORT, Role.MANAGER),
        (Permission.USERS_INVITE, Role.ADMIN),
        (Permission.TRASH_PURGE, Role.OWNER),
        (Permission.MAINTENANCE_WRITE, None),
    ],
)
def test_refusal_names_the_first_role_of_the_list_that_would_do(permission: Permission, role: Role | None) -> None:
    assert first_role_with(permission) is role
