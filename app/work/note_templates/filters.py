"""What the list of templates can be narrowed to."""

from typing import Annotated

from app.db.filters import Filters, Search, Several
from app.models import NoteTemplateKind


class NoteTemplateFilters(Filters):
    """Filters of `/note-templates`. `q` is a part of the name."""

    q: Search = ""
    kind: Annotated[tuple[NoteTemplateKind, ...], Several] = ()
