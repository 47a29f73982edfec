"""Import declaration for files of people and their teams."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.importable import Importable
from app.models import ImportKind
from app.people.users.import_rules import TARGETS, PersonReader, gaps
from app.people.users.import_service import (
    PEOPLE,
    USER_FIELDS,
    check_people,
    settle_people,
    staged_columns,
    store_people,
)
from app.security.permissions import Permission

PEOPLE_IMPORT = Importable(
    kind=ImportKind.PEOPLE,
    label=_l("People"),
    title=_l("Import people"),
    note=lambda _zone: _(
        "People who aren’t here yet are added as inactive sales reps, without a password or a seat. "
        "Existing roles and managers don’t change."
    ),
    page=("users.index", _l("Go to people")),
    rows_template="people/users/_imported_rows.html",
    permission=Permission.DEALS_IMPORT,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, _organization: PersonReader(mapping, table, USER_FIELDS).read,
    records=PEOPLE,
    columns=staged_columns,
    check=lambda _organization_id, _import_id, mapping, _create: check_people(mapping),
    settle=settle_people,
    store=store_people,
    fields=USER_FIELDS.all,
)
