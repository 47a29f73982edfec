"""Knowledge items in the JSON API."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import AuditLog, KnowledgeItem, Organization, User
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, ids_in, ids_on_page, statements_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories

SENT = {
    "question": "Do you work on Sundays?",
    "answer": "Yes, from 9 in the morning to 5.",
    "category": "hours",
    "language": "en",
}
STORED = {"id", "isActive", "usageCount", "lastUsedAt", "confirmedAt", "createdAt", "updatedAt", "version"}


def test_an_item_is_written_changed_and_moved_to_the_trash(
    as_manager: ApiClient, manager: User, behind: Behind
) -> None:
    created = data_of(as_manager.post("/knowledge-items", SENT), "knowledgeItem", status=201)
    path = f"/knowledge-items/{created['id']}"

    assert set(created) == {*SENT, *STORED}
    assert SENT.items() <= created.items()
    assert (created["isActive"], created["usageCount"], created["lastUsedAt"]) == (True, 0, None)
    changed = data_of(as_manager.patch(path, {"answer": "No, we are closed then."}), "knowledgeItem")
    assert (changed["answer"], changed["category"], changed["version"]) == ("No, we are closed then.", "hours", 2)
    assert changed["confirmedAt"] > created["confirmedAt"]
    assert data_of(as_manager.delete(path), "deletion")
    assert error_of(as_manager.get(path), status=404)["resourceType"] == "knowledge_item"
    entries = [row for row in behind.rows(AuditLog) if row.resource_type == "knowledge_item"]
    assert {entry.user_id for entry in entries} == {manager.id}


def test_every_wrong_value_of_an_item_is_named(as_manager: ApiClient, behind: Behind) -> None:
    sent = {"question": "Why?", "answer": "A" * 5001, "category": "", "language": "fr", "isActive": 1, "usageCount": 9}

    assert wrong_fields(as_manager.post("/knowledge-items", sent)) == set(sent)
    assert behind.rows(KnowledgeItem) == []


@pytest.mark.parametrize(
    ("asked", "on_page"),
    [
        ("", ""),
        ("?sort=-confirmedAt", "?sort=-confirmedAt"),
        ("?category=prices&inUse=true", "?category=prices&in_use=yes"),
        ("?stale=false&sort=usageCount", "?stale=no&sort=usageCount"),
    ],
)
def test_the_list_has_the_items_of_the_page_in_its_order(
    as_manager: ApiClient,
    client: Client,
    make: Factories,
    organization: Organization,
    manager: User,
    asked: str,
    on_page: str,
) -> None:
    with make.batch():
        for number in range(3):
            confirmed_at = datetime.now(UTC) - timedelta(days=10 + 100 * (2 - number))
            make.knowledge_item(organization, usage_count=number, confirmed_at=confirmed_at)
        make.knowledge_item(organization, question="When are you open?", category="hours", is_active=False)
        make.knowledge_item(make.organization())
    found = ids_in(as_manager, f"/knowledge-items{asked}")

    assert found == ids_on_page(client.sign_in(manager), f"/knowledge{on_page}")
    assert len(found) > 1


def test_the_list_of_items_takes_constant_statements(
    as_manager: ApiClient, make: Factories, organization: Organization, queries: Queries
) -> None:
    make.knowledge_item(organization)
    few = statements_of(as_manager, "/knowledge-items", queries)
    for _ in range(5):
        make.knowledge_item(organization)

    assert statements_of(as_manager, "/knowledge-items", queries) == few <= 5
