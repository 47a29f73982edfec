"""The sentences in the place of numbers that the reader would get in part."""

from collections.abc import Iterable, Iterator, Mapping

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Number
from app.insight.metrics.people_queries import TeamNumbers
from app.people.roles.words import permission_label
from app.security.permissions import Permission


def sentence_of(missing: tuple[Permission, ...], *, of_all: bool = True) -> str:
    """Return the sentence that names the `missing` permissions; "" if there are none.

    They are needed for the whole organization, or for the reader's own rows only.
    """
    if not missing:
        return ""
    names = _listed([_("“%(name)s”", name=permission_label(permission)) for permission in missing])
    if not of_all:
        words = ngettext(
            "Needs the permission %(names)s.", "Needs the permissions %(names)s.", len(missing), names=names
        )
        return str(words)
    return str(
        ngettext(
            "Needs the permission %(names)s for the whole organization.",
            "Needs the permissions %(names)s for the whole organization.",
            len(missing),
            names=names,
        )
    )


def sentences_of(metrics: Iterable[Metric], numbers: Mapping[str, Number]) -> list[str]:
    """Return a sentence for each group of withheld numbers that need the same permissions, to show below a table."""
    return list(_sentences(metrics, numbers))


def sentences_of_team(metrics: Iterable[Metric], team: TeamNumbers) -> list[str]:
    """Return the sentences about withheld numbers of a team, and about its people if they are withheld."""
    needs = sentence_of(team.needs)
    return [*_sentences(metrics, team.together), *([needs] if needs else [])]


def _sentences(metrics: Iterable[Metric], numbers: Mapping[str, Number]) -> Iterator[str]:
    labels: dict[str, list[str]] = {}
    for metric in metrics:
        number = numbers.get(metric.name)
        if number is not None and number.needs:
            sentence = sentence_of(number.needs, of_all=number.needs_all)
            labels.setdefault(sentence, []).append(str(metric.label))
    for sentence, of_these in labels.items():
        yield _("%(numbers)s: %(sentence)s", numbers=_listed(of_these), sentence=sentence)


def _listed(words: list[str]) -> str:
    locale = get_locale()
    return format_list(words, locale=locale) if locale else ", ".join(words)
