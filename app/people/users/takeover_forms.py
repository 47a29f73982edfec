"""The part of a form that asks who takes over somebody's work; the template is people/users/_takeover.html.

class RoleForm(TakeoverMixin, VersionedForm): …

form = RoleForm.about(open_work_of(actor, user, new_role=role))        # as it was sent
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
from app.errors import Sentence
from app.people.users.handover_rules import KEEP, NOBODY
from app.people.users.handover_service import Handover, Taker, field_of, taker_of
from app.web.forms import Form

_NOBODY_YET: Mapping[WorkKind, Sentence] = {WorkKind.CLAIMS: _l("Nobody: back to the queue")}

_HINTS: Mapping[WorkKind, Sentence] = {
    WorkKind.BOOKINGS: _l("Whoever they are credited to has them in their numbers."),
    WorkKind.CREDITED_LEADS: _l("Whoever they are credited to has them in their numbers."),
    WorkKind.RECORDINGS: _l("A recording has to be somebody’s. Its hours move to their numbers."),
    WorkKind.EVENTS: _l("An event has to be organized by somebody."),
}


class TakeoverMixin(Form):
    """A form with one select for each kind of work there is; it is made for a person by `about`."""

    work: ClassVar[Sequence[Handover]] = ()

    @classmethod
    def about(cls, work: Sequence[Handover], **values: Any) -> Self:
        """The form for this work; `values` are the form's own."""
        selects = {field_of(one.kind): _select(one) for one in work}
        made: type[Self] = type(cls.__name__, (cls,), {**selects, "work": work})
        return made(**values)

    @property
    def takeover_fields(self) -> list[Field]:
        """The selects, in order, for the template."""
        return [self._fields[field_of(one.kind)] for one in self.work]

    @property
    def picked(self) -> dict[WorkKind, str]:
        """The value of each select, offered or not."""
        return {one.kind: self._fields[field_of(one.kind)].data or "" for one in self.work}

    @property
    def takers(self) -> dict[WorkKind, Taker]:
        """What was chosen, once the form is valid."""
        return {kind: taker_of(picked) for kind, picked in self.picked.items()}


def words_of_work(kind: WorkKind, count: int) -> str:
    """How much of a kind there is, as people say it."""
    words: dict[WorkKind, str] = {
        WorkKind.VISITS: ngettext("%(num)s visit to come", "%(num)s visits to come", count),
        WorkKind.BOOKINGS: ngettext("%(num)s booked visit to come", "%(num)s booked visits to come", count),
        WorkKind.CLAIMS: ngettext("%(num)s claimed missed call", "%(num)s claimed missed calls", count),
        WorkKind.LEADS: ngettext("%(num)s open lead assigned", "%(num)s open leads assigned", count),
        WorkKind.CREDITED_LEADS: ngettext("%(num)s open lead credited", "%(num)s open leads credited", count),
        WorkKind.TASKS: ngettext("%(num)s open task", "%(num)s open tasks", count),
        WorkKind.ACTIONS: ngettext("%(num)s suggested task", "%(num)s suggested tasks", count),
        WorkKind.EVENTS: ngettext("%(num)s organized event", "%(num)s organized events", count),
        WorkKind.RECORDINGS: ngettext("%(num)s recording", "%(num)s recordings", count),
    }
    return words[kind]


def words_of_nobody(kind: WorkKind) -> str:
    """Say that work of a kind waits for somebody."""
    return str(_NOBODY_YET.get(kind, _("Nobody for now")))


def _select(work: Handover) -> Any:
    choices = [("", str(_("Choose …")))]
    if work.may_stay:
        choices.append((KEEP, str(_("Leave with them"))))
    if work.may_be_nobodys:
        choices.append((NOBODY, words_of_nobody(work.kind)))
    choices += [(str(one.id), one.name) for one in work.people]
    return SelectField(
        words_of_work(work.kind, work.left.count),
        [DataRequired(_l("Choose who takes this over."))],
        choices=lambda: choices,
        default=KEEP if work.may_stay else "",
        description=str(_HINTS.get(work.kind, "")),
    )
