"""Whatever is undone is then as it was, in every column of every table."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text

from tests.support.company import make_company
from tests.support.factories import Factories
from tests.support.organization_snapshot import MOVES, Whole, everything
from tests.support.undo_cases import cases
from tests.support.undos import ALWAYS, Scene

#: Instead of a column: a row that the act added and the undo left, one that it left in the trash, and one that is gone.
ADDED, IN_TRASH, GONE = "added", "in the trash", "gone"
#: What differs after an undo, with the reason.
MEANT: Mapping[tuple[str, str], str] = {
    ("appointments", IN_TRASH): "An undone booking is in the trash.",
    ("leads", IN_TRASH): "The lead that an undone booking opened is in the trash.",
    ("bulk_operations", ADDED): "The bulk change itself, which is marked as undone.",
    ("contact_merges", ADDED): "The merge itself, which stays with the deletion that was undone.",
    ("operation_reverts", ADDED): "The revert itself.",
    ("tasks", ADDED): "A task that was just added is canceled.",
    ("missed_call_entries", "claim_expires_at"): "A claim is a lease: it begins anew with the call that goes on.",
}
#: Endpoints that undo something in other tests, or whose names only sound like it.
ELSEWHERE: Mapping[str, str] = {
    "audit_log.cancel_revert": "It stops a revert and undoes nothing.",
    "imports.undo": "tests/data/imports/test_undo.py: every row of a file is as it was.",
    "imports.weigh_undo": "It counts what an undo would do.",
    "merging.restore_to_merge": "It restores a contact as trash.restore does, on the way to merging it.",
    "notifications.take_back": "tests/messaging/notifications/test_page.py: notifications are unread again.",
    "organizations.restore": "tests/trust/trash/test_row_by_row.py: an organization comes back as it was.",
    "trash.restore_bulk": "It restores deletions one by one, as trash.restore does.",
    "trash.restore_many": "It has the worker restore, row by row as trash.restore does.",
}
#: Columns that the trail ignores, by the reason why no undo misses them.
_COUNTED = "It counts or dates what programs and pages do, which no undo takes back."
_DERIVED = "The database derives it from the row’s other columns."
_PROGRESS = "It is the progress of a job, which goes on where it stopped."
IGNORED: Mapping[str, tuple[str, ...]] = {
    _COUNTED: (
        "api_keys.last_used_at", "api_keys.last_used_ip", "api_keys.last_used_operation",
        "knowledge_items.last_used_at", "knowledge_items.usage_count", "organizations.deleted_before",
        "user_sessions.last_seen_at", "users.last_seen_at", "users.mfa_last_step",
    ),
    _DERIVED: (
        "call_analyses.objection_categories", "call_analyses.objection_severities", "contact_cards.company_key",
        "contact_cards.full_name", "contact_cards.name_key", "knowledge_items.search", "users.email_key",
        "users.is_active", "users.name_key",
    ),
    _PROGRESS: (
        "bulk_operations.position", "bulk_operations.rows_changed", "bulk_operations.rows_moved_on",
        "bulk_operations.rows_refused", "bulk_operations.rows_unchanged", "bulk_operations.rows_undone",
        "bulk_operations.started_at", "bulk_operations.status", "contact_merges.rows_moved",
        "contact_merges.unrecorded", "erasures.files", "erasures.places_done", "erasures.places_total",
        "exports.row_count", "exports.rows_total", "exports.started_at", "exports.status", "imports.header_hash",
        "imports.line_reached", "imports.percent_read", "imports.preview", "imports.preview_failure",
        "imports.rows_created", "imports.rows_left_out", "imports.rows_rejected", "imports.rows_remarked",
        "imports.rows_total", "imports.rows_unchanged", "imports.rows_updated", "imports.skipped_columns",
        "imports.started_at", "imports.status", "operation_reverts.position", "operation_reverts.records_reverted",
        "operation_reverts.records_skipped", "operation_reverts.records_unchanged", "operation_reverts.started_at",
        "operation_reverts.status", "outbound_streams.attempts", "outbound_streams.delivery_id",
        "outbound_streams.failing_since", "outbound_streams.last_error", "outbound_streams.last_sent_at",
        "outbound_streams.next_try_at", "outbound_streams.sent_id", "outbound_streams.sent_pos",
        "outbound_streams.test_error", "outbound_streams.tested_at", "outbound_streams.until_id",
        "outbound_streams.until_pos", "webhook_deliveries.attempts", "webhook_deliveries.delayed_at",
        "webhook_deliveries.effects", "webhook_deliveries.error", "webhook_deliveries.ignored_because",
        "webhook_deliveries.next_attempt_at", "webhook_deliveries.processed_at", "webhook_deliveries.status",
    ),
    "What was sent can’t be unsent.": (
        "messages.cost", "messages.error_code", "messages.provider_sid", "messages.sent_at", "messages.status",
    ),
    "It is measured once, from audio that no undo changes.": ("recording_sessions.loudness",),
    "Taking back a first attempt empties it; no other undo concerns it.": (
        "missed_call_entries.first_attempt_seconds",
    ),
}  # fmt: skip
#: The columns that the triggers of the trail ignore.
_IGNORED_COLUMNS = """
    SELECT concat(class.relname, '.', attribute.attname)
    FROM pg_trigger trigger
    JOIN pg_class class ON class.oid = trigger.tgrelid
    JOIN pg_attribute attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0
    WHERE trigger.tgname = 'audit' AND attribute.attname NOT IN ('updated_at', 'is_deleted')
      AND attribute.attname = ANY (CAST(split_part(encode(trigger.tgargs, 'escape'), '\\000', 2) AS text[]))
"""
#: The rows about which each operation has entries.
_CHANGED = """
    SELECT operation_id, resource_id FROM audit_logs
    WHERE operation_id = ANY (:operations) AND (before IS NOT NULL OR after IS NOT NULL)
"""


def test_every_row_is_as_it_was(app: Flask, make: Factories, admin_engine: Engine) -> None:
    company = make_company(make, business_hours=ALWAYS, team_members_quota=100)
    scene = Scene(app, company, make)
    with make.batch():
        steps = {name: case(scene) for name, case in cases(app).items()}
    before = everything(admin_engine, company.organization)

    operations = {operation: name for name, of_case in steps.items() for operation in scene.run(of_case)}

    found = {*_differences(before, everything(admin_engine, company.organization))}
    with admin_engine.connect() as connection:
        changed = connection.execute(text(_CHANGED), {"operations": [*operations]}).all()
    by_row: dict[str | None, set[str]] = {}
    for row in changed:
        by_row.setdefault(str(row.resource_id), set()).add(operations[row.operation_id])
    assert {*operations} == {row.operation_id for row in changed}, "an act changed nothing"
    wrong = [(*where, by_row.get(row_id)) for *where, row_id in found if tuple(where) not in MEANT]
    assert wrong == []
    assert {(table, column) for table, column, _row_id in found} == MEANT.keys()


def _differences(before: Whole, after: Whole) -> Iterator[tuple[str, str, str | None]]:
    """Yield the table, column and row of each difference; ADDED, IN_TRASH or GONE stands for all columns."""
    for table, key in before.keys() | after.keys():
        was, is_now = before.get((table, key)), after.get((table, key))
        row_id = (is_now or was or {}).get("id")
        if was is None or is_now is None:
            yield table, GONE if is_now is None else IN_TRASH if is_now.get("deleted_at") else ADDED, row_id
            continue
        for name in was.keys() - MOVES:
            if was[name] != is_now[name]:
                yield table, name, row_id


def test_every_way_to_undo_is_among_the_cases(app: Flask) -> None:
    words = ("undo", "restore", "revert", "take_back")
    undoing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and any(word in rule.endpoint.partition(".")[2] for word in words)
    }
    walked = {name.partition(" ")[0] for name in cases(app)}
    inside = {endpoint for endpoint in undoing if not endpoint.startswith("api.")}

    assert len(cases(app)) > 60
    assert inside - walked == ELSEWHERE.keys()


def test_every_column_that_the_trail_ignores_has_a_reason(app: Flask, admin_engine: Engine) -> None:
    with admin_engine.connect() as connection:
        ignored = {*connection.scalars(text(_IGNORED_COLUMNS))}

    named: list[Any] = [column for columns in IGNORED.values() for column in columns]
    assert sorted(named) == sorted(ignored)
