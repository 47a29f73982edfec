"""Declaration of the import of answers."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.importable import Importable
from app.models import ImportKind
from app.security.permissions import Permission
from app.work.knowledge.import_rules import AnswerReader
from app.work.knowledge.import_service import (
    ANSWERS,
    KNOWLEDGE_FIELDS,
    check_answers,
    settle_answers,
    staged_columns,
    store_answers,
)
from app.work.knowledge.import_target_rules import TARGETS, AnswerTarget, gaps

KNOWLEDGE_IMPORT = Importable(
    kind=ImportKind.KNOWLEDGE,
    label=_l("Knowledge items"),
    title=_l("Import knowledge items"),
    note=lambda _zone: _(
        "Imported questions and answers are active right away. Importing the same file twice changes nothing."
    ),
    page=("knowledge.index", _l("Go to the knowledge base")),
    rows_template="work/knowledge/_imported_rows.html",
    permission=Permission.KNOWLEDGE_WRITE,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, _organization: AnswerReader(mapping, table, KNOWLEDGE_FIELDS).read,
    records=ANSWERS,
    columns=staged_columns,
    check=lambda _organization_id, _import_id, mapping, _create: check_answers(mapping),
    settle=settle_answers,
    store=store_answers,
    fields=KNOWLEDGE_FIELDS.all,
    constants={"category": (), "language": ()},
    missing_notices={
        AnswerTarget.EXTERNAL_ID: _l("No knowledge item ID column: rows with the same values count as the same item."),
        "category": _l("No category column: the category will be “Imported”."),
        "language": _l("No language column: your organization’s language will be used."),
    },
)
