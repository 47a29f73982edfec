"""Declaration of targets: labels, fields, list and who can see them."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from sqlalchemy import func

from app.db.filters import NOBODY
from app.declarations.field import Column, Field, FileColumn, Number
from app.declarations.listed import Listed, Option
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page
from app.insight.targets.definitions import TARGETED
from app.insight.targets.filters import TargetFilters
from app.insight.targets.queries import SORTS, target_list
from app.lists.listing import as_options
from app.models import Target
from app.people.users.queries import csr_choices, rep_choices
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import Scope


def _people(actor: Actor) -> list[Option]:
    choices = dict.fromkeys((*csr_choices(actor), *rep_choices(actor)))
    return [
        (NOBODY, _("The whole organization")),
        *as_options(sorted(choices, key=lambda choice: choice.name.casefold())),
    ]


TARGET_LIST = Listed(
    name="targets",
    label=_l("Targets"),
    endpoint="targets.index",
    permission=Permission.TARGETS_WRITE,
    filters=TargetFilters,
    query=target_list,
    sorts=SORTS,
    bar_label=_l("Filter targets"),
    pickers=("month", "metric", "person"),
    own_pickers=("month",),
    offered={"metric": lambda _actor: [(name, metric_label(name)) for name in TARGETED], "person": _people},
    keeps_views=False,
)


def metric_label(metric: str) -> str:
    """Return the label of a number."""
    return str(TARGETED[metric].metric.label)


def _whose(name: str | None) -> str:
    return name or _("The whole organization")


TARGET = Resource(
    name="target",
    model=Target,
    words=Words(
        _l("target"),
        _l("targets"),
        lambda n, count: ngettext("%(count)s target", "%(count)s targets", n, count=count),
    ),
    icon="flag",
    page=("targets.edit", "target_id"),
    page_permission=Permission.TARGETS_WRITE,
    # Users see their own targets next to their own numbers.
    scope=Scope((Permission.DASHBOARDS_CSR, Permission.DASHBOARDS_REP), own_rows.named_in(Target.user_id)),
    revert=_l("Edit a target on its own page."),
    listed=TARGET_LIST,
    stored=(entered_on_page("metric", "user_id", "month", "value"),),
    fields=(
        Field(
            "metric",
            lazy_pgettext("numbers", "Metric"),
            column=Column(is_fixed=True),
            file=FileColumn(words=metric_label),
        ),
        Field(
            "person",
            _l("Applies to"),
            column=Column(),
            file=FileColumn(words=_whose),
            shows="name",
            recorded=("user_id",),
        ),
        Field(
            "month",
            _l("Month"),
            column=Column(is_whole=True),
            file=FileColumn(value=lambda columns: func.to_char(columns.month, "YYYY-MM")),
            sort="month",
        ),
        Field(
            "value",
            _l("Target"),
            Number(),
            Column(),
            FileColumn(lambda _zone: _("Target (rates as fractions)"), lambda columns: func.trim_scale(columns.value)),
        ),
    ),
)
