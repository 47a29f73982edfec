"""The one table of what a person reads when the database refuses: constraint → field and sentence.

Lengths, choices, phone formats and references are declared with what their sentence needs (see `app.models.base`);
all other constraints stand here. `app.db.constraints` says when which of them is read.
"""

from flask_babel import lazy_gettext as _l

from app.db.refusal import Key, Refusal

_EXTERNAL_TWICE = Refusal("external_id", _l("A row with this id was imported from this source already."))
_EXTERNAL_PAIR = Refusal("external_id", _l("An imported row needs both its source and its id there."))
_COUNTRY = Refusal("country", _l("Enter a country as two capital letters, such as US."))
_ONE_ANALYSIS_TASK = Refusal("shunya_task_id", _l("This task has delivered its result already."))
_COMPLETED_AT = Refusal("completed_at", _l("The time of completion is set exactly when the status is completed."))
_ONE_OF_ITS_KIND = Refusal(None, _l("This is stored already."))
_PERIOD_END = Refusal("period_end", _l("The end must be after the start."))
_ONE_CALLER = Refusal(None, _l("The caller is either a person or an API key."))
_BUSINESS_HOURS = Refusal(
    "business_hours", _l("Enter times such as 08:00 to 17:00 for each weekday, none of them overlapping.")
)
_RETENTION_MINIMUM = Refusal(
    "retention_days", _l("Calls are kept for at least 90 days, and the audit trail for at least 365.")
)

_ONLY_SUSPENDED = Refusal(None, _l("Only who is suspended has a reason and an end of it."))

_CARD_IN_TRASH = Refusal(
    "contact_card_id", _l("This contact is in the trash. Choose another one, or restore it first.")
)

SENTENCES: dict[Key, Refusal] = {
    ("organizations", "uq_organizations_slug"): Refusal("slug", _l("This short name is taken. Choose another.")),
    ("organizations", "check_slug_format"): Refusal(
        "slug", _l("Use small letters, digits and single hyphens between them, such as blue-ridge.")
    ),
    ("organizations", "check_slug_reserved"): Refusal("slug", _l("This short name is reserved. Choose another.")),
    ("organizations", "check_billing_email"): Refusal(
        "billing_email", _l("Enter an e-mail address such as name@example.com.")
    ),
    ("organizations", "check_org_country"): _COUNTRY,
    ("organizations", "check_org_currency"): Refusal(
        "currency", _l("Enter a currency as three capital letters, such as USD.")
    ),
    ("organizations", "check_retention_days"): Refusal("retention_days", _l("Enter a number of days for each kind.")),
    ("organizations", "check_retention_minimum"): _RETENTION_MINIMUM,
    ("organizations", "check_pending_retention"): _RETENTION_MINIMUM,
    ("organizations", "check_pending_retention_at"): Refusal(
        "pending_retention", _l("Shorter days need the time from which they count.")
    ),
    ("organizations", "check_appointment_minutes"): Refusal("appointment_minutes", _l("Enter 15 to 480 minutes.")),
    ("organizations", "check_travel_minutes"): Refusal("travel_minutes", _l("Enter 0 to 240 minutes.")),
    ("organizations", "check_rescue_window_days"): Refusal("rescue_window_days", _l("Enter 1 to 90 days.")),
    ("organizations", "check_missed_call_sla_minutes"): Refusal(
        "missed_call_sla_minutes", _l("Enter 1 to 1,440 minutes.")
    ),
    ("organizations", "check_trash_days"): Refusal("trash_days", _l("Enter 1 to 365 days.")),
    ("organizations", "slug_stays"): Refusal("slug", _l("The short name never changes: addresses are made of it.")),
    ("organizations", "check_call_minutes_quota"): Refusal("call_minutes_quota", _l("Enter 0 or more.")),
    ("organizations", "check_team_members_quota"): Refusal("team_members_quota", _l("Enter 0 or more.")),
    ("organizations", "check_phone_numbers_quota"): Refusal("phone_numbers_quota", _l("Enter 0 or more.")),
    ("organizations", "check_storage_quota_bytes"): Refusal("storage_quota_bytes", _l("Enter 0 or more.")),
    ("organization_usage", "uq_organization_usage_organization_id"): _ONE_OF_ITS_KIND,
    ("organization_usage", "check_usage_not_negative"): Refusal(None, _l("Usage cannot be below zero.")),
    ("system_settings", "check_only_row"): _ONE_OF_ITS_KIND,
    ("audit_epoch", "check_only_row"): _ONE_OF_ITS_KIND,
    ("system_settings", "pk_system_settings"): _ONE_OF_ITS_KIND,
    ("users", "idx_users_email_org"): Refusal("email", _l("Somebody here has this e-mail address already.")),
    ("users", "check_suspended"): _ONLY_SUSPENDED,
    ("organizations", "check_suspended"): _ONLY_SUSPENDED,
    ("user_permissions", "check_grant_ends_later"): Refusal("expires_at", _l("Choose a day to come.")),
    ("users", "check_email_format"): Refusal("email", _l("Enter an e-mail address such as name@example.com.")),
    ("users", "check_not_own_manager"): Refusal("manager_id", _l("Nobody can be their own manager. Choose another.")),
    ("user_permissions", "uq_user_permissions_user_permission"): Refusal(
        "permission", _l("This person has the permission already.")
    ),
    ("user_permissions", "check_permission_format"): Refusal(
        "permission", _l("Enter a permission such as calls:read.")
    ),
    ("user_sessions", "uq_user_sessions_token_hash"): _ONE_OF_ITS_KIND,
    ("known_devices", "uq_known_devices_token_hash"): _ONE_OF_ITS_KIND,
    ("password_resets", "uq_password_resets_token_hash"): _ONE_OF_ITS_KIND,
    ("user_sessions", "check_entered_with_reason"): Refusal("reason", _l("Say why you enter this organization.")),
    ("user_sessions", "check_viewing_with_reason"): Refusal("reason", _l("Say why you look at somebody’s pages.")),
    ("user_sessions", "check_viewing_another"): Refusal(None, _l("Those are your own pages.")),
    ("user_sessions", "check_viewing_at_home"): Refusal(
        None, _l("A guest sees nobody’s pages. Leave the organization first.")
    ),
    ("mfa_recovery_codes", "uq_mfa_recovery_codes_code_hash"): _ONE_OF_ITS_KIND,
    ("refresh_tokens", "uq_refresh_tokens_token_hash"): _ONE_OF_ITS_KIND,
    ("api_keys", "uq_api_keys_key_hash"): _ONE_OF_ITS_KIND,
    ("api_keys", "check_api_key_permissions"): Refusal("permissions", _l("Choose at least one permission.")),
    ("invitations", "uq_invitations_token_hash"): _ONE_OF_ITS_KIND,
    ("invitations", "uq_invitations_open_email"): Refusal(
        "email", _l("There is an open invitation for this address already. Send that one again, or revoke it.")
    ),
    ("invitations", "check_accepted_or_revoked"): Refusal(
        None, _l("An invitation that was accepted cannot be revoked.")
    ),
    ("platform_staff", "uq_platform_staff_user_id"): Refusal("user_id", _l("This person is platform staff already.")),
    ("platform_staff", "staff_of_platform"): Refusal(
        "user_id", _l("Platform staff are people of the platform’s own organization.")
    ),
    ("messages", "uq_messages_provider_sid"): _ONE_OF_ITS_KIND,
    ("messages", "uq_messages_dedupe_key"): Refusal(None, _l("This message was sent already.")),
    ("messages", "check_sms_to_number"): Refusal(
        "to", _l("Enter a phone number with its country, such as +1 512 555 0142.")
    ),
    ("messages", "check_cost_positive"): Refusal("cost", _l("Enter 0 or more.")),
    ("contact_cards", "uq_contact_cards_external"): _EXTERNAL_TWICE,
    ("contact_cards", "check_external_pair"): _EXTERNAL_PAIR,
    ("contact_cards", "check_country_format"): _COUNTRY,
    ("contact_cards", "check_email_format"): Refusal("email", _l("Enter an e-mail address such as name@example.com.")),
    ("contact_cards", "check_tags_count"): Refusal("tags", _l("Use 20 tags at most.")),
    ("contact_cards", "check_tags_length"): Refusal("tags", _l("Use 40 characters at most for each tag.")),
    ("contact_cards", "contact_card_in_use"): Refusal(
        None, _l("This contact has calls, open leads or appointments. Merge it into another or erase it instead.")
    ),
    ("contact_distinctions", "uq_contact_distinctions_pair"): Refusal(
        None, _l("It is known already that these are two contacts.")
    ),
    ("contact_merges", "check_merged_with_another"): Refusal(None, _l("These are one and the same contact.")),
    ("contact_merges", "check_rows_counted"): Refusal(None, _l("Enter 0 or more.")),
    ("contact_merges", "check_merge_finished_at"): Refusal(
        None, _l("A merge has an end exactly when it has finished.")
    ),
    ("contact_distinctions", "check_other_card_after"): Refusal(None, _l("These are one and the same contact.")),
    ("contact_phones", "uq_contact_phones_phone"): Refusal("phone", _l("Another contact has this number already.")),
    ("leads", "uq_leads_external"): _EXTERNAL_TWICE,
    ("leads", "check_external_pair"): _EXTERNAL_PAIR,
    ("leads", "check_lead_contact_unless_imported"): Refusal("contact_card_id", _l("Choose the contact of this lead.")),
    ("leads", "uq_leads_open_contact_source"): Refusal(
        "contact_card_id", _l("This contact has an open lead from this source already. Open that one.")
    ),
    ("calls", "uq_calls_external"): _EXTERNAL_TWICE,
    ("calls", "check_external_pair"): _EXTERNAL_PAIR,
    ("calls", "check_duration_positive"): Refusal("duration_seconds", _l("Enter 0 seconds or more.")),
    ("calls", "check_duration_one_day"): Refusal("duration_seconds", _l("Enter 86,400 seconds (a day) or less.")),
    ("calls", "check_ai_confidence_range"): Refusal("ai_confidence", _l("Enter a number from 0 to 100.")),
    ("calls", "check_call_quality_range"): Refusal("call_quality", _l("Enter a rating from 1 to 5.")),
    ("calls", "check_end_after_start"): Refusal("ended_at", _l("The end must be after the start.")),
    ("calls", "check_answer_after_start"): Refusal("answered_at", _l("A call is answered after it starts.")),
    ("calls", "check_cost_positive"): Refusal("cost", _l("Enter 0 or more.")),
    ("calls", "check_visit_without_csr"): Refusal("csr_id", _l("A visit is credited to no CSR.")),
    ("calls", "uq_calls_callrail_call_id"): Refusal("callrail_call_id", _l("This CallRail call is here already.")),
    ("calls", "uq_calls_on_by_person"): Refusal(
        None, _l("You are on another call. Say how it went first, then call the next.")
    ),
    ("calls", "uq_calls_twilio_sid"): Refusal("twilio_sid", _l("This Twilio call is here already.")),
    ("calls", "uq_calls_vapi_call_id"): Refusal("vapi_call_id", _l("This VAPI call is here already.")),
    ("calls", "organization_not_deleted"): Refusal(
        None, _l("This organization is deleted. It takes no more calls until it is restored.")
    ),
    ("calls", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("leads", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("appointments", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("tasks", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("pending_actions", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("contact_phones", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("contact_notes", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("organizations", "uq_organizations_webhook_key"): _ONE_OF_ITS_KIND,
    # Of whom is not told: it may be another organization.
    ("phone_numbers", "uq_phone_numbers_number"): Refusal("number", _l("This number is in use.")),
    ("blocked_numbers", "uq_blocked_numbers_number"): Refusal("number", _l("This number is blocked already.")),
    ("missed_call_attempts", "check_result_of_kind"): Refusal(
        "result", _l("A text is sent or fails; a call ends in any other way.")
    ),
    ("booking_disputes", "uq_booking_disputes_open"): Refusal(
        "call_id", _l("An open dispute about this call is there already. Wait until it is decided.")
    ),
    ("booking_disputes", "check_dispute_changes_something"): Refusal(
        "to_status", _l("This is the booking status already. Choose what it should be.")
    ),
    ("booking_disputes", "check_decided_at"): Refusal(
        "decided_at", _l("A dispute has the time of its decision exactly when it is decided.")
    ),
    ("booking_disputes", "check_decision_note_decided"): Refusal(
        "decision_note", _l("Only a dispute that is decided has a note of its decision.")
    ),
    ("call_notes", "check_turn_range"): Refusal("turn", _l("There is no such turn in a transcript.")),
    ("call_notes", "check_coached_at_turn"): Refusal(
        "kind", _l("Only coaching stands at a turn, has answers and is done.")
    ),
    ("call_notes", "check_answers_have_no_turn"): Refusal(
        "parent_id", _l("An answer belongs to what it answers, and is not done by itself.")
    ),
    ("recording_sessions", "uq_recording_sessions_open"): Refusal(
        "sales_rep_id", _l("This person is recording already. Stop that recording first.")
    ),
    ("recording_sessions", "uq_recording_sessions_call_id"): Refusal(
        "call_id", _l("This visit has a recording already.")
    ),
    ("recording_sessions", "check_recording_ended_at"): Refusal(
        "ended_at", _l("A recording has an end exactly when it is over.")
    ),
    ("recording_sessions", "check_end_after_start"): Refusal("ended_at", _l("The end must be after the start.")),
    ("recording_sessions", "check_duration_range"): Refusal(
        "duration_seconds", _l("Enter 0 to 86,400 seconds (a day).")
    ),
    ("recording_sessions", "check_audio_bytes_range"): Refusal("audio_bytes", _l("A recording has 200 MB at most.")),
    ("recording_sessions", "check_refused_has_no_audio"): Refusal(
        "consent", _l("Nothing is kept of a visit whose recording was refused.")
    ),
    ("recording_parts", "uq_recording_parts_number"): Refusal("number", _l("This part is here already.")),
    ("recording_parts", "check_number_positive"): Refusal("number", _l("Parts are counted from 1.")),
    ("recording_parts", "check_bytes_range"): Refusal("bytes", _l("A part has 1 byte to 200 MB.")),
    ("recording_parts", "check_sha256_length"): Refusal("sha256", _l("Give the SHA-256 digest of the part.")),
    ("webhook_deliveries", "uq_webhook_deliveries_external"): Refusal(
        "external_id", _l("This delivery is here already.")
    ),
    ("webhook_deliveries", "check_body_sha256_length"): Refusal(
        "body_sha256", _l("Give the SHA-256 digest of the body.")
    ),
    ("webhook_deliveries", "check_unsigned_body_is_short"): Refusal(
        "body", _l("Of a delivery with a wrong signature 1,024 bytes are kept at most.")
    ),
    ("webhook_deliveries", "check_unsigned_is_ignored"): Refusal(
        "status", _l("A delivery with a wrong signature is never processed.")
    ),
    ("webhook_deliveries", "check_processed_at"): Refusal(
        "processed_at", _l("A delivery has the time of its processing exactly when it is processed.")
    ),
    ("webhook_deliveries", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("webhook_deliveries", "check_effects"): Refusal("effects", _l("Give the effects as a list.")),
    ("integrations", "uq_integrations_provider"): Refusal(
        "provider", _l("This provider is set up already. Change what is there.")
    ),
    ("provider_tasks", "uq_provider_tasks_natural_key"): Refusal(None, _l("This was sent out already.")),
    ("provider_tasks", "uq_provider_tasks_external_task_id"): Refusal(
        "external_task_id", _l("Another piece of work has this task already.")
    ),
    ("provider_tasks", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("outbound_streams", "uq_outbound_streams_name"): Refusal(
        "name", _l("A stream of this name is there already. Choose another name.")
    ),
    ("outbound_streams", "check_url_format"): Refusal("url", _l("Enter an address that begins with https://.")),
    ("outbound_streams", "check_sent_up_to"): Refusal(None, _l("A stream knows the entry it was sent up to whole.")),
    ("outbound_streams", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("outbound_streams", "check_delivery"): Refusal(None, _l("A delivery has a name and a last entry.")),
    ("outbound_streams", "check_paused_is_not_enabled"): Refusal(
        None, _l("A stream that is paused for want of rights sends nothing.")
    ),
    ("call_transcripts", "uq_call_transcripts_call_id"): Refusal("call_id", _l("This call has a transcript already.")),
    ("call_transcripts", "uq_call_transcripts_task"): _ONE_ANALYSIS_TASK,
    ("call_transcripts", "check_confidence_score_range"): Refusal(
        "confidence_score", _l("Enter a number from 0 to 1.")
    ),
    ("call_transcripts", "check_speaker_labels"): Refusal("speaker_labels", _l("Give the turns as a list.")),
    ("call_analyses", "uq_call_analyses_call_id"): Refusal("call_id", _l("This call has an analysis already.")),
    ("call_analyses", "uq_call_analyses_task"): _ONE_ANALYSIS_TASK,
    ("call_analyses", "check_sentiment_score_range"): Refusal("sentiment_score", _l("Enter a number from −1 to 1.")),
    ("call_analyses", "check_sop_compliance_score_range"): Refusal(
        "sop_compliance_score", _l("Enter a number from 0 to 100.")
    ),
    ("call_analyses", "check_confidence_range"): Refusal("confidence", _l("Enter a number from 0 to 1.")),
    ("call_analyses", "check_objections"): Refusal("objections", _l("Give the objections as a list.")),
    ("missed_call_entries", "uq_missed_call_entries_call_id"): Refusal(
        "call_id", _l("This missed call is in the queue already.")
    ),
    ("missed_call_entries", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("missed_call_entries", "check_rescued_complete"): Refusal(
        "status", _l("A rescued call needs who rescued it and when.")
    ),
    ("missed_call_entries", "check_claim_is_a_lease"): Refusal("status", _l("A claim needs the time it ends at.")),
    ("appointments", "uq_appointments_external"): _EXTERNAL_TWICE,
    ("appointments", "check_external_pair"): _EXTERNAL_PAIR,
    ("appointments", "check_country_format"): _COUNTRY,
    ("appointments", "check_scheduled_end_after_start"): Refusal(
        "scheduled_end_at", _l("The end must be after the start.")
    ),
    ("appointments", "check_deal_value_range"): Refusal("deal_value", _l("Enter an amount from 0 to 9,999,999.99.")),
    ("appointments", "check_completed_at"): _COMPLETED_AT,
    ("appointments", "check_outcome_at"): Refusal(
        "outcome", _l("An outcome needs its time, and an open visit has none.")
    ),
    ("appointments", "check_outcome_needs_completed"): Refusal(
        "outcome", _l("Complete the visit before it is won or lost.")
    ),
    ("appointments", "check_appointment_contact_unless_imported"): Refusal(
        "contact_card_id", _l("Choose the contact of this appointment.")
    ),
    ("tasks", "check_completed_at"): _COMPLETED_AT,
    ("tasks", "uq_tasks_pending_action"): Refusal("pending_action_id", _l("This has a task already. Open that one.")),
    ("pending_actions", "uq_pending_actions_contact_category_due_text"): Refusal(
        "category", _l("The same is to be done for this contact at that time already.")
    ),
    ("events", "check_event_end_after_start"): Refusal("end_at", _l("The end must be after the start.")),
    ("event_attendees", "uq_event_attendees_event_user"): Refusal("user_id", _l("This person attends already.")),
    ("busy_times", "check_busy_times_source_row"): Refusal(
        None, _l("Time is taken by one event or by one appointment.")
    ),
    ("busy_times", "busy_times_overlap"): Refusal(None, _l("Something else is booked at that time.")),
    ("note_templates", "uq_note_templates_name"): Refusal("name", _l("There is a template of this name already.")),
    ("knowledge_items", "check_usage_count_positive"): Refusal("usage_count", _l("Enter 0 or more.")),
    ("organizations", "check_business_hours"): _BUSINESS_HOURS,
    ("ai_configs", "check_business_hours"): _BUSINESS_HOURS,
    ("ai_configs", "uq_ai_configs_organization_id"): _ONE_OF_ITS_KIND,
    ("ai_configs", "check_temperature_range"): Refusal("temperature", _l("Enter a number from 0 to 1.")),
    ("ai_configs", "check_max_call_minutes_range"): Refusal("max_call_minutes", _l("Enter 1 to 60 minutes.")),
    ("plans", "check_plan_limits_positive"): Refusal(None, _l("A plan allows at least one of everything.")),
    ("plans", "check_monthly_price_positive"): Refusal("monthly_price", _l("Enter 0 or more.")),
    ("subscriptions", "uq_subscriptions_organization_id"): _ONE_OF_ITS_KIND,
    ("subscriptions", "check_period_end_after_start"): _PERIOD_END,
    ("subscriptions", "check_retry_count_positive"): Refusal("retry_count", _l("Enter 0 or more.")),
    ("subscriptions", "check_scheduled_plan_and_day"): Refusal(
        "scheduled_for", _l("A change of plan needs both the plan and its day.")
    ),
    ("subscriptions", "check_refused_downgrade_is_scheduled"): Refusal(
        "downgrade_refused_at", _l("Only a downgrade that is scheduled can be refused.")
    ),
    ("payment_events", "uq_payment_events_event_id"): Refusal("event_id", _l("This event is known already.")),
    ("invoices", "uq_invoices_number"): Refusal("number", _l("There is an invoice of this number already.")),
    ("invoices", "check_currency_format"): Refusal(
        "currency", _l("Enter a currency as three capital letters, such as USD.")
    ),
    ("invoices", "check_amount_positive"): Refusal("amount", _l("Enter 0 or more.")),
    ("invoices", "check_period_end_after_start"): _PERIOD_END,
    ("invoices", "check_paid_at"): Refusal(
        "paid_at", _l("The time of payment is set exactly when the invoice is paid.")
    ),
    ("usage_costs", "check_usage_cost_positive"): Refusal("amount", _l("Enter 0 or more.")),
    ("usage_costs", "check_usage_cost_resource"): Refusal(
        "resource_id", _l("What a cost was for needs both its kind and its id.")
    ),
    ("budgets", "uq_budgets_kind"): Refusal("kind", _l("There is a budget for this already. Change that one.")),
    ("budgets", "check_monthly_amount_positive"): Refusal("monthly_amount", _l("Enter 0 or more.")),
    ("budgets", "check_warn_percent_range"): Refusal("warn_percent", _l("Enter up to five percentages from 1 to 100.")),
    ("notifications", "check_link_within_app"): Refusal("link", _l("Enter an address of this app, such as /calls.")),
    ("ask_questions", "check_citations"): Refusal("citations", _l("Give the citations as a list.")),
    ("ask_questions", "check_cost_positive"): Refusal("cost", _l("Enter 0 or more.")),
    ("erasures", "check_counts"): Refusal("counts", _l("Give a number for each table.")),
    ("erasures", "uq_erasures_contact_card"): Refusal(None, _l("This person is erased already, or is being erased.")),
    ("erasures", "check_places"): Refusal(None, _l("No more places can be done than there are.")),
    ("erasures", "check_erased_completely"): Refusal(None, _l("An erasure is complete when its files are gone too.")),
    ("erasures", "check_erasure_finished_at"): Refusal(None, _l("An erasure has an end exactly when it has finished.")),
    ("idempotency_keys", "uq_idempotency_keys_caller_key"): Refusal("key", _l("This Idempotency-Key was used before.")),
    ("idempotency_keys", "check_idempotency_one_caller"): _ONE_CALLER,
    ("idempotency_keys", "check_key_format"): Refusal("key", _l("Use 1 to 255 visible characters without spaces.")),
    ("idempotency_keys", "check_request_fingerprint"): Refusal(
        "request_fingerprint", _l("A fingerprint has 32 bytes.")
    ),
    ("idempotency_keys", "check_status_code_range"): Refusal("status_code", _l("Enter 200 to 499.")),
    ("deprecated_calls", "uq_deprecated_calls_caller_operation_day"): _ONE_OF_ITS_KIND,
    ("deprecated_calls", "check_deprecated_call_one_caller"): _ONE_CALLER,
    ("deprecated_calls", "check_calls_positive"): Refusal("calls", _l("Enter 1 or more.")),
    ("reports", "uq_reports_kind_first_day"): Refusal("first_day", _l("There is a report of this week already.")),
    ("reports", "check_last_day_after_first"): Refusal("last_day", _l("The end must be after the start.")),
    ("reports", "check_numbers"): Refusal("numbers", _l("Give a value for each number.")),
    ("backup_checks", "check_file_bytes_positive"): Refusal("file_bytes", _l("Enter 0 or more.")),
    ("backup_checks", "check_findings"): Refusal("findings", _l("Give the findings as a list.")),
    ("backup_checks", "check_succeeded_without_findings"): Refusal(
        "succeeded", _l("A check succeeds exactly when it finds nothing.")
    ),
    ("subscriptions", "check_scheduled_takers"): Refusal("takeover", _l("Choose who takes this over.")),
    ("deletion_batches", "check_restored_or_purged"): Refusal(
        None, _l("What was restored cannot be purged, and what was purged cannot be restored.")
    ),
    ("deletion_batches", "check_deleting_or_restoring"): Refusal(
        None, _l("What is still being deleted cannot be restored at the same time.")
    ),
    ("deletion_batches", "check_purged_when_all_deleted"): Refusal(
        None, _l("Only what is all deleted can be removed for good.")
    ),
    ("imports", "check_import_counts_positive"): Refusal(None, _l("An import cannot count below zero.")),
    ("imports", "check_percent_read"): Refusal("percent_read", _l("Enter 0 to 100 percent.")),
    ("imports", "check_import_finished_at"): Refusal(None, _l("An import has an end exactly when it has finished.")),
    ("jobs", "uq_jobs_schedule"): Refusal("name", _l("This job is scheduled already.")),
    ("jobs", "check_job_name_format"): Refusal("name", _l("Name a job by its feature and what it does.")),
    ("jobs", "check_job_tries_positive"): Refusal("tries", _l("Enter 0 or more.")),
    ("jobs", "check_job_progress_positive"): Refusal(None, _l("A job cannot be less than not begun.")),
    ("jobs", "check_job_finished_at"): Refusal(None, _l("A job has an end exactly when it has finished.")),
    ("import_errors", "check_line_positive"): Refusal("line", _l("Lines are counted from 1.")),
    ("import_mappings", "uq_import_mappings_kind_name"): Refusal(
        "name", _l("A mapping of this name is there already. Choose another name.")
    ),
    ("list_settings", "uq_list_settings_user_page"): _ONE_OF_ITS_KIND,
    ("revisions", "uq_revisions_kind"): _ONE_OF_ITS_KIND,
    ("offered_values", "uq_offered_values_value"): _ONE_OF_ITS_KIND,
    ("list_settings", "check_columns_count"): Refusal("columns", _l("Choose at least one column.")),
    ("saved_views", "uq_saved_views_user_page_name"): Refusal(
        "name", _l("You have a view of this name already. Choose another name.")
    ),
    ("exports", "check_export_counts_positive"): Refusal(None, _l("An export cannot count below zero.")),
    ("exports", "check_export_file"): Refusal(None, _l("An export has a file exactly when it is finished.")),
    ("exports", "check_export_expires_at"): Refusal(
        "expires_at", _l("A finished export needs the time it is kept to.")
    ),
    ("exports", "check_export_finished_at"): Refusal(None, _l("An export has an end exactly when it has finished.")),
    ("bulk_operations", "check_row_ids_count"): Refusal("row_ids", _l("Choose 1 to 100 rows.")),
    ("bulk_operations", "check_bulk_counts_positive"): Refusal(None, _l("A bulk change cannot count below zero.")),
    ("bulk_operations", "check_bulk_finished_at"): Refusal(None, _l("A bulk change is undone after it has finished.")),
    ("import_mappings", "check_mapping"): Refusal("mapping", _l("This is not a mapping of columns.")),
}
