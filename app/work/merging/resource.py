"""Resource declaration of merges of contacts, and the parts of a contact that users choose in one."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l

from app.declarations.merging import Chosen, Rule
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.models import ContactMerge
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.contacts.resource import CONTACT_CARD
from app.work.merging.merge_rules import Part

CONTACT_MERGE = Resource(
    name="contact_merge",
    model=ContactMerge,
    words=Words(_l("contact merge"), _l("contact merges")),
    icon="git-merge",
    page=("merging.show_merge", "contact_merge_id"),
    scope=Scope((Permission.CONTACTS_MERGE,), own_rows.nothing),
    stored=(
        not_entered(
            "The page shows the two contacts that a person merges.",
            "kept_card_id",
            "merged_card_id",
            "kept_version",
            "merged_version",
            "requested_by",
            "requested_by_label",
        ),
        entered_on_page("choices"),
        not_entered(
            "The merge records what it did.",
            "status",
            "rows_total",
            "rows_moved",
            "unrecorded",
            "operation_id",
            "failure",
            "finished_at",
        ),
    ),
)

#: How the value of each column of a contact is determined.
RULES: Mapping[str, Rule] = CONTACT_CARD.merged


def _parts() -> Sequence[Part]:
    columns: dict[Chosen, tuple[str, ...]] = {}
    for name, rule in RULES.items():
        if isinstance(rule, Chosen):
            named = rule if rule.name else Chosen(name, CONTACT_CARD.field(name).label, rule.preselected)
            columns[named] = (*columns.get(named, ()), name)
    return [Part(chosen.name, chosen.label, names, chosen.preselected) for chosen, names in columns.items()]


#: What users choose where two contacts differ.
PARTS: Sequence[Part] = _parts()
