"""What a person reads when the database refuses: every constraint by name, with its field and its sentence.

Nobody asks the database beforehand whether a value is free or a reference exists: two who ask at once are both told
yes. The database refuses, and this module says it in words. Lengths, choices, phone formats and references are
declared with what their sentence needs (see `app.models.base`); all other constraints stand in `SENTENCES`. A test
holds that each constraint of the database has a sentence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.exc import DBAPIError

from app.errors import (
    INVALID_INPUT,
    MISSING_REQUIRED_FIELD,
    Conflict,
    DomainError,
    FieldError,
    LastOwner,
    ValidationFailed,
)
from app.errors import Sentence as Text
from app.models import Base

Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The field at fault, as the form or body calls it (None: the row as a whole), and the sentence."""

    field: str | None
    sentence: Text


_EXTERNAL_TWICE = Refusal("external_id", _l("A row with this id was imported from this source already."))
_EXTERNAL_PAIR = Refusal("external_id", _l("An imported row needs both its source and its id there."))
_COUNTRY = Refusal("country", _l("Enter a country as two capital letters, such as US."))
_ONE_ANALYSIS_TASK = Refusal("shunya_task_id", _l("This task has delivered its result already."))
_COMPLETED_AT = Refusal("completed_at", _l("The time of completion is set exactly when the status is completed."))
_ONE_OF_ITS_KIND = Refusal(None, _l("This is stored already."))

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
    ("system_settings", "pk_system_settings"): _ONE_OF_ITS_KIND,
    ("users", "idx_users_email_org"): Refusal("email", _l("Somebody here has this e-mail address already.")),
    ("users", "check_email_format"): Refusal("email", _l("Enter an e-mail address such as name@example.com.")),
    ("users", "check_not_own_manager"): Refusal("manager_id", _l("Nobody can be their own manager. Choose another.")),
    ("user_permissions", "uq_user_permissions_user_permission"): Refusal(
        "permission", _l("This person has the permission already.")
    ),
    ("user_permissions", "check_permission_format"): Refusal(
        "permission", _l("Enter a permission such as calls:read.")
    ),
    ("user_sessions", "uq_user_sessions_token_hash"): _ONE_OF_ITS_KIND,
    ("password_resets", "uq_password_resets_token_hash"): _ONE_OF_ITS_KIND,
    ("contact_cards", "uq_contact_cards_external"): _EXTERNAL_TWICE,
    ("contact_cards", "check_external_pair"): _EXTERNAL_PAIR,
    ("contact_cards", "check_country_format"): _COUNTRY,
    ("contact_cards", "check_tags_count"): Refusal("tags", _l("Use 20 tags at most.")),
    ("contact_cards", "check_tags_length"): Refusal("tags", _l("Use 40 characters at most for each tag.")),
    ("contact_cards", "contact_card_in_use"): Refusal(
        None, _l("This contact has calls, open leads or appointments. Merge it into another or erase it instead.")
    ),
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
    ("calls", "uq_calls_callrail_call_id"): Refusal("callrail_call_id", _l("This CallRail call is here already.")),
    ("calls", "uq_calls_twilio_sid"): Refusal("twilio_sid", _l("This Twilio call is here already.")),
    ("calls", "uq_calls_vapi_call_id"): Refusal("vapi_call_id", _l("This VAPI call is here already.")),
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
    ("deletion_batches", "check_restored_or_purged"): Refusal(
        None, _l("What was restored cannot be purged, and what was purged cannot be restored.")
    ),
    ("imports", "check_import_counts_positive"): Refusal(None, _l("An import cannot count below zero.")),
    ("imports", "check_percent_read"): Refusal("percent_read", _l("Enter 0 to 100 percent.")),
    ("imports", "check_import_finished_at"): Refusal(None, _l("An import has an end exactly when it has finished.")),
    ("import_errors", "check_line_positive"): Refusal("line", _l("Lines are counted from 1.")),
    ("import_mappings", "uq_import_mappings_kind_name"): Refusal(
        "name", _l("A mapping of this name is there already. Choose another name.")
    ),
    ("import_mappings", "check_mapping"): Refusal("mapping", _l("This is not a mapping of columns.")),
}

_REFUSED_DELETE = "update or delete on table"  # how PostgreSQL begins the message when others still refer to a row


def translate(error: DBAPIError) -> DomainError | None:
    """The domain error for a refusal of the database; None when it refused for another reason than a constraint."""
    cause = error.orig
    if not isinstance(cause, psycopg.errors.IntegrityError):
        return None
    if isinstance(cause, psycopg.errors.NotNullViolation):
        field = cause.diag.column_name or ""
        return ValidationFailed([FieldError(field, _l("Fill this in."), MISSING_REQUIRED_FIELD)])
    if cause.diag.constraint_name == "last_owner":
        return LastOwner(count=1)
    refusal = find_refusal(cause.diag.table_name or "", cause.diag.constraint_name or "")
    return Conflict() if refusal is None else _in_words(cause, refusal)


def _in_words(cause: psycopg.errors.IntegrityError, refusal: Refusal) -> DomainError:
    """A duplicate, an overlap and a refused delete clash with what is there; everything else is a wrong field."""
    if isinstance(cause, (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation)):
        return Conflict(refusal.field, refusal.sentence)
    if _refuses_delete(cause):
        return Conflict(None, _refused_delete_sentence(refusal))
    return ValidationFailed([FieldError(refusal.field or "", refusal.sentence, INVALID_INPUT)], refusal.sentence)


def find_refusal(table: str, constraint: str) -> Refusal | None:
    """Field and sentence of a constraint, or None for an unknown one."""
    return SENTENCES.get((table, constraint)) or _DECLARED.get((table, constraint))


def _refuses_delete(cause: psycopg.errors.IntegrityError) -> bool:
    if isinstance(cause, psycopg.errors.RestrictViolation) or cause.diag.constraint_name == "contact_card_in_use":
        return True
    message = cause.diag.message_primary or ""
    return isinstance(cause, psycopg.errors.ForeignKeyViolation) and message.startswith(_REFUSED_DELETE)


def _refused_delete_sentence(refusal: Refusal) -> Text:
    """The sentence of a reference speaks of what is missing; a refused delete is about what is still there."""
    return refusal.sentence if refusal.field is None else _l("Other records still refer to this. Change them first.")


def _length(info: tuple[str, int, int]) -> Refusal:
    column, least, most = info
    if least < 2:
        return Refusal(column, _l("Use %(most)s characters at most.", most=most))
    return Refusal(column, _l("Use %(least)s to %(most)s characters.", least=least, most=most))


def _choice(column: str) -> Refusal:
    return Refusal(column, _l("Choose one of the values offered."))


def _phone(column: str) -> Refusal:
    return Refusal(column, _l("Enter a phone number with its country, such as +1 512 555 0142."))


_FAMILIES: dict[str, Callable[[Any], Refusal]] = {"length": _length, "choice": _choice, "phone": _phone}


def _declared() -> dict[Key, Refusal]:
    """Sentences of the constraints that say in their `info` what they hold, and of all references."""
    found: dict[Key, Refusal] = {}
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            key = (table.name, str(constraint.name))
            if isinstance(constraint, ForeignKeyConstraint):
                column = list(constraint.column_keys)[-1]
                found[key] = Refusal(column, _l("What this refers to is not here. Choose another."))
            elif isinstance(constraint, CheckConstraint):
                for family, info in constraint.info.items():
                    found[key] = _FAMILIES[family](info)
    return found


_DECLARED = _declared()
