"""Error messages for violated constraints on the tables of daily work (see `app.db.sentences`)."""

from flask_babel import lazy_gettext as _l

from app.db.refusal import Key, Refusal
from app.db.sentences import COUNTRY, ONE_OF_ITS_KIND

_EXTERNAL_TWICE = Refusal("external_id", _l("A row with this ID was already imported from this source."))
_EXTERNAL_PAIR = Refusal("external_id", _l("An imported row needs both a source and an ID in that source."))
_ONE_ANALYSIS_TASK = Refusal("shunya_task_id", _l("This provider task has already delivered its result."))
_COMPLETED_AT = Refusal(
    "completed_at", _l("A completed record needs a completion time; an incomplete one can’t have one.")
)
_CARD_IN_TRASH = Refusal(
    "contact_card_id", _l("This contact is in the trash. Choose another one, or restore it first.")
)

WORK_SENTENCES: dict[Key, Refusal] = {
    ("messages", "uq_messages_provider_sid"): ONE_OF_ITS_KIND,
    ("messages", "uq_messages_dedupe_key"): Refusal(None, _l("This message was already sent.")),
    ("messages", "check_sms_to_number"): Refusal(
        "to", _l("Enter a phone number with its country code, such as +1 512 555 0142.")
    ),
    ("messages", "check_cost_positive"): Refusal("cost", _l("Enter 0 or more.")),
    ("contact_cards", "uq_contact_cards_external"): _EXTERNAL_TWICE,
    ("contact_cards", "check_external_pair"): _EXTERNAL_PAIR,
    ("contact_cards", "check_country_format"): COUNTRY,
    ("contact_cards", "check_email_format"): Refusal("email", _l("Enter an email address such as name@example.com.")),
    ("contact_cards", "check_tags_count"): Refusal("tags", _l("Use up to 20 tags.")),
    ("contact_cards", "check_tags_length"): Refusal("tags", _l("Use up to 40 characters for each tag.")),
    ("contact_cards", "contact_card_in_use"): Refusal(
        None, _l("This contact has calls, open leads or appointments. Merge it into another or erase it instead.")
    ),
    ("contact_distinctions", "uq_contact_distinctions_pair"): Refusal(
        None, _l("These are already marked as different contacts.")
    ),
    ("contact_merges", "check_merged_with_another"): Refusal(
        None, _l("These are the same contact. Choose two different ones.")
    ),
    ("contact_merges", "check_rows_counted"): Refusal(None, _l("Enter 0 or more.")),
    ("contact_merges", "check_merge_finished_at"): Refusal(
        None, _l("A finished merge needs an end time; an unfinished one can’t have one.")
    ),
    ("contact_distinctions", "check_other_card_after"): Refusal(
        None, _l("These are the same contact. Choose two different ones.")
    ),
    ("contact_phones", "uq_contact_phones_phone"): Refusal("phone", _l("Another contact already has this number.")),
    ("knowledge_items", "uq_knowledge_items_external"): _EXTERNAL_TWICE,
    ("knowledge_items", "check_external_pair"): _EXTERNAL_PAIR,
    ("leads", "uq_leads_external"): _EXTERNAL_TWICE,
    ("leads", "check_external_pair"): _EXTERNAL_PAIR,
    ("leads", "check_lead_contact_unless_imported"): Refusal("contact_card_id", _l("Choose a contact for this lead.")),
    ("leads", "check_lead_closed"): Refusal(
        "stage", _l("A lead must be closed when it’s dead or won, and open otherwise.")
    ),
    ("leads", "uq_leads_open_contact_source"): Refusal(
        "contact_card_id", _l("This contact already has an open lead from this source. Open that one.")
    ),
    ("calls", "uq_calls_external"): _EXTERNAL_TWICE,
    ("calls", "check_external_pair"): _EXTERNAL_PAIR,
    ("calls", "check_duration_positive"): Refusal("duration_seconds", _l("Enter 0 seconds or more.")),
    ("calls", "check_duration_one_day"): Refusal("duration_seconds", _l("Enter 86,400 seconds (a day) or less.")),
    ("calls", "check_ai_confidence_range"): Refusal("ai_confidence", _l("Enter a number from 0 to 100.")),
    ("calls", "check_call_quality_range"): Refusal("call_quality", _l("Enter a rating from 1 to 5.")),
    ("calls", "check_end_after_start"): Refusal("ended_at", _l("The end must be after the start.")),
    ("calls", "check_answer_after_start"): Refusal(
        "answered_at", _l("The answer time can’t be before the start of the call.")
    ),
    ("calls", "check_start_not_ahead"): Refusal("started_at", _l("The call starts in the future.")),
    ("calls", "check_cost_positive"): Refusal("cost", _l("Enter 0 or more.")),
    ("calls", "check_waited_positive"): Refusal("waited_seconds", _l("Enter 0 seconds or more.")),
    ("calls", "check_waited_unanswered"): Refusal(
        "waited_seconds", _l("A call that was answered has no wait before hanging up.")
    ),
    ("calls", "check_tags_count"): Refusal("tags", _l("Use up to 20 tags.")),
    ("calls", "check_tags_length"): Refusal("tags", _l("Use up to 40 characters for each tag.")),
    ("calls", "check_value_positive"): Refusal("value", _l("Enter 0 or more.")),
    ("calls", "check_visit_without_csr"): Refusal("csr_id", _l("A visit call can’t be credited to a CSR.")),
    ("calls", "uq_calls_callrail_call_id"): Refusal("callrail_call_id", _l("This CallRail call already exists.")),
    ("calls", "uq_calls_on_by_person"): Refusal(
        None, _l("You’re on another call. Record its result first, then call the next one.")
    ),
    ("calls", "uq_calls_twilio_sid"): Refusal("twilio_sid", _l("This Twilio call already exists.")),
    ("calls", "uq_calls_vapi_call_id"): Refusal("vapi_call_id", _l("This VAPI call already exists.")),
    ("calls", "organization_not_deleted"): Refusal(
        None, _l("This organization is deleted. It can’t take calls until it’s restored.")
    ),
    ("calls", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("leads", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("appointments", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("tasks", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("pending_actions", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("contact_phones", "contact_card_not_deleted"): _CARD_IN_TRASH,
    ("contact_notes", "contact_card_not_deleted"): _CARD_IN_TRASH,
    # The message does not say whose number it is: it can be another organization's.
    ("phone_numbers", "uq_phone_numbers_number"): Refusal(
        "number", _l("This number is already in use. Enter another.")
    ),
    ("blocked_numbers", "uq_blocked_numbers_number"): Refusal("number", _l("This number is already blocked.")),
    ("missed_call_attempts", "check_result_of_kind"): Refusal(
        "result", _l("A text’s result must be “Sent” or “Failed”, and a call’s result can’t be “Sent”.")
    ),
    ("missed_call_attempts", "uq_missed_attempts_message"): Refusal(None, _l("This text was already sent.")),
    ("booking_disputes", "uq_booking_disputes_open"): Refusal(
        "call_id", _l("This call already has an open dispute. Wait until it’s decided.")
    ),
    ("booking_disputes", "uq_booking_disputes_open_appointment"): Refusal(
        "appointment_id", _l("This appointment already has an open dispute. Wait until it’s decided.")
    ),
    ("booking_disputes", "check_dispute_kind"): Refusal(
        "kind", _l("A dispute is about the booking status of a call, or about who booked an appointment.")
    ),
    ("booking_disputes", "check_dispute_changes_something"): Refusal(
        "to_status", _l("This is already the booking status. Choose a different one.")
    ),
    ("booking_disputes", "check_decided_at"): Refusal(
        "decided_at", _l("A decided dispute needs a decision time; an open one can’t have one.")
    ),
    ("booking_disputes", "check_decision_note_decided"): Refusal(
        "decision_note", _l("Only a decided dispute can have a decision note.")
    ),
    ("call_notes", "check_turn_range"): Refusal("turn", _l("This turn doesn’t exist in the transcript.")),
    ("call_notes", "check_coached_at_turn"): Refusal(
        "kind", _l("Only coaching notes can refer to a turn, have replies or be marked as done.")
    ),
    ("call_notes", "check_answers_have_no_turn"): Refusal(
        "parent_id", _l("A reply belongs to the note it answers and can’t be marked as done on its own.")
    ),
    ("call_notes", "answers_coaching"): Refusal(
        "parent_id", _l("A reply must belong to a coaching note, not to another reply.")
    ),
    ("call_notes", "uq_call_notes_of_call"): ONE_OF_ITS_KIND,
    ("recording_sessions", "uq_recording_sessions_open"): Refusal(
        "sales_rep_id", _l("This person is already recording. Stop that recording first.")
    ),
    ("recording_sessions", "uq_recording_sessions_call_id"): Refusal(
        "call_id", _l("This call already has a recording.")
    ),
    ("recording_sessions", "check_recording_ended_at"): Refusal(
        "ended_at", _l("A finished recording needs an end time; an unfinished one can’t have one.")
    ),
    ("recording_sessions", "check_end_after_start"): Refusal("ended_at", _l("The end must be after the start.")),
    ("recording_sessions", "check_duration_range"): Refusal(
        "duration_seconds", _l("Enter 0 to 86,400 seconds (a day).")
    ),
    ("recording_sessions", "check_audio_bytes_range"): Refusal("audio_bytes", _l("A recording can be up to 200 MB.")),
    ("recording_sessions", "check_loudness_size"): Refusal("loudness", _l("Provide loudness for 1 to 240 segments.")),
    ("recording_sessions", "check_refused_has_no_audio"): Refusal(
        "consent", _l("A declined recording can’t have audio.")
    ),
    ("recording_sessions", "check_failure_of_failed"): Refusal(
        "failure", _l("Only a failed recording has a failure reason.")
    ),
    ("recording_sessions", "uq_recording_sessions_continues_id"): Refusal(
        "continues_id", _l("This recording was already continued.")
    ),
    ("recording_sessions", "uq_recording_sessions_of_visit"): ONE_OF_ITS_KIND,
    ("recording_sessions", "check_continues_another"): Refusal(
        "continues_id", _l("A recording continues another one, not itself.")
    ),
    ("recording_sessions", "uq_recording_sessions_split_from_id"): Refusal(
        "split_from_id", _l("There is already a recording of what follows this one.")
    ),
    ("recording_sessions", "check_split_from_another"): Refusal(
        "split_from_id", _l("A recording follows another one, not itself.")
    ),
    ("recording_sessions", "check_discarded_of_failed"): Refusal(
        "discarded_at", _l("A discarded recording must be marked as failed.")
    ),
    ("recording_parts", "uq_recording_parts_number"): Refusal("number", _l("This part already exists.")),
    ("recording_parts", "check_number_positive"): Refusal("number", _l("Part numbers start at 1.")),
    ("recording_parts", "check_bytes_range"): Refusal("bytes", _l("A part must be between 1 byte and 200 MB.")),
    ("recording_parts", "check_sha256_length"): Refusal("sha256", _l("Provide the SHA-256 digest of the part.")),
    ("provider_tasks", "uq_provider_tasks_natural_key"): Refusal(None, _l("This was already sent.")),
    ("provider_tasks", "uq_provider_tasks_external_task_id"): Refusal(
        "external_task_id", _l("This provider task already belongs to other work.")
    ),
    ("provider_tasks", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("provider_tasks", "check_next_attempt_of_unfinished"): Refusal(
        "next_attempt_at", _l("A task that is finished isn’t tried again.")
    ),
    ("call_transcripts", "uq_call_transcripts_call_id"): Refusal("call_id", _l("This call already has a transcript.")),
    ("call_transcripts", "uq_call_transcripts_task"): _ONE_ANALYSIS_TASK,
    ("call_transcripts", "check_confidence_score_range"): Refusal(
        "confidence_score", _l("Enter a number from 0 to 1.")
    ),
    ("call_transcripts", "check_speaker_labels"): Refusal("speaker_labels", _l("Provide turns as a list.")),
    ("call_analyses", "uq_call_analyses_call_id"): Refusal("call_id", _l("This call already has an analysis.")),
    ("call_analyses", "uq_call_analyses_task"): _ONE_ANALYSIS_TASK,
    ("call_analyses", "check_sentiment_score_range"): Refusal("sentiment_score", _l("Enter a number from −1 to 1.")),
    ("call_analyses", "check_sop_compliance_score_range"): Refusal(
        "sop_compliance_score", _l("Enter a number from 0 to 100.")
    ),
    ("call_analyses", "check_confidence_range"): Refusal("confidence", _l("Enter a number from 0 to 1.")),
    ("call_analyses", "check_objections"): Refusal("objections", _l("Provide objections as a list.")),
    ("missed_call_entries", "uq_missed_call_entries_call_id"): Refusal(
        "call_id", _l("This missed call is already in the queue.")
    ),
    ("missed_call_entries", "check_attempts_positive"): Refusal("attempts", _l("Enter 0 or more.")),
    ("missed_call_entries", "check_first_attempt_seconds"): Refusal("first_attempt_seconds", _l("Enter 0 or more.")),
    ("missed_call_entries", "check_rescued_complete"): Refusal(
        "status", _l("Enter who rescued this missed call, and when.")
    ),
    ("missed_call_entries", "check_claim_is_a_lease"): Refusal("status", _l("A claim needs an expiry time.")),
    ("appointments", "uq_appointments_external"): _EXTERNAL_TWICE,
    ("appointments", "check_external_pair"): _EXTERNAL_PAIR,
    ("appointments", "check_country_format"): COUNTRY,
    ("appointments", "check_scheduled_end_after_start"): Refusal(
        "scheduled_end_at", _l("The end must be after the start.")
    ),
    ("appointments", "check_deal_value_range"): Refusal("deal_value", _l("Enter an amount from 0 to 9,999,999.99.")),
    ("appointments", "check_completed_at"): _COMPLETED_AT,
    ("appointments", "check_outcome_at"): Refusal(
        "outcome", _l("An outcome needs a date, and an open appointment can’t have an outcome date.")
    ),
    ("appointments", "check_outcome_needs_completed"): Refusal(
        "outcome", _l("Complete the appointment before marking it won or lost.")
    ),
    ("appointments", "check_appointment_contact_unless_imported"): Refusal(
        "contact_card_id", _l("Choose a contact for this appointment.")
    ),
    ("tasks", "check_completed_at"): _COMPLETED_AT,
    ("tasks", "uq_tasks_pending_action"): Refusal(
        "pending_action_id", _l("This suggested task is already a task. Open that one.")
    ),
    ("pending_actions", "uq_pending_actions_contact_category_due_text"): Refusal(
        "category", _l("This contact already has the same suggested task due at that time.")
    ),
    ("events", "calendar_not_deleted"): Refusal(
        "calendar_id", _l("This calendar is in the trash. Restore it first, or choose another.")
    ),
    ("events", "check_event_end_after_start"): Refusal("end_at", _l("The end must be after the start.")),
    ("event_attendees", "uq_event_attendees_event_user"): Refusal("user_id", _l("This person is already attending.")),
    ("busy_times", "check_busy_times_source_row"): Refusal(
        None, _l("A busy time belongs to either an event or an appointment.")
    ),
    ("busy_times", "busy_times_overlap"): Refusal(None, _l("That time is already booked.")),
    ("service_types", "uq_service_types_name"): Refusal(
        "name", _l("A service type with this name already exists. Choose another name.")
    ),
    ("service_types", "check_minutes_range"): Refusal("minutes", _l("Enter 15 to 480 minutes.")),
    ("targets", "uq_targets_metric_user_month"): Refusal(
        "metric", _l("There’s already a target for this metric in that month. Edit that one.")
    ),
    ("targets", "check_month_first_day"): Refusal("month", _l("Choose a month.")),
    ("targets", "check_value_range"): Refusal("value", _l("Enter an amount from 0 to 9,999,999,999.99.")),
    ("note_templates", "uq_note_templates_name"): Refusal(
        "name", _l("A template with this name already exists. Choose another name.")
    ),
    ("knowledge_items", "check_usage_count_positive"): Refusal("usage_count", _l("Enter 0 or more.")),
}
