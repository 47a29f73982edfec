"""What a person reads when the database refuses a row of daily work: see `app.db.sentences`."""

from flask_babel import lazy_gettext as _l

from app.db.refusal import Key, Refusal
from app.db.sentences import COUNTRY, ONE_OF_ITS_KIND

_EXTERNAL_TWICE = Refusal("external_id", _l("A row with this id was imported from this source already."))
_EXTERNAL_PAIR = Refusal("external_id", _l("An imported row needs both its source and its id there."))
_ONE_ANALYSIS_TASK = Refusal("shunya_task_id", _l("This task has delivered its result already."))
_COMPLETED_AT = Refusal("completed_at", _l("The time of completion is set exactly when the status is completed."))
_CARD_IN_TRASH = Refusal(
    "contact_card_id", _l("This contact is in the trash. Choose another one, or restore it first.")
)

WORK_SENTENCES: dict[Key, Refusal] = {
    ("messages", "uq_messages_provider_sid"): ONE_OF_ITS_KIND,
    ("messages", "uq_messages_dedupe_key"): Refusal(None, _l("This message was sent already.")),
    ("messages", "check_sms_to_number"): Refusal(
        "to", _l("Enter a phone number with its country, such as +1 512 555 0142.")
    ),
    ("messages", "check_cost_positive"): Refusal("cost", _l("Enter 0 or more.")),
    ("contact_cards", "uq_contact_cards_external"): _EXTERNAL_TWICE,
    ("contact_cards", "check_external_pair"): _EXTERNAL_PAIR,
    ("contact_cards", "check_country_format"): COUNTRY,
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
    ("knowledge_items", "uq_knowledge_items_external"): _EXTERNAL_TWICE,
    ("knowledge_items", "check_external_pair"): _EXTERNAL_PAIR,
    ("leads", "uq_leads_external"): _EXTERNAL_TWICE,
    ("leads", "check_external_pair"): _EXTERNAL_PAIR,
    ("leads", "check_lead_contact_unless_imported"): Refusal("contact_card_id", _l("Choose the contact of this lead.")),
    ("leads", "check_lead_closed"): Refusal("stage", _l("A lead is closed where it is dead or won, and nowhere else.")),
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
    # Of whom is not told: it may be another organization.
    ("phone_numbers", "uq_phone_numbers_number"): Refusal("number", _l("This number is in use.")),
    ("blocked_numbers", "uq_blocked_numbers_number"): Refusal("number", _l("This number is blocked already.")),
    ("missed_call_attempts", "check_result_of_kind"): Refusal(
        "result", _l("A text is sent or fails; a call ends in any other way.")
    ),
    ("missed_call_attempts", "uq_missed_attempts_message"): Refusal(None, _l("This text was sent already.")),
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
    ("call_notes", "answers_coaching"): Refusal(
        "parent_id", _l("An answer belongs to a coaching note that is no answer itself.")
    ),
    ("call_notes", "uq_call_notes_of_call"): ONE_OF_ITS_KIND,
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
    ("recording_sessions", "check_loudness_size"): Refusal("loudness", _l("Give the loudness of 1 to 240 stretches.")),
    ("recording_sessions", "check_refused_has_no_audio"): Refusal(
        "consent", _l("Nothing is kept of a visit whose recording was refused.")
    ),
    ("recording_sessions", "check_failure_of_failed"): Refusal(
        "failure", _l("Only a recording that failed has a reason for it.")
    ),
    ("recording_sessions", "uq_recording_sessions_continues_id"): Refusal(
        "continues_id", _l("This recording was continued already.")
    ),
    ("recording_sessions", "uq_recording_sessions_of_visit"): ONE_OF_ITS_KIND,
    ("recording_sessions", "check_continues_another"): Refusal(
        "continues_id", _l("A recording continues another one, not itself.")
    ),
    ("recording_sessions", "check_discarded_of_failed"): Refusal(
        "discarded_at", _l("A recording that was discarded is not open and has no sound.")
    ),
    ("recording_parts", "uq_recording_parts_number"): Refusal("number", _l("This part is here already.")),
    ("recording_parts", "check_number_positive"): Refusal("number", _l("Parts are counted from 1.")),
    ("recording_parts", "check_bytes_range"): Refusal("bytes", _l("A part has 1 byte to 200 MB.")),
    ("recording_parts", "check_sha256_length"): Refusal("sha256", _l("Give the SHA-256 digest of the part.")),
    ("provider_tasks", "uq_provider_tasks_natural_key"): Refusal(None, _l("This was sent out already.")),
    ("provider_tasks", "uq_provider_tasks_external_task_id"): Refusal(
        "external_task_id", _l("Another piece of work has this task already.")
    ),
    ("provider_tasks", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
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
    ("missed_call_entries", "check_first_attempt_seconds"): Refusal("first_attempt_seconds", _l("Enter 0 or more.")),
    ("missed_call_entries", "check_rescued_complete"): Refusal(
        "status", _l("A rescued call needs who rescued it and when.")
    ),
    ("missed_call_entries", "check_claim_is_a_lease"): Refusal("status", _l("A claim needs the time it ends at.")),
    ("appointments", "uq_appointments_external"): _EXTERNAL_TWICE,
    ("appointments", "check_external_pair"): _EXTERNAL_PAIR,
    ("appointments", "check_country_format"): COUNTRY,
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
    ("events", "calendar_not_deleted"): Refusal(
        "calendar_id", _l("This calendar is in the trash. Restore it first, or choose another.")
    ),
    ("events", "check_event_end_after_start"): Refusal("end_at", _l("The end must be after the start.")),
    ("event_attendees", "uq_event_attendees_event_user"): Refusal("user_id", _l("This person attends already.")),
    ("busy_times", "check_busy_times_source_row"): Refusal(
        None, _l("Time is taken by one event or by one appointment.")
    ),
    ("busy_times", "busy_times_overlap"): Refusal(None, _l("Something else is booked at that time.")),
    ("service_types", "uq_service_types_name"): Refusal("name", _l("There is a service type of this name already.")),
    ("service_types", "check_minutes_range"): Refusal("minutes", _l("Enter 15 to 480 minutes.")),
    ("targets", "uq_targets_metric_user_month"): Refusal(
        "metric", _l("There is a target of this number for them in this month already.")
    ),
    ("targets", "check_month_first_day"): Refusal("month", _l("Choose a month.")),
    ("targets", "check_value_range"): Refusal("value", _l("Enter an amount from 0 to 9,999,999,999.99.")),
    ("note_templates", "uq_note_templates_name"): Refusal("name", _l("There is a template of this name already.")),
    ("knowledge_items", "check_usage_count_positive"): Refusal("usage_count", _l("Enter 0 or more.")),
}
