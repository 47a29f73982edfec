"""Settings of users and the company: the assistant, saved views, exports, invitations."""

from collections.abc import Iterator
from datetime import timedelta

from app.models.ai_configs import AssistantVoice
from app.models.exports import ExportStatus
from app.security.permissions import Role
from demo.office import Office
from demo.people import Employee, of_role
from demo.rows import AssistantRow, ExportRow, InvitationRow, ViewRow

_VIEWS = (
    (Role.MANAGER, "calls", "Unbooked this week", "period=last_7&booking_status=not_booked", True),
    (Role.MANAGER, "calls", "Voicemails", "period=last_7&status=voicemail", False),
    (Role.EXEC, "calls", "Negative, last 30 days", "period=last_30&sentiment=negative", True),
    (Role.ADMIN, "leads", "Waiting for a decision", "stage=pending", True),
    (Role.CSR, "tasks", "Still to do", "status=pending", False),
)
_EXPORTED_DAYS_AGO = (61, 33, 12)
_KEPT = timedelta(days=7)
_INVITED = (
    ("Jordan Pike", Role.CSR, timedelta(days=2), False),
    ("Morgan Ellery", Role.SALES_REP, timedelta(days=16), False),
    ("Casey Brandt", Role.CSR, timedelta(days=30), True),
)
_VALID = timedelta(days=7)


def settings_rows(office: Office) -> Iterator[AssistantRow | ViewRow | ExportRow | InvitationRow]:
    yield _assistant(office)
    yield from _views(office)
    yield from _exports(office)
    yield from _invitations(office)


def _assistant(office: Office) -> AssistantRow:
    company = office.company
    return AssistantRow(
        organization_id=office.organization_id,
        id=office.ids.at(office.founded),
        assistant_name=company.assistant,
        greeting=f"Thanks for calling {company.spoken_name}, this is {company.assistant}, the automated assistant. "
        "I can book a visit for you or take a message.",
        voice=AssistantVoice.SAVANNAH if company.all_trades else AssistantVoice.COLE,
        business_hours=office.hours.as_json(),
        escalation_number=company.main_number,
        enabled=True,
        created_at=office.founded,
    )


def _views(office: Office) -> Iterator[ViewRow]:
    for role, page, name, query, is_shared in _VIEWS:
        at = office.now - timedelta(days=44)
        yield ViewRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            user_id=_first(office, role).id,
            page=page,
            name=name,
            query=query,
            is_shared=is_shared,
            created_at=at,
        )


def _exports(office: Office) -> Iterator[ExportRow]:
    manager = _first(office, Role.MANAGER)
    for days_ago in _EXPORTED_DAYS_AGO:
        at = office.now - timedelta(days=days_ago, hours=1)
        rows = 40 + 7 * days_ago
        yield ExportRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            kind="calls",
            status=ExportStatus.REMOVED,
            filters={"period": "last_7", "booking_status": "not_booked"},
            rows_total=rows,
            row_count=rows,
            started_at=at + timedelta(seconds=1),
            finished_at=at + timedelta(seconds=2),
            expires_at=at + _KEPT,
            requested_by=manager.id,
            requested_by_label=manager.member.name,
            created_at=at,
        )


def _invitations(office: Office) -> Iterator[InvitationRow]:
    admin = _first(office, Role.ADMIN)
    for name, role, ago, revoked in _INVITED:
        at = office.now - ago
        yield InvitationRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            email=f"{name.lower().replace(' ', '.')}@{office.company.domain}",
            name=name,
            role=role,
            invited_by=admin.id,
            invited_by_label=admin.member.name,
            expires_at=at + _VALID,
            revoked_at=at + timedelta(hours=2) if revoked else None,
            created_at=at,
        )


def _first(office: Office, role: Role) -> Employee:
    return of_role(office.staff, role)[0]
