"""Undoing a merge as part of restoring the merged contact."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.deletable import Handover, HandoverWords
from app.work.contacts.resource import CONTACT_CARD
from app.work.merging.merge_undo_service import count_moved, give_back

_MERGE_UNDONE = HandoverWords(
    title=_l("Records moved by the merge"),
    would_go_back=lambda number: ngettext(
        "%(count)s record was moved to the other contact and hasn’t changed since the merge.",
        "%(count)s records were moved to the other contact and haven’t changed since the merge.",
        number,
        count=format_decimal(number),
    ),
    remaining_text=lambda number: ngettext(
        "%(count)s record has been moved or changed since the merge, so it stays where it is.",
        "%(count)s records have been moved or changed since the merge, so they stay where they are.",
        number,
        count=format_decimal(number),
    ),
    give=_l("Undo merge and move the records back"),
    leave=_l("Leave the records with the other contact"),
    restored=lambda what, number: _(
        "Merge undone. Restored: %(what)s; records moved back: %(moved)s.", what=what, moved=format_decimal(number)
    ),
    undone=lambda label, number: ngettext(
        "Merge undone: “%(label)s” was restored, and %(num)s record moved back.",
        "Merge undone: “%(label)s” was restored, and %(num)s records moved back.",
        number,
        label=label,
    ),
    went_back=lambda number: ngettext(
        "merge undone, %(count)s record moved back",
        "merge undone, %(count)s records moved back",
        number,
        count=format_decimal(number),
    ),
)

MERGE_HANDOVER = Handover(CONTACT_CARD.name, count_moved, give_back, _MERGE_UNDONE)
