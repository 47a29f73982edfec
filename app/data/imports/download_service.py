"""Downloads of the lists of an import as files."""

from app.audit.actions import Action
from app.audit.record import record_read
from app.db.transaction import committed_apart
from app.declarations.events import FileExported, raise_event
from app.errors import LazyText
from app.models import Import
from app.security.actor import Actor


def record_download(actor: Actor, action: Action, row: Import, label: LazyText, rows: int) -> None:
    """Record the download of a list of `rows` rows before it is streamed, and raise its event.

    Commits in a transaction of its own; the request's is rolled back first.
    """
    import_id = row.id
    with committed_apart():
        record_read(action, "import", import_id, {"rows": rows})
        raise_event(FileExported("import", import_id, actor.name, label, rows, is_everything=False))
