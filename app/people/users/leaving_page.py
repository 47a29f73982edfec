"""Summary shown before a person is deactivated or deleted.

It states who gets which work, and what changes by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

from app.models import User
from app.people.users.handover_rules import KEEP, NOBODY
from app.people.users.leaving_queries import OtherEffects
from app.people.users.takeover_forms import TakeoverMixin, unassigned_label, words_of_work


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the summary: a person or an outcome, the counted work in words, and a note."""

    title: str
    words: list[str] = field(default_factory=list)
    note: str = ""


def sum_up(person: User, form: TakeoverMixin, besides: OtherEffects, *, for_good: bool) -> Sequence[Line]:
    """Summarize the current choices of `form`; empty lines are omitted."""
    unchosen, kept = Line(_("Choices to make")), Line(_("Stays with %(name)s", name=person.name))
    people: dict[str, Line] = {}
    nobody: dict[str, Line] = {}
    for one in form.work:
        picked, names = form.picked[one.kind], {str(taker.id): taker.name for taker in one.people}
        if picked in names:
            line = people.setdefault(picked, Line(names[picked]))
        elif picked == NOBODY and one.can_be_unassigned:
            title = unassigned_label(one.kind)
            line = nobody.setdefault(title, Line(title, note=_("Stays unassigned until someone takes over.")))
        else:
            line = kept if picked == KEEP and one.can_stay else unchosen
        line.words.append(words_of_work(one.kind, one.left.count))
    kept.words.extend(_remaining_texts(besides))
    in_order = (unchosen, *people.values(), *nobody.values(), kept, *_ends(besides, for_good=for_good))
    return [line for line in in_order if line.words]


def _remaining_texts(besides: OtherEffects) -> list[str]:
    return _counted(
        (besides.time_off, ngettext("%(num)s period of time off", "%(num)s periods of time off", besides.time_off)),
        (besides.team, ngettext("%(num)s person reporting to them", "%(num)s people reporting to them", besides.team)),
    )


def _ends(besides: OtherEffects, *, for_good: bool) -> list[Line]:
    sessions, keys, streams, views = besides.sessions, besides.keys, besides.streams, besides.shared_views
    ended = _counted(
        (sessions, ngettext("%(num)s open session", "%(num)s open sessions", sessions)),
        (keys, ngettext("%(num)s API key they created", "%(num)s API keys they created", keys)),
    )
    paused = _counted((streams, ngettext("%(num)s outbound stream", "%(num)s outbound streams", streams)))
    hidden = _counted((views, ngettext("%(num)s shared view", "%(num)s shared views", views))) if for_good else []
    return [
        Line(_("Ends now"), ended),
        Line(_("Will be paused"), paused, _("A resumed stream is sent under the name of the person who resumes it.")),
        # Shared views of a person who is only deactivated remain available.
        Line(_("No longer available to others"), hidden),
    ]


def _counted(*said: tuple[int, str]) -> list[str]:
    return [words for count, words in said if count]
