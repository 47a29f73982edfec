"""Filters for lists of knowledge items."""

from typing import Annotated

from pydantic import Field

from app.db.filters import Blank, Filters, Search, Several
from app.models.organizations import Language
from app.work.knowledge.rules import MAX_CATEGORY


class KnowledgeFilters(Filters):
    """Filters of `/knowledge`.

    `q` searches for words in question and answer; `stale` matches items that haven't been confirmed for a long time.
    """

    q: Search = ""
    category: Annotated[str, Field(max_length=MAX_CATEGORY)] = ""
    language: Annotated[tuple[Language, ...], Several] = ()
    in_use: Annotated[bool | None, Blank] = None
    stale: Annotated[bool | None, Blank] = None
