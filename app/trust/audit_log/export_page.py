"""Export forms of the entry list: everything that matches its filters, generated in the background."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.audit_log import export

_KINDS: Sequence[tuple[str, LazyText]] = (
    (export.CSV_FILE, _l("Export as CSV")),
    (export.LINES_OF_JSON, _l("Export as JSON Lines")),
)


def exports_offered(actor: Actor) -> Sequence[tuple[str, str]]:
    """Return the label and the kind of each export.

    Empty for users who cannot export, and for guests, for whom no files are stored.
    """
    if not actor.may(Permission.EXPORTS_CREATE) or actor.reference_id is None:
        return ()
    return [(str(words), kind) for kind, words in _KINDS]
