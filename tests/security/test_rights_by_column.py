"""Columns of sensitive tables that the app's database role can change; review any addition."""

import psycopg
import pytest

from tests.support.database import WorkerDatabase

MAY_CHANGE = {
    "jobs": """
        asked_at created_at error finished_at next_try_at progress_done progress_total started_at
        status storage_failures tries updated_at
    """,
    "organizations": """
        appointment_minutes billing_email business_hours call_minutes_quota country created_at currency
        dashboard_settings deleted_at deleted_before deleted_by deletion_batch_id language legal_hold
        legal_hold_reason missed_call_sla_minutes monthly_export name pending_retention pending_retention_at
        phone_numbers_quota report_hour report_weekday require_mfa rescue_window_days retention_days setup_hidden slug
        status storage_quota_bytes suspended_at suspension_reason team_members_quota timezone trash_days
        travel_minutes updated_at version watch_large_exports watch_new_owners watch_sensitive_grants webhook_key
        week_start
    """,
    "user_sessions": """
        client_id confirmed_at created_at entered_at entered_organization_id entered_reason entered_visit_id
        expires_at ip_address last_seen_at mfa_passed_at revoked_at revoked_reason token_hash updated_at user_agent
        user_id viewing_reason viewing_since viewing_user_id
    """,
    "users": """
        avatar_key avatar_url calendar_feed_hash created_at deactivated_at deactivation_reason deleted_at deleted_by
        deletion_batch_id density email email_verified_at language last_seen_at manager_id
        mfa_last_step mfa_secret name notification_choices password_changed_at password_hash phone role
        second_factor_reminded_at shortcuts_enabled start_page status suspended_until suspension_reason theme updated_at
        version working_hours
    """,
}


@pytest.mark.parametrize("table", MAY_CHANGE)
def test_the_app_changes_these_columns_and_no_other(database: WorkerDatabase, table: str) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        found = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege('app_rw', attrelid, attnum, 'UPDATE') ORDER BY attname",
            [table],
        ).fetchall()

    assert [name for (name,) in found] == MAY_CHANGE[table].split()
