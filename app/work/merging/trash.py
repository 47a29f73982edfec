"""A merge undone: what it moved belongs to the deletion of the contact that went."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.deletable import Handover, HandoverWords
from app.work.contacts.resource import CONTACT_CARD
from app.work.merging.merge_undo_service import count_moved, give_back

_MERGE_UNDONE = HandoverWords(
    title=_l("What the merge has moved"),
    would_go_back=lambda number: ngettext(
        "%(count)s record moved to the other contact, and is as the merge left it.",
        "%(count)s records moved to the other contact, and are as the merge left them.",
        number,
        count=format_decimal(number),
    ),
    would_stay=lambda number: ngettext(
        "%(count)s record was moved or changed since, and stays where it is.",
        "%(count)s records were moved or changed since, and stay where they are.",
        number,
        count=format_decimal(number),
    ),
    give=_l("Undo the merge: move it back"),
    leave=_l("Leave it with the other contact"),
    restored=lambda what, number: _(
        "Merge undone. Restored: %(what)s; moved back: %(moved)s.", what=what, moved=format_decimal(number)
    ),
    undone=lambda label, number: ngettext(
        "Merge undone: %(label)s is back, with %(num)s record.",
        "Merge undone: %(label)s is back, with %(num)s records.",
        number,
        label=label,
    ),
    went_back=lambda number: ngettext(
        "merge undone, %(count)s record went back",
        "merge undone, %(count)s records went back",
        number,
        count=format_decimal(number),
    ),
)

MERGE_HANDOVER = Handover(CONTACT_CARD.name, count_moved, give_back, _MERGE_UNDONE)
