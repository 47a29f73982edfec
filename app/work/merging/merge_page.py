"""Texts of the merge page: both contacts side by side, what moves, and what else happens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from app.declarations.merging import Duplicate, DuplicateText, Preselected
from app.declarations.registry import registry
from app.errors import LazyText
from app.lists.cells import drawer
from app.models import ContactCard
from app.web.drawing import when
from app.work.contacts.resource import CONTACT_CARD
from app.work.merging.merge_forms import MergeForm
from app.work.merging.merge_queries import Moving
from app.work.merging.merge_rules import Known, Part, Side, Why, differing, joined, preselected
from app.work.merging.resource import PARTS


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose, with a hint about its origin."""

    side: Side
    text: str
    hint: LazyText
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """A field that differs between the contacts."""

    name: str
    label: LazyText
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class MergePage:
    """Template context of the merge page, without its form."""

    kept: ContactCard
    merged: ContactCard
    picks: Sequence[Pick]
    same: Sequence[tuple[LazyText, str]]
    numbers: Sequence[str]
    new_numbers: Sequence[str]
    tags: Sequence[str]
    risks: Sequence[str]
    moves: Sequence[str]
    rules: Sequence[DuplicateText]
    number: int
    is_marked_different: bool


def merge_page(
    cards: tuple[ContactCard, ContactCard],
    known: Mapping[UUID, Known],
    numbers: Mapping[UUID, Sequence[str]],
    counts: Mapping[str, int],
    doubles: Iterable[tuple[Moving, Duplicate]],
    form: MergeForm,
    *,
    is_marked_different: bool,
) -> MergePage:
    """Return the template context; `cards` are the contact that stays and the other one.

    Choices already made in `form` are preserved.
    """
    kept, merged = cards
    here, there = known[kept.id], known[merged.id]
    parts = differing(PARTS, here, there)
    moved = joined(numbers[merged.id], ())
    return MergePage(
        kept=kept,
        merged=merged,
        picks=[_pick(part, here, there, form) for part in parts],
        same=[(part.label, _text(part, here)) for part in PARTS if part not in parts and here.has(part)],
        numbers=joined(numbers[kept.id], moved),
        new_numbers=moved,
        tags=joined(kept.tags, merged.tags),
        risks=joined(kept.risks, merged.risks),
        moves=[counted(kind, number) for kind, number in counts.items()],
        rules=[one.merging.words(double.facts) for one, double in doubles if one.merging.words is not None],
        number=sum(counts.values()),
        is_marked_different=is_marked_different,
    )


def counted(kind: str, number: int) -> str:
    """Return the number of records in words, such as "2 calls"."""
    words, written = registry().resources[kind].words, format_decimal(number)
    return words.counted(number, written) if words.counted else f"{words.plural_label}: {written}"


def _pick(part: Part, kept: Known, merged: Known, form: MergeForm) -> Pick:
    chosen = preselected(part, kept, merged)
    side = Side(form[part.name].data) if form[part.name].data in set(Side) else chosen.side
    options = [
        Option(one, _text(part, known), _hint(part, known, chosen.why if one is chosen.side else None), one is side)
        for one, known in ((Side.KEPT, kept), (Side.MERGED, merged))
    ]
    return Pick(part.name, part.label, options)


def _hint(part: Part, known: Known, why: Why | None) -> LazyText:
    if why is Why.STRICTER:
        return _("Stricter consent")
    if why is Why.OLDER:
        return _("Older contact")
    if part.preselected is not Preselected.NEWEST or not known.has(part):
        return ""
    entered = known.entered_at(part)
    by = _("Entered by a person, %(time)s") if entered.by_person else _("From an import or automation, %(time)s")
    return Markup(by) % {"time": when(entered.at, "date")}  # noqa: S704 - our own sentence


def _text(part: Part, known: Known) -> str:
    if part.name == "texts":
        refused = known.values["sms_opt_out_at"]
        since = Markup(_("Opted out on %(time)s"))  # noqa: S704 - our own sentence
        return since % {"time": when(refused, "date")} if refused else str(_("Allowed"))
    values = [value for value in known.of(part) if value]
    if not values:
        return str(_("Unknown"))
    if part.name == "home":
        return _home(values[0])
    field = next(
        (declared for declared in CONTACT_CARD.fields if tuple(declared.recorded_columns) == part.columns), None
    )
    if field is not None:
        return drawer(field.kind)(values[0])
    return (" " if part.name == "person_name" else ", ").join(map(str, values))


def _home(snapshot: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in snapshot.items())
