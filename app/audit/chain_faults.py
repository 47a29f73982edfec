"""What can be wrong with a chain of seals, and the sentence for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class ChainFault(StrEnum):
    """The kinds of damage; the words are part of the JSON that `flask audit verify` prints."""

    ROW_ALTERED = "row_altered"
    ROW_MISSING = "row_missing"
    ROW_ADDED = "row_added"
    ROW_MOVED = "row_moved"
    PAYLOAD_ALTERED = "payload_altered"
    ERASURE_UNRECORDED = "erasure_unrecorded"
    SEAL_ALTERED = "seal_altered"
    SEAL_MISSING = "seal_missing"
    SEAL_REPLACED = "seal_replaced"
    TAIL_CUT = "tail_cut"
    KEY_UNKNOWN = "key_unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first damage in the order of the chain: the number of the seal that shows it (None for rows that no seal
    covers) and the id of the first row that is wrong (None where no row can be named)."""

    damage: ChainFault
    seal: int | None = None
    row_id: UUID | None = None


FAULT_SENTENCES: Mapping[ChainFault, LazyString] = {
    ChainFault.ROW_ALTERED: _l("An entry was changed after it was sealed."),
    ChainFault.ROW_MISSING: _l("An entry was removed after it was sealed."),
    ChainFault.ROW_ADDED: _l("An entry was added among those that were sealed."),
    ChainFault.ROW_MOVED: _l("An entry was put into another place after it was sealed."),
    ChainFault.PAYLOAD_ALTERED: _l("The values of an entry are not those that were written."),
    ChainFault.ERASURE_UNRECORDED: _l("The values of an entry were removed, and no record says so."),
    ChainFault.SEAL_ALTERED: _l("A seal was changed, or was not made with the key of this installation."),
    ChainFault.SEAL_MISSING: _l("A seal is missing from the chain."),
    ChainFault.SEAL_REPLACED: _l("The chain is another one than was written down outside the database."),
    ChainFault.TAIL_CUT: _l("The newest seals are missing: those written down outside the database go further."),
    ChainFault.KEY_UNKNOWN: _l("A seal was made with a key that is not in the settings, so it can’t be verified."),
}
