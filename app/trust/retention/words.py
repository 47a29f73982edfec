"""Labels of the kinds of records with a retention."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.errors import LazyText
from app.trust.retention.rules import RetentionKind

KIND_LABELS: Mapping[RetentionKind, LazyText] = {
    RetentionKind.EXPORTS: _l("Exports"),
    RetentionKind.MESSAGES: _l("Messages"),
    RetentionKind.WEBHOOK_DELIVERIES: _l("Webhook deliveries"),
    RetentionKind.RECORDINGS: _l("Appointment recordings"),
    RetentionKind.MISSED_CALLS: _l("Closed missed calls"),
    RetentionKind.CALLS: _l("Calls (including notes, transcripts and audio)"),
    RetentionKind.LEADS: _l("Leads without recent activity"),
    RetentionKind.AUDIT: _l("Audit trail (by full month)"),
}


def in_words(kind: RetentionKind, days: int, before: int) -> LazyText:
    """Return a sentence about a kind whose retention will be shortened."""
    sentence: LazyText = _ln(
        "%(kind)s: %(num)s day instead of %(before)s",
        "%(kind)s: %(num)s days instead of %(before)s",
        days,
        kind=KIND_LABELS[kind],
        before=before,
    )
    return sentence
