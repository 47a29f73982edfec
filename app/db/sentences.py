"""Error messages for violated constraints by table and name, except those of daily work.

Lengths, choices, phone formats and references are declared with what their message needs (see `app.models.base`); all
other constraints are listed here or, for daily work, in `app.db.work_sentences`. `app.db.constraints` looks for a
constraint's message in all of these places.
"""

from flask_babel import lazy_gettext as _l

from app.db.refusal import Key, Refusal

COUNTRY = Refusal("country", _l("Enter a two-letter country code in capitals, such as US."))
ONE_OF_ITS_KIND = Refusal(None, _l("This already exists."))
_PERIOD_END = Refusal("period_end", _l("The end must be after the start."))
_ONE_CALLER = Refusal(None, _l("A request comes from either a person or an API key, not both."))
_BUSINESS_HOURS = Refusal(
    "business_hours", _l("Enter hours such as 08:00 to 17:00 for each open day, with no overlaps.")
)
_WORKING_HOURS = Refusal(
    "working_hours", _l("Enter hours such as 08:00 to 17:00 for at least one day, with no overlaps.")
)
_RETENTION_MINIMUM = Refusal(
    "retention_days", _l("Calls are kept for at least 90 days, and the audit trail for at least 365.")
)

_ONLY_SUSPENDED = Refusal(
    None, _l("Only a suspended person or organization can have a suspension reason and end date.")
)

SENTENCES: dict[Key, Refusal] = {
    ("organizations", "uq_organizations_slug"): Refusal("slug", _l("This URL name is taken. Choose another.")),
    ("organizations", "check_slug_format"): Refusal(
        "slug", _l("Use lowercase letters, digits and single hyphens, such as blue-ridge.")
    ),
    ("organizations", "check_slug_reserved"): Refusal("slug", _l("This URL name is reserved. Choose another.")),
    ("organizations", "check_billing_email"): Refusal(
        "billing_email", _l("Enter an email address such as name@example.com.")
    ),
    ("organizations", "check_org_country"): COUNTRY,
    ("organizations", "check_org_currency"): Refusal(
        "currency", _l("Enter a three-letter currency code in capitals, such as USD.")
    ),
    ("organizations", "check_retention_days"): Refusal("retention_days", _l("Enter a number of days for each type.")),
    ("organizations", "check_retention_minimum"): _RETENTION_MINIMUM,
    ("organizations", "check_pending_retention"): _RETENTION_MINIMUM,
    ("organizations", "check_pending_retention_at"): Refusal(
        "pending_retention", _l("Shorter retention needs a start time.")
    ),
    ("organizations", "check_appointment_minutes"): Refusal("appointment_minutes", _l("Enter 15 to 480 minutes.")),
    ("organizations", "check_travel_minutes"): Refusal("travel_minutes", _l("Enter 0 to 240 minutes.")),
    ("organizations", "check_rescue_window_days"): Refusal("rescue_window_days", _l("Enter 1 to 90 days.")),
    ("organizations", "check_missed_call_sla_minutes"): Refusal(
        "missed_call_sla_minutes", _l("Enter 1 to 1,440 minutes.")
    ),
    ("organizations", "check_trash_days"): Refusal("trash_days", _l("Enter 1 to 365 days.")),
    ("organizations", "check_report_weekday"): Refusal("report_weekday", _l("Choose one of the options.")),
    ("organizations", "check_report_hour"): Refusal("report_hour", _l("Choose one of the options.")),
    ("organizations", "slug_stays"): Refusal("slug", _l("The URL name can’t be changed because links depend on it.")),
    ("organizations", "check_call_minutes_quota"): Refusal("call_minutes_quota", _l("Enter 0 or more.")),
    ("organizations", "check_team_members_quota"): Refusal("team_members_quota", _l("Enter 0 or more.")),
    ("organizations", "check_phone_numbers_quota"): Refusal("phone_numbers_quota", _l("Enter 0 or more.")),
    ("organizations", "check_storage_quota_bytes"): Refusal("storage_quota_bytes", _l("Enter 0 or more.")),
    ("organization_usage", "uq_organization_usage_organization_id"): ONE_OF_ITS_KIND,
    ("organization_usage", "check_usage_not_negative"): Refusal(None, _l("Usage can’t be negative.")),
    ("watch_alerts", "uq_watch_alerts_watch"): ONE_OF_ITS_KIND,
    ("watch_alerts", "check_waiting_not_negative"): Refusal(None, _l("The number of alerts can’t be negative.")),
    ("system_settings", "check_only_row"): ONE_OF_ITS_KIND,
    ("audit_epoch", "check_only_row"): ONE_OF_ITS_KIND,
    ("system_settings", "pk_system_settings"): ONE_OF_ITS_KIND,
    ("users", "idx_users_email_org"): Refusal("email", _l("Someone here already has this email address.")),
    ("users", "check_suspended"): _ONLY_SUSPENDED,
    ("organizations", "check_suspended"): _ONLY_SUSPENDED,
    ("user_permissions", "check_grant_ends_later"): Refusal("expires_at", _l("Choose a future date.")),
    ("users", "check_email_format"): Refusal("email", _l("Enter an email address such as name@example.com.")),
    ("users", "check_not_own_manager"): Refusal(
        "manager_id", _l("People can’t be their own manager. Choose someone else.")
    ),
    ("user_permissions", "uq_user_permissions_user_permission"): Refusal(
        "permission", _l("This person already has the permission.")
    ),
    ("user_permissions", "check_permission_format"): Refusal(
        "permission", _l("Enter a permission such as calls:read.")
    ),
    ("user_sessions", "uq_user_sessions_token_hash"): ONE_OF_ITS_KIND,
    ("record_views", "uq_record_views_record"): ONE_OF_ITS_KIND,
    ("known_devices", "uq_known_devices_token_hash"): ONE_OF_ITS_KIND,
    ("password_resets", "uq_password_resets_token_hash"): ONE_OF_ITS_KIND,
    ("user_sessions", "check_client_id"): Refusal("client_id", _l("Use 1 to 100 visible characters without spaces.")),
    ("user_sessions", "check_entered_with_reason"): Refusal(
        "reason", _l("Enter a reason for entering this organization.")
    ),
    ("user_sessions", "check_visit_with_reason"): Refusal(
        "reason", _l("Enter a reason for entering this organization.")
    ),
    ("user_sessions", "check_viewing_with_reason"): Refusal("reason", _l("Enter a reason for viewing as this person.")),
    ("user_sessions", "check_viewing_another"): Refusal(None, _l("You can’t view as yourself.")),
    ("user_sessions", "check_viewing_at_home"): Refusal(
        None, _l("Guests can’t view as another person. Leave the organization first.")
    ),
    ("mfa_recovery_codes", "uq_mfa_recovery_codes_code_hash"): ONE_OF_ITS_KIND,
    ("refresh_tokens", "uq_refresh_tokens_token_hash"): ONE_OF_ITS_KIND,
    ("refresh_tokens", "uq_refresh_tokens_unused"): ONE_OF_ITS_KIND,
    ("api_keys", "uq_api_keys_key_hash"): ONE_OF_ITS_KIND,
    ("api_keys", "check_api_key_permissions"): Refusal("permissions", _l("Choose at least one permission.")),
    ("invitations", "uq_invitations_token_hash"): ONE_OF_ITS_KIND,
    ("invitations", "uq_invitations_open_email"): Refusal(
        "email", _l("This address already has an invitation. Resend it or revoke it.")
    ),
    ("invitations", "check_accepted_or_revoked"): Refusal(None, _l("An accepted invitation can’t be revoked.")),
    ("platform_staff", "uq_platform_staff_user_id"): Refusal("user_id", _l("This person is already platform staff.")),
    ("platform_staff", "staff_of_platform"): Refusal(
        "user_id", _l("Platform staff must belong to the platform’s own organization.")
    ),
    ("organizations", "uq_organizations_webhook_key"): ONE_OF_ITS_KIND,
    ("webhook_deliveries", "uq_webhook_deliveries_external"): Refusal(
        "external_id", _l("This delivery already exists.")
    ),
    ("webhook_deliveries", "check_body_sha256_length"): Refusal(
        "body_sha256", _l("Provide the SHA-256 digest of the body.")
    ),
    ("webhook_deliveries", "check_unsigned_body_is_short"): Refusal(
        "body", _l("At most 1,024 bytes of a delivery with an invalid signature are kept.")
    ),
    ("webhook_deliveries", "check_unsigned_is_ignored"): Refusal(
        "status", _l("A delivery with an invalid signature can’t be processed.")
    ),
    ("webhook_deliveries", "check_processed_at"): Refusal(
        "processed_at", _l("A processed delivery needs a processing time; an unprocessed one can’t have one.")
    ),
    ("webhook_deliveries", "check_ignored_has_reason"): Refusal(
        "ignored_because", _l("Give a reason for an ignored delivery, and only for such a delivery.")
    ),
    ("webhook_deliveries", "check_next_attempt_of_waiting"): Refusal(
        "next_attempt_at", _l("Set the next attempt of a delivery that waits, and only of such a delivery.")
    ),
    ("webhook_deliveries", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("webhook_deliveries", "check_effects"): Refusal("effects", _l("Provide effects as a list.")),
    ("integrations", "uq_integrations_provider"): Refusal(
        "provider", _l("This provider is already set up. Edit the existing account.")
    ),
    ("integrations", "check_company_id_of_callrail"): Refusal(
        "company_id", _l("Only a CallRail account has a company ID.")
    ),
    ("integrations", "check_webhook_authentication_of_vapi"): Refusal(
        "webhook_authentication", _l("A VAPI account needs a type of webhook authentication; other accounts have none.")
    ),
    ("outbound_streams", "uq_outbound_streams_name"): Refusal(
        "name", _l("A stream with this name already exists. Choose another name.")
    ),
    ("outbound_streams", "check_url_format"): Refusal("url", _l("Enter a URL that starts with https://.")),
    ("outbound_streams", "check_sent_up_to"): Refusal(None, _l("A stream must record the last entry it fully sent.")),
    ("outbound_streams", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("outbound_streams", "check_delivery"): Refusal(None, _l("A delivery needs an ID and a last entry.")),
    ("outbound_streams", "check_paused_is_not_enabled"): Refusal(
        None, _l("A stream paused because its creator lost access can’t be on.")
    ),
    ("organizations", "check_business_hours"): _BUSINESS_HOURS,
    ("ai_configs", "check_business_hours"): _BUSINESS_HOURS,
    ("users", "check_working_hours"): _WORKING_HOURS,
    ("ai_configs", "uq_ai_configs_organization_id"): ONE_OF_ITS_KIND,
    ("ai_configs", "check_temperature_range"): Refusal("temperature", _l("Enter a number from 0 to 1.")),
    ("ai_configs", "check_max_call_minutes_range"): Refusal("max_call_minutes", _l("Enter 1 to 60 minutes.")),
    ("plans", "check_plan_limits_positive"): Refusal(None, _l("Plan limits must be at least 1.")),
    ("plans", "check_monthly_price_positive"): Refusal("monthly_price", _l("Enter 0 or more.")),
    ("plans", "check_api_limits_positive"): Refusal(None, _l("Plan limits must be at least 1.")),
    ("subscriptions", "uq_subscriptions_organization_id"): ONE_OF_ITS_KIND,
    ("subscriptions", "check_period_end_after_start"): _PERIOD_END,
    ("subscriptions", "check_retry_count_positive"): Refusal("retry_count", _l("Enter 0 or more.")),
    ("subscriptions", "check_scheduled_plan_and_day"): Refusal(
        "scheduled_for", _l("A scheduled plan change needs both a plan and a date.")
    ),
    ("subscriptions", "check_refused_downgrade_is_scheduled"): Refusal(
        "downgrade_refused_at", _l("Only a scheduled downgrade can be rejected.")
    ),
    ("payment_events", "uq_payment_events_event_id"): Refusal("event_id", _l("This event was already received.")),
    ("invoices", "uq_invoices_number"): Refusal("number", _l("An invoice with this number already exists.")),
    ("invoices", "check_currency_format"): Refusal(
        "currency", _l("Enter a three-letter currency code in capitals, such as USD.")
    ),
    ("invoices", "check_amount_positive"): Refusal("amount", _l("Enter 0 or more.")),
    ("invoices", "check_period_end_after_start"): _PERIOD_END,
    ("invoices", "check_paid_at"): Refusal(
        "paid_at", _l("A paid invoice needs a payment time; an unpaid one can’t have one.")
    ),
    ("usage_costs", "check_usage_cost_positive"): Refusal("amount", _l("Enter 0 or more.")),
    ("usage_costs", "check_usage_cost_resource"): Refusal(
        "resource_id", _l("A cost’s subject needs both a type and an ID.")
    ),
    ("budgets", "uq_budgets_kind"): Refusal(
        "kind", _l("There’s already a budget for this type of usage. Edit that one.")
    ),
    ("budgets", "check_monthly_amount_positive"): Refusal("monthly_amount", _l("Enter 0 or more.")),
    ("budgets", "check_warn_percent_range"): Refusal("warn_percent", _l("Enter up to five percentages from 1 to 100.")),
    ("notifications", "check_link_within_app"): Refusal("link", _l("Enter a path in this app, such as /calls.")),
    ("budgets", "check_warned_percent"): Refusal("warned_percent", _l("Enter 0 to 100.")),
    ("notifications", "check_count_positive"): Refusal("count", _l("Enter 1 or more.")),
    ("notifications", "check_about_named"): Refusal("about_type", _l("Enter what the ID refers to.")),
    ("notifications", "check_merged_unread"): Refusal(
        "read_at", _l("Read notifications can’t be merged with new ones.")
    ),
    ("notifications", "uq_notifications_merge_key"): ONE_OF_ITS_KIND,
    ("users", "check_notification_choices"): Refusal("notification_choices", _l("Choose one of the options.")),
    ("users", "check_start_page"): Refusal("start_page", _l("Choose one of the options.")),
    ("ask_questions", "check_citations"): Refusal("citations", _l("Provide citations as a list.")),
    ("ask_questions", "check_cost_positive"): Refusal("cost", _l("Enter 0 or more.")),
    ("erasures", "check_counts"): Refusal("counts", _l("Enter a number for each type of record.")),
    ("erasures", "uq_erasures_contact_card"): Refusal(
        None, _l("This person has already been erased, or is being erased.")
    ),
    ("erasures", "check_places"): Refusal(None, _l("The steps done can’t exceed the total.")),
    ("erasures", "check_erased_completely"): Refusal(
        None, _l("An erasure isn’t complete until its files are deleted.")
    ),
    ("erasures", "check_erasure_finished_at"): Refusal(
        None, _l("A finished erasure needs an end time; an unfinished one can’t have one.")
    ),
    ("idempotency_keys", "uq_idempotency_keys_caller_key"): Refusal(
        "key", _l("This idempotency key was already used.")
    ),
    ("idempotency_keys", "check_idempotency_one_caller"): _ONE_CALLER,
    ("idempotency_keys", "check_key_format"): Refusal("key", _l("Use 1 to 255 visible characters without spaces.")),
    ("idempotency_keys", "check_request_fingerprint"): Refusal(
        "request_fingerprint", _l("A fingerprint must be 32 bytes.")
    ),
    ("idempotency_keys", "check_status_code_range"): Refusal("status_code", _l("Enter 200 to 499.")),
    ("deprecated_calls", "uq_deprecated_calls_caller_operation_day"): ONE_OF_ITS_KIND,
    ("deprecated_calls", "check_deprecated_call_one_caller"): _ONE_CALLER,
    ("deprecated_calls", "check_calls_positive"): Refusal("calls", _l("Enter 1 or more.")),
    ("list_reads", "uq_list_reads_caller_resource_hour"): ONE_OF_ITS_KIND,
    ("list_reads", "check_list_read_one_caller"): _ONE_CALLER,
    ("list_reads", "check_hour_begins"): Refusal("hour", _l("Enter the beginning of an hour.")),
    ("list_reads", "check_rows_read_positive"): Refusal("rows_read", _l("Enter 1 or more.")),
    ("refused_requests", "uq_refused_requests_caller_route_hour"): ONE_OF_ITS_KIND,
    ("refused_requests", "check_hour_begins"): Refusal("hour", _l("Enter the beginning of an hour.")),
    ("refused_requests", "check_requests_positive"): Refusal("requests", _l("Enter 1 or more.")),
    ("reports", "uq_reports_kind_first_day"): Refusal("first_day", _l("There’s already a report for this week.")),
    ("reports", "check_last_day_after_first"): Refusal("last_day", _l("The end can’t be before the start.")),
    ("reports", "check_numbers"): Refusal("numbers", _l("Enter a value for each number.")),
    ("backup_checks", "check_file_bytes_positive"): Refusal("file_bytes", _l("Enter 0 or more.")),
    ("backup_checks", "check_findings"): Refusal("findings", _l("Provide findings as a list.")),
    ("backup_checks", "check_succeeded_without_findings"): Refusal(
        "succeeded", _l("A check passes only if it finds nothing.")
    ),
    ("subscriptions", "check_scheduled_takers"): Refusal("takeover", _l("Choose who takes over this work.")),
    ("deletion_batches", "check_restored_or_purged"): Refusal(
        None, _l("Restored items can’t be permanently deleted, and permanently deleted items can’t be restored.")
    ),
    ("deletion_batches", "check_deleting_or_restoring"): Refusal(
        None, _l("You can’t restore something that’s still being deleted.")
    ),
    ("deletion_batches", "check_purged_when_all_deleted"): Refusal(
        None, _l("Only a fully deleted item can be permanently deleted.")
    ),
    ("imports", "check_import_counts_positive"): Refusal(None, _l("An import’s counts can’t be negative.")),
    ("imports", "check_import_remarks_positive"): Refusal(None, _l("An import’s counts can’t be negative.")),
    ("imports", "check_line_reached"): Refusal(None, _l("An import’s counts can’t be negative.")),
    ("imports", "check_header_hash"): Refusal(None, _l("The hash of a header has 32 bytes.")),
    ("imports", "check_percent_read"): Refusal("percent_read", _l("Enter 0 to 100 percent.")),
    ("imports", "check_undone_at"): Refusal(
        None, _l("An undone import needs an undo time; one that isn’t undone can’t have one.")
    ),
    ("imports", "check_import_finished_at"): Refusal(
        None, _l("A finished import needs an end time; an unfinished one can’t have one.")
    ),
    ("imports", "seen_whole"): Refusal(None, _l("Still checking the whole file. Wait until the preview is complete.")),
    ("jobs", "uq_jobs_schedule"): Refusal("name", _l("This job is already scheduled.")),
    ("jobs", "check_job_name_format"): Refusal(
        "name", _l("Name the job after its feature and action, such as privacy.erase.")
    ),
    ("jobs", "check_job_tries_positive"): Refusal("tries", _l("Enter 0 or more.")),
    ("jobs", "check_job_storage_failures_positive"): Refusal("storage_failures", _l("Enter 0 or more.")),
    ("jobs", "check_job_progress_positive"): Refusal(None, _l("A job’s progress can’t be below zero.")),
    ("jobs", "check_job_finished_at"): Refusal(
        None, _l("A finished job needs an end time; an unfinished one can’t have one.")
    ),
    ("import_errors", "check_line_positive"): Refusal("line", _l("Line numbers start at 1.")),
    ("import_rows", "check_imported_line"): Refusal("line", _l("Line numbers start at 1.")),
    ("import_rows", "check_before"): Refusal(
        "before", _l("An import must keep the earlier values of what it changes.")
    ),
    ("import_rows", "uq_import_rows_record"): Refusal(
        "record_id", _l("An import can list each of its changes only once.")
    ),
    ("import_mappings", "uq_import_mappings_kind_name"): Refusal(
        "name", _l("A mapping with this name already exists. Choose another name.")
    ),
    ("list_settings", "uq_list_settings_user_page"): ONE_OF_ITS_KIND,
    ("report_subscriptions", "uq_report_subscriptions_user_kind"): ONE_OF_ITS_KIND,
    ("report_views", "uq_report_views_user_view"): ONE_OF_ITS_KIND,
    ("report_views", "uq_report_views_user_position"): Refusal(
        "views", _l("You’ve since chosen other views. Check them and choose again.")
    ),
    ("report_views", "check_position_range"): Refusal("views", _l("Choose up to five views.")),
    ("list_visits", "uq_list_visits_user_page"): ONE_OF_ITS_KIND,
    ("list_visits", "check_seen_before_looked"): Refusal(
        None, _l("The previous visit can’t be later than the latest one.")
    ),
    ("revisions", "uq_revisions_kind"): ONE_OF_ITS_KIND,
    ("rollup_days", "check_rollup_days_order"): Refusal(None, _l("The end must be after the start.")),
    ("rollup_marks", "check_rollup_marks_target"): Refusal(None, _l("Choose one of the options.")),
    ("rollup_marks", "check_rollup_marks_resource"): Refusal(None, _l("Choose one of the options.")),
    ("offered_values", "uq_offered_values_value"): ONE_OF_ITS_KIND,
    ("list_settings", "check_columns_count"): Refusal("columns", _l("Choose at least one column.")),
    ("saved_views", "uq_saved_views_user_page_name"): Refusal(
        "name", _l("You already have a view with this name. Choose another name.")
    ),
    ("exports", "check_export_counts_positive"): Refusal(None, _l("An export’s counts can’t be negative.")),
    ("exports", "check_export_file"): Refusal(
        None, _l("A finished export needs a file; an unfinished one can’t have one.")
    ),
    ("exports", "check_export_expires_at"): Refusal("expires_at", _l("A finished export needs an expiry time.")),
    ("exports", "check_export_finished_at"): Refusal(
        None, _l("A finished export needs an end time; an unfinished one can’t have one.")
    ),
    ("bulk_operations", "check_row_ids_count"): Refusal("row_ids", _l("Select 1 to 100 rows.")),
    ("bulk_operations", "check_bulk_counts_positive"): Refusal(None, _l("A bulk change’s counts can’t be negative.")),
    ("bulk_operations", "check_bulk_finished_at"): Refusal(
        None, _l("A bulk change can be undone only after it finishes.")
    ),
    ("operation_reverts", "uq_operation_reverts_unfinished"): Refusal(
        None, _l("This operation is already being reverted. Open its progress instead.")
    ),
    ("operation_reverts", "check_revert_counts_positive"): Refusal(None, _l("A revert’s counts can’t be negative.")),
    ("operation_reverts", "check_revert_counts_within_total"): Refusal(
        None, _l("A revert can’t count more records than it has.")
    ),
    ("operation_reverts", "check_revert_finished_at"): Refusal(
        None, _l("A finished revert needs an end time; an unfinished one can’t have one.")
    ),
    ("skipped_records", "check_skipped_place"): Refusal(None, _l("Skipped records are numbered from 1.")),
    ("skipped_records", "uq_skipped_records_place"): ONE_OF_ITS_KIND,
    ("import_mappings", "check_mapping"): Refusal("mapping", _l("This isn’t a column mapping.")),
}
