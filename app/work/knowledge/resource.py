"""Resource of knowledge items: labels, fields and access."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func

from app.audit.actions import Action
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Number, Priority, YesOrNo
from app.declarations.found import Finder, Found
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.declarations.stored import not_entered
from app.models import KnowledgeItem
from app.models.organizations import Language
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.knowledge.filters import KnowledgeFilters
from app.work.knowledge.import_target_rules import ANSWER, CATEGORY, LANGUAGE, QUESTION
from app.work.knowledge.queries import SORTS, knowledge_list, list_categories

KNOWLEDGE_LIST = Listed(
    name="knowledge",
    label=_l("Knowledge"),
    endpoint="knowledge.index",
    permission=Permission.KNOWLEDGE_READ,
    filters=KnowledgeFilters,
    query=knowledge_list,
    sorts=SORTS,
    bar_label=_l("Filter knowledge"),
    pickers=("category", "language", "in_use", "stale"),
    offered={"category": lambda actor: [(name, name) for name in list_categories(actor)]},
    filter_words={"q": _l("Keywords in the question or answer"), "stale": _l("Needs review")},
)

KNOWLEDGE_ITEM = Resource(
    name="knowledge_item",
    model=KnowledgeItem,
    words=Words(
        _l("knowledge item"),
        _l("knowledge items"),
        lambda n, count: ngettext("%(count)s knowledge item", "%(count)s knowledge items", n, count=count),
    ),
    icon="circle-question-mark",
    title=lambda: KnowledgeItem.question,
    page=("knowledge.show", "knowledge_item_id"),
    scope=Scope((Permission.KNOWLEDGE_READ,), own_rows.nothing),
    revert=Revertible(
        Action.KNOWLEDGE_ITEM_REVERTED,
        each(Permission.KNOWLEDGE_WRITE, "question", "answer", "category", "language", "is_active"),
        accompanying=frozenset({"confirmed_at"}),
    ),
    listed=KNOWLEDGE_LIST,
    found=Found(
        by=((Finder("knowledge_found", "knowledge_misspelt"), KnowledgeItem.id),),
        at=lambda: func.coalesce(KnowledgeItem.last_used_at, KnowledgeItem.created_at),
        line=lambda: {"category": KnowledgeItem.category},
        order=2,
    ),
    stored=(
        not_entered("Using the answer sets it.", "usage_count", "last_used_at"),
        not_entered("Confirming that the answer is right sets it.", "confirmed_at"),
    ),
    fields=(
        Field("question", _l("Question"), column=Column(is_fixed=True), imported=QUESTION),
        Field("answer", _l("Answer"), file=FileColumn(), imported=ANSWER),
        Field("category", _l("Category"), column=Column(Priority.WIDE), imported=CATEGORY, is_fact=True),
        Field("language", _l("Language"), Choice(Language), Column(Priority.WIDER), imported=LANGUAGE, is_fact=True),
        Field(
            "in_use",
            _l("Active"),
            YesOrNo("neutral"),
            Column(Priority.WIDER),
            shows="is_active",
            recorded=("is_active",),
            is_fact=True,
        ),
        Field("usage_count", _l("Times used"), Number(), Column(), sort="usageCount", recorded=(), is_fact=True),
        Field(
            "last_used_at",
            _l("Last used"),
            Moment(),
            Column(Priority.WIDEST, is_whole=True),
            recorded=(),
            is_fact=True,
        ),
        Field(
            "confirmed_at",
            _l("Verified"),
            Moment("date"),
            Column(Priority.WIDE, is_whole=True),
            sort="confirmedAt",
            recorded=(),
            is_fact=True,
        ),
        Field(
            "created_at",
            _l("Added at"),
            Moment("date"),
            Column(Priority.WIDEST, is_whole=True),
            sort="createdAt",
            recorded=(),
            is_fact=True,
        ),
    ),
)
