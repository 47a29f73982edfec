"""Names of indexes and constraints that the specification promises (its data.md).

Support queries, hints and monitoring tools rely on them. The list is a separate copy, so that a missing name is noticed
here even if the models and the specification no longer mention it.
"""

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.database import WorkerDatabase

SEARCHED = (
    "search_parts(organization_id, ARRAY[first_name, last_name, company_name], "
    "ARRAY[email, address_line_1, address_line_2, city, state, zip], ''::text)"
)
#: Name → table and leading keys, as the catalog writes them. Further keys and INCLUDE columns are allowed.
INDEXES = {
    "idx_organizations_deleted": ("organizations", ["is_deleted"]),
    "idx_users_email_org": ("users", ["organization_id", "lower(email)"]),
    "idx_users_email": ("users", ["lower(email)"]),
    "idx_users_organization_role": ("users", ["organization_id", "role"]),
    "idx_users_last_seen": ("users", ["organization_id", "last_seen_at"]),
    "idx_users_deleted": ("users", ["organization_id", "is_deleted"]),
    "idx_contact_cards_search": ("contact_cards", [SEARCHED]),
    "uq_calls_on_by_person": ("calls", ["organization_id", "handled_by_user_id"]),
    "idx_calls_org_date": ("calls", ["organization_id", "started_at DESC", "id DESC"]),
    "idx_calls_caller_date": ("calls", ["organization_id", "caller_number", "started_at DESC"]),
    "idx_calls_outcome_date": ("calls", ["organization_id", "outcome", "started_at DESC"]),
    "idx_calls_sentiment": ("calls", ["organization_id", "sentiment"]),
    "idx_calls_handled_by": ("calls", ["organization_id", "handled_by", "handled_by_user_id"]),
    "idx_knowledge_category": ("knowledge_items", ["organization_id", "category", "is_active"]),
    "idx_knowledge_usage": ("knowledge_items", ["organization_id", "usage_count DESC", "last_used_at DESC"]),
    "idx_knowledge_deleted": ("knowledge_items", ["organization_id", "is_deleted"]),
    "idx_subscriptions_status": ("subscriptions", ["status", "current_period_end"]),
    "idx_invoices_org_date": ("invoices", ["organization_id", "created_at DESC"]),
    "idx_audit_org_date": ("audit_logs", ["organization_id", "created_at DESC", "id DESC"]),
    "idx_audit_resource": ("audit_logs", ["organization_id", "resource_type", "resource_id", "created_at DESC"]),
    "idx_audit_user_date": ("audit_logs", ["organization_id", "user_id", "created_at DESC"]),
}
UNIQUE = {"idx_users_email_org", "uq_calls_on_by_person"}
#: The trail's remaining indexes: every entry pays for each of them (decision 66), so each must be needed.
FURTHER_OF_THE_TRAIL = {
    "pk_audit_logs",
    "idx_audit_action_date",
    "idx_audit_address_date",
    "idx_audit_type_date",
    "idx_audit_operation_date",
    "idx_audit_words",
    "idx_audit_pos",
}
#: Table and name → the columns of the constraint.
CONSTRAINTS = {
    ("organizations", "check_org_name_length"): ["name"],
    ("organizations", "check_slug_format"): ["slug"],
    ("organizations", "check_slug_reserved"): ["slug"],
    ("organizations", "check_billing_email"): ["billing_email"],
    ("users", "check_email_length"): ["email"],
    ("users", "check_name_length"): ["name"],
    ("users", "check_language"): ["language"],
    ("phone_numbers", "check_number_format"): ["number"],
    ("phone_numbers", "check_forwarding_format"): ["forwarding_number"],
    ("phone_numbers", "check_provider"): ["provider"],
    ("phone_numbers", "check_display_name_length"): ["display_name"],
    ("calls", "check_caller_number_format"): ["caller_number"],
    ("calls", "check_duration_positive"): ["duration_seconds"],
    ("calls", "check_ai_confidence_range"): ["ai_confidence"],
    ("calls", "check_call_quality_range"): ["call_quality"],
    ("calls", "check_end_after_start"): ["started_at", "ended_at"],
    ("knowledge_items", "check_question_length"): ["question"],
    ("knowledge_items", "check_answer_length"): ["answer"],
    ("knowledge_items", "check_usage_count_positive"): ["usage_count"],
    ("subscriptions", "check_period_end_after_start"): ["current_period_start", "current_period_end"],
    ("subscriptions", "check_retry_count_positive"): ["retry_count"],
}

# Parts of partitioned indexes have generated names.
_INDEXES = """
SELECT index.relname, t.relname, indisunique, indisvalid, ARRAY(
  SELECT pg_get_indexdef(indexrelid, place, true) || CASE WHEN indoption[place - 1] & 1 = 1 THEN ' DESC' ELSE '' END
  FROM generate_series(1, indnkeyatts) place ORDER BY place
)
FROM pg_index JOIN pg_class index ON index.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
WHERE t.relnamespace = 'public'::regnamespace AND NOT index.relispartition
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, convalidated, ARRAY(
  SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)
)
FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""


@pytest.fixture
def owner(database: WorkerDatabase) -> Iterator[psycopg.Connection]:
    """A connection to the migrated database as the owner of its tables."""
    with psycopg.connect(database.url("app_owner")) as connection:
        yield connection


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_has_its_name_its_table_and_its_first_keys(owner: psycopg.Connection, name: str) -> None:
    table, keys = INDEXES[name]

    found = owner.execute(f"{_INDEXES} AND index.relname = %s", [name]).fetchone()

    assert found is not None, f"{name} is gone"
    assert found[1:4] == (table, name in UNIQUE, True)
    assert [_on_one_line(key) for key in found[4]][: len(keys)] == keys


def test_the_trail_has_no_further_index(owner: psycopg.Connection) -> None:
    promised = {name for name, (table, _keys) in INDEXES.items() if table == "audit_logs"}

    found = {name for (name, *_rest) in owner.execute(f"{_INDEXES} AND t.relname = 'audit_logs'")}

    assert found == promised | FURTHER_OF_THE_TRAIL


def test_constraints_have_their_names_and_columns(owner: psycopg.Connection) -> None:
    found = {
        (table, name): (is_validated, set(columns))
        for table, name, is_validated, columns in owner.execute(_CONSTRAINTS)
    }

    wanted = {key: (True, set(columns)) for key, columns in CONSTRAINTS.items()}
    assert {key: found.get(key) for key in CONSTRAINTS} == wanted


def _on_one_line(key: str) -> str:
    return " ".join(key.split())
