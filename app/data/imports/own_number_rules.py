"""Inferring which numbers of a file are the organization's own.

A customer talks to one number of the organization, or a few; a number of the organization talks to many customers.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import cache

#: As many as one text field holds.
MAX_OWN_NUMBERS = 30
_SEVERAL = 2

#: The numbers of a call, from and to; None if unknown.
Pair = tuple[str | None, str | None]


def own_numbers(pairs: Iterable[Pair], registered: Collection[str] = ()) -> tuple[str, ...]:
    """Return the numbers that are the organization's own, those of the most calls first.

    An own number has several other parties, most of which have fewer and are none of its `registered` numbers. Several
    of them call it, or it is in every call, since a customer may have called several numbers of the organization.
    """
    others: defaultdict[str, set[str]] = defaultdict(set)
    callers: defaultdict[str, set[str]] = defaultdict(set)
    calls = Counter[str]()
    total = 0
    for caller, callee in pairs:
        if caller is None or callee is None or caller == callee:
            continue
        total += 1
        others[caller].add(callee)
        others[callee].add(caller)
        callers[callee].add(caller)
        calls.update((caller, callee))

    def is_own(number: str) -> bool:
        parties = others[number]
        fewer = sum(len(others[party]) < len(parties) for party in parties.difference(registered))
        is_called = len(callers.get(number, ())) >= _SEVERAL or calls[number] == total
        return len(parties) >= _SEVERAL and is_called and fewer * 2 > len(parties)

    return tuple([number for number, _count in calls.most_common() if is_own(number)][:MAX_OWN_NUMBERS])


def parsed(parse: Callable[[str], str | None], texts: Iterable[str | None]) -> list[str | None]:
    """Return the numbers of texts, of which each distinct one is parsed once."""
    once = cache(parse)
    return [None if text is None else once(text) for text in texts]
