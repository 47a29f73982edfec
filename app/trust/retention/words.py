"""What people call what is kept."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.errors import Sentence
from app.trust.retention.rules import RetentionKind

KIND_LABELS: Mapping[RetentionKind, Sentence] = {
    RetentionKind.EXPORTS: _l("Exports"),
    RetentionKind.MESSAGES: _l("Messages"),
    RetentionKind.WEBHOOK_DELIVERIES: _l("Deliveries of webhooks"),
    RetentionKind.RECORDINGS: _l("Recordings of visits"),
    RetentionKind.MISSED_CALLS: _l("Closed missed calls"),
    RetentionKind.CALLS: _l("Calls with notes, transcripts and audio"),
    RetentionKind.LEADS: _l("Leads without activity"),
    RetentionKind.AUDIT: _l("Audit trail, by whole months"),
}


def in_words(kind: RetentionKind, days: int, before: int) -> Sentence:
    """One kind that is to be kept for a shorter time."""
    sentence: Sentence = _ln(
        "%(kind)s: %(num)s day instead of %(before)s",
        "%(kind)s: %(num)s days instead of %(before)s",
        days,
        kind=KIND_LABELS[kind],
        before=before,
    )
    return sentence
