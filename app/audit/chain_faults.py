"""Kinds of damage to a chain of seals, and the sentence shown for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class ChainFault(StrEnum):
    """A kind of damage to a chain of seals.

    The values are part of the JSON that `flask audit verify` prints.
    """

    ROW_ALTERED = "row_altered"
    ROW_MISSING = "row_missing"
    ROW_ADDED = "row_added"
    ROW_MOVED = "row_moved"
    ROW_BACKDATED = "row_backdated"
    PAYLOAD_ALTERED = "payload_altered"
    ERASURE_UNRECORDED = "erasure_unrecorded"
    SEAL_ALTERED = "seal_altered"
    SEAL_MISSING = "seal_missing"
    SEAL_REPLACED = "seal_replaced"
    TAIL_CUT = "tail_cut"
    KEY_UNKNOWN = "key_unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first damage found in a chain, in the order of its seals; a backdated row only if there is no other damage.

    `seal` is the number of the seal that reveals it (None for rows that no seal covers) and `row_id` the first row that
    is wrong (None if no row can be identified).
    """

    damage: ChainFault
    seal: int | None = None
    row_id: UUID | None = None


FAULT_SENTENCES: Mapping[ChainFault, LazyString] = {
    ChainFault.ROW_ALTERED: _l("An entry was changed after it was sealed."),
    ChainFault.ROW_MISSING: _l("An entry was removed after it was sealed."),
    ChainFault.ROW_ADDED: _l("An entry was inserted among sealed entries."),
    ChainFault.ROW_MOVED: _l("An entry was moved after it was sealed."),
    ChainFault.ROW_BACKDATED: _l("An entry is dated more than a day before the seal that precedes it."),
    ChainFault.PAYLOAD_ALTERED: _l("An entry’s values aren’t the ones originally written."),
    ChainFault.ERASURE_UNRECORDED: _l("An entry’s values were erased without a record of it."),
    ChainFault.SEAL_ALTERED: _l("A seal was changed, or wasn’t made with this installation’s key."),
    ChainFault.SEAL_MISSING: _l("A seal is missing from the chain."),
    ChainFault.SEAL_REPLACED: _l("The chain doesn’t match its external copy."),
    ChainFault.TAIL_CUT: _l("The latest seals are missing: the external copy has later ones."),
    ChainFault.KEY_UNKNOWN: _l("A seal was made with a key that’s no longer configured, so it can’t be verified."),
}
