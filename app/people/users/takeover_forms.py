"""Form fields that choose the successors for a person's work.

The template is people/users/_takeover.html.

Usage:

    class RoleForm(TakeoverMixin, VersionedForm): …

    form = RoleForm.about(open_work_of(actor, user, new_role=role))     # as it was submitted
    form = RoleForm.about(work, formdata=None, version=user.version)    # as it begins
    hand_over(actor, user, form.takers, new_role=role)
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import Field, SelectField
from wtforms.validators import DataRequired

from app.declarations.open_work import WorkKind
from app.errors import LazyText
from app.people.users.handover_rules import KEEP, NOBODY, Successor, field_of, parse_successor
from app.people.users.handover_service import Handover
from app.web.forms import Form

_NOBODY_YET: Mapping[WorkKind, LazyText] = {WorkKind.CLAIMS: _l("Return to the queue")}

_HINTS: Mapping[WorkKind, LazyText] = {
    WorkKind.BOOKINGS: _l("Counts toward the credited person’s numbers."),
    WorkKind.CREDITED_LEADS: _l("Counts toward the credited person’s numbers."),
    WorkKind.RECORDINGS: _l("A recording needs an owner. Its hours count toward that person’s numbers."),
    WorkKind.EVENTS: _l("An event needs an organizer."),
}


class TakeoverMixin(Form):
    """A form with one select for each kind of work; built for a person with `about`."""

    work: ClassVar[Sequence[Handover]] = ()

    @classmethod
    def about(cls, work: Sequence[Handover], **values: Any) -> Self:
        """Build the form for this work; `values` are those of the form's own fields."""
        selects = {field_of(one.kind): _select(one) for one in work}
        made: type[Self] = type(cls.__name__, (cls,), {**selects, "work": work})
        return made(**values)

    @property
    def takeover_fields(self) -> list[Field]:
        """The selects, in order, for the template."""
        return [self._fields[field_of(one.kind)] for one in self.work]

    @property
    def picked(self) -> dict[WorkKind, str]:
        """The value of each select, even if it was not offered."""
        return {one.kind: self._fields[field_of(one.kind)].data or "" for one in self.work}

    @property
    def takers(self) -> dict[WorkKind, Successor]:
        """The selected successors by kind of work, once the form is valid."""
        return {kind: parse_successor(picked) for kind, picked in self.picked.items()}


def words_of_work(kind: WorkKind, count: int) -> str:
    """Return the number of records of a kind in words, such as "3 open tasks"."""
    words: dict[WorkKind, str] = {
        WorkKind.VISITS: ngettext("%(num)s upcoming appointment", "%(num)s upcoming appointments", count),
        WorkKind.BOOKINGS: ngettext("%(num)s upcoming appointment", "%(num)s upcoming appointments", count),
        WorkKind.CLAIMS: ngettext("%(num)s claimed missed call", "%(num)s claimed missed calls", count),
        WorkKind.LEADS: ngettext("%(num)s open lead assigned", "%(num)s open leads assigned", count),
        WorkKind.CREDITED_LEADS: ngettext("%(num)s open lead credited", "%(num)s open leads credited", count),
        WorkKind.TASKS: ngettext("%(num)s open task", "%(num)s open tasks", count),
        WorkKind.ACTIONS: ngettext("%(num)s suggested task", "%(num)s suggested tasks", count),
        WorkKind.EVENTS: ngettext("%(num)s event as organizer", "%(num)s events as organizer", count),
        WorkKind.RECORDINGS: ngettext("%(num)s recording", "%(num)s recordings", count),
    }
    return words[kind]


def unassigned_label(kind: WorkKind) -> str:
    """Return the label for leaving work of a kind unassigned."""
    return str(_NOBODY_YET.get(kind, _("Leave unassigned")))


def _select(work: Handover) -> Any:
    choices = [("", str(_("Choose…")))]
    if work.can_stay:
        choices.append((KEEP, str(_("Keep with this person"))))
    if work.can_be_unassigned:
        choices.append((NOBODY, unassigned_label(work.kind)))
    choices += [(str(one.id), one.name) for one in work.people]
    return SelectField(
        words_of_work(work.kind, work.left.count),
        [DataRequired(_l("Choose who takes over this work."))],
        choices=lambda: choices,
        default=KEEP if work.can_stay else "",
        description=str(_HINTS.get(work.kind, "")),
    )
