"""An organization with a user of each role and a row of every kind, for tests that visit all routes."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.models import Organization, Role, User
from app.security.guard import Access, access_of, is_static
from app.security.matrix import permissions_of
from app.security.permissions import Permission
from tests.support.factories import DAY, Factories
from tests.support.routes import page_routes


@dataclass
class Company:
    """An organization's people and rows.

    `rows` are keyed by the name that routes use: `/calls/<uuid:call_id>` is about `rows["call"]`.
    """

    organization: Organization
    people: dict[Role, User]
    rows: dict[str, Any] = field(default_factory=dict)


#: Routes that are files rather than pages, or that end the session.
NO_PAGES = (
    "/api/", ".csv", ".css", ".js", ".webmanifest", ".webp", "/audio", "/file", "/health", "/metrics", "/static",
    "/styleguide/", "/parts",
    "/account/session", "/missed-calls/news", "/notifications/newest", "/tasks/reading", "/knowledge/answers",
)  # fmt: skip


def make_company(make: Factories, **values: Any) -> Company:
    """Create an organization with `values` and one row of every kind."""
    with make.batch():
        return _company(make, make.organization(**values))


def one_of_everything(make: Factories, organization: Organization) -> Company:
    """Create one row of every kind in an existing organization."""
    with make.batch():
        return _company(make, organization)


def _company(make: Factories, organization: Organization) -> Company:
    people = {role: make.user(organization, role=role) for role in Role}
    csr = people[Role.CSR]
    contact = make.contact(organization)
    lead = make.lead(organization, contact=contact, csr_id=csr.id)
    call = make.call(organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id)
    rows = {
        "contact": contact,
        "lead": lead,
        "call": call,
        "note": make.note(call, csr),
        "transcript": make.transcript(call),
        "analysis": make.analysis(call),
        "entry": make.missed_entry(organization),
        "appointment": make.appointment(organization, contact=contact, csr_id=csr.id),
        "task": make.task(organization, assignee=csr),
        "batch": make.deletion(make.task(organization, title="A task in the trash")),
        "job": make.job(organization),
        "import": make.import_of_calls(organization, status="completed", finished_at=DAY),
        "export": make.export_of_calls(people[Role.MANAGER]),
        "bulk_operation": make.bulk_operation(csr),
        "erasure": make.erasure(people[Role.ADMIN]),
        "saved_view": make.saved_view(csr, is_shared=True),
        "list_settings": make.list_settings(people[Role.MANAGER]),
    }
    rows["operation_revert"] = revert = make.operation_revert(people[Role.ADMIN])
    rows["skipped_record"] = make.skipped_record(revert)
    other = rows["other_contact"] = make.contact(organization)
    rows["contact_note"] = make.contact_note(contact, csr)
    rows["contact_merge"] = make.contact_merge(contact, other)
    somebody = make.user(organization, name="Somebody else")
    rows["user"] = somebody
    rows["session"] = make.session_of(somebody)
    rows["user_permission"] = make.grant(somebody, Permission.REPORTS_READ)
    rows["invitation"] = make.invitation(organization)
    rows["message"] = make.message(organization)
    rows["audit_log"] = make.entry(organization, actor_label="postgres")
    rows["api_key"] = make.api_key(people[Role.ADMIN])
    rows |= _telephony_rows(make, organization, rows, people)
    rows |= _office_rows(make, organization, rows, people)
    return Company(organization, people, rows)


def _telephony_rows(
    make: Factories, organization: Organization, rows: dict[str, Any], people: dict[Role, User]
) -> dict[str, Any]:
    """Create phone numbers, callback attempts, disputes, recordings, and rows about provider traffic."""
    call, appointment = rows["call"], rows["appointment"]
    recording = make.recording(appointment, people[Role.SALES_REP])
    return {
        "phone_number": make.phone_number(organization),
        "blocked_number": make.blocked_number(organization),
        "attempt": make.attempt(rows["entry"], people[Role.CSR]),
        "dispute": make.dispute(call, people[Role.CSR]),
        "recording": recording,
        "recording_part": make.recording_part(recording),
        "delivery": make.delivery(organization, status="dead", attempts=8),
        "integration": make.integration(organization),
        "provider_task": make.provider_task(call),
        "stream": make.stream(organization),
    }


def _office_rows(
    make: Factories, organization: Organization, rows: dict[str, Any], people: dict[Role, User]
) -> dict[str, Any]:
    """Create rows about calendars, suggested tasks, the knowledge base, settings, reports and billing."""
    event = make.event(organization, people[Role.CSR])  # its organizer can change it
    return {
        "calendar": make.calendar(organization, owner_user_id=people[Role.CSR].id),  # and so can a calendar's owner
        "event": event,
        "attendee": make.attendee(event, people[Role.MANAGER]),
        "pending_action": make.pending_action(organization, contact=rows["contact"]),
        "knowledge_item": make.knowledge_item(organization),
        "note_template": make.note_template(organization),
        "service_type": make.service_type(organization),
        "report": make.report(organization),
        "report_subscription": make.report_subscription(people[Role.MANAGER]),
        "report_view": make.report_view(people[Role.MANAGER]),
        "target": make.target(organization, month=date(2027, 3, 1)),
        "subscription": make.subscription(organization),
        "invoice": make.invoice(organization),
    }


def may_use(access: Access, role: Role, besides: frozenset[Permission] = frozenset()) -> bool:
    """Return whether `role`, with the extra permissions `besides`, can use a route with this access."""
    held = permissions_of(role) | besides
    return set(access.all_of) <= held and (not access.any_of or bool(set(access.any_of) & held))


def address_of(app: Flask, rule: Rule, company: Company) -> str:
    """Return the route's URL with the IDs of the company's rows.

    For a kind without a row, the ID is that of the organization, which no row of that kind has.
    """
    values: dict[str, Any] = {}
    for argument in rule.arguments:
        name = argument.removesuffix("_id")
        assert argument.endswith("_id"), f"{rule.rule}: name the argument <resource>_id"
        values[argument] = company.rows[name].id if name in company.rows else company.organization.id
    return app.url_map.bind("").build(rule.endpoint, values)  # `url_for` would take a request, and thirty times as long


def page_addresses(app: Flask, company: Company, role: Role) -> list[str]:
    """Return the URLs of the pages that `role` can open, with the IDs of the company's rows.

    Routes whose path contains an item of `NO_PAGES` and routes about a kind without a row are omitted.
    """
    found = []
    for rule in page_routes(app):
        access = access_of(app, rule.endpoint)
        if "GET" not in (rule.methods or ()) or is_static(rule.endpoint) or access is None:
            continue
        if any(part in rule.rule for part in NO_PAGES) or not may_use(access, role):
            continue
        if all(argument.removesuffix("_id") in company.rows for argument in rule.arguments):
            found.append(address_of(app, rule, company))
    return sorted(found)
