"""The history of a deletion: each entry of the trail is named by what it changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.audit.queries import HistoryEntry
from app.trust.trash.history_page import deletion_steps

NOON = "2026-11-24T12:00:00Z"


def entry(action: str, changes: Mapping[str, tuple[Any, Any]]) -> HistoryEntry:
    return HistoryEntry(
        id=uuid4(),
        at=datetime(2026, 11, 24, 12, tzinfo=UTC),
        actor_label="Rosa Delgado",
        source="user",
        action=action,
        changes=changes,
        facts={},
        ip_address=None,
        request_id=None,
    )


@pytest.mark.parametrize(
    ("action", "changes", "title"),
    [
        ("deletion_batch.created", {}, "Deleted: Rosa Delgado"),
        ("deletion.restored", {"restored_at": (None, NOON)}, "Restored: Rosa Delgado"),
        ("deletion.partly_restored", {}, "Partly restored: Rosa Delgado"),
        ("deletion.purged", {"purged_at": (None, NOON)}, "Permanently deleted: Rosa Delgado"),
        ("deletion_batch.updated", {"deleting_at": (None, NOON)}, "Background deletion started: Rosa Delgado"),
        ("deletion_batch.updated", {"deleting_at": (NOON, None)}, "Background deletion finished: Rosa Delgado"),
        (
            "deletion_batch.updated",
            {"deleting_at": (NOON, None), "delete_failure": (None, "No space")},
            "Background deletion stopped: Rosa Delgado",
        ),
        (
            "deletion_batch.updated",
            {"deleting_at": (NOON, None), "delete_failure": (None, "Restored"), "restoring_at": (None, NOON)},
            "Background restore started: Rosa Delgado",
        ),
        (
            "deletion_batch.updated",
            {"restoring_at": (NOON, None), "restore_failure": (None, "No rights")},
            "Background restore stopped: Rosa Delgado",
        ),
        ("deletion_batch.updated", {"restoring_at": (NOON, None)}, "Background restore finished: Rosa Delgado"),
    ],
)
def test_an_entry_is_named_by_what_it_changed(
    app: Flask, action: str, changes: Mapping[str, tuple[Any, Any]], title: str
) -> None:
    with app.test_request_context():
        assert [step.title for step in deletion_steps([entry(action, changes)])] == [title]


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("deletion_batch.updated", {"counts": ({"lead": 1}, {"lead": 12})}),
        ("deletion_batch.updated", {"root_label": ("Ann Lee", "Ann Lee and 11 more")}),
        ("deletion_batch.updated", {"delete_failure": ("No space", None)}),
        ("deletion_batch.updated", {}),  # its values have been erased since
        ("deletion_batch.viewed", {}),
    ],
)
def test_an_entry_that_neither_deletes_nor_restores_is_left_out(
    app: Flask, action: str, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    with app.test_request_context():
        assert deletion_steps([entry(action, changes)]) == []
