"""One walk over all forms: each is filled in once, and sent in all ways that some rule is about.

The forms are found by opening every page. The rules (tests/support/form_rules) share the scene that shows the form, in
an order in which each leaves the next one what it needs: first what returns unsent, then what is refused, then what can
be stored. The walk collects all findings, so that one doesn't hide the others.
"""

from collections.abc import Iterable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.contract.before.topics import TOPICS, Installation
from tests.contract.test_unchanged import check_topic
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.form_rules.foreign_ids import ForeignIds
from tests.support.form_rules.hostile_forms import HostileForm, hostile_form
from tests.support.form_rules.lost_sessions import LEAVES_NOTHING, Latecomer
from tests.support.form_rules.naughty_strings import NaughtyStrings, naughty_strings
from tests.support.form_rules.sent_again import lost_when_sent_again
from tests.support.form_rules.trails import CHANGES_NOTHING, TrailsOfForms
from tests.support.form_setups import Ready, Scene
from tests.support.forms_on_pages import unsafe_endpoints
from tests.support.hostile import LONG, TEXTS, WRONG
from tests.support.owner_pages import OwnerPages
from tests.support.real_data import SHARED
from tests.support.stage import Stage

#: The forms are walked in this many shares, which can run in parallel.
SHARES = 3
#: Foreign IDs that are sent in each share, at least.
MIN_FOREIGN_IDS = 20
#: Statuses of which each form has at least one, since somebody reads it.
_READ = frozenset({200, 303, 400, 409, 422, 429})


class Rules:
    """All rules for forms, with what they count."""

    def __init__(self, stage: Stage, engine: Engine, share: int) -> None:
        self._stage, self._engine = stage, engine
        strings = naughty_strings(SHARED / "data") if SHARED.exists() else ()
        self.strings = strings[share::SHARES]
        self.naughty_strings = NaughtyStrings(self.strings)
        self.foreign_ids = ForeignIds(stage, engine)
        self._latecomer, self._trails = Latecomer(engine), TrailsOfForms(stage, engine)

    def findings(self, share: int) -> Iterator[tuple[str, str, list[str]]]:
        """Check a share of the forms, and yield each rule that one breaks, as the endpoint, the rule and the faults."""
        making_rows = []
        for endpoint, scene, ready in self._stage.forms(share, SHARES):
            form = hostile_form(endpoint, scene, ready)
            for rule, faults in self._rules(endpoint, scene, ready, form):
                yield endpoint, rule, list(faults)
            if form is not None and form.makes_a_row:
                making_rows.append(endpoint)
        for endpoint in making_rows:  # alone, since what other rules have stored can be in its way
            form = hostile_form(endpoint, *self._stage.fresh(endpoint))
            assert form is not None
            yield endpoint, "loses what is sent again", lost_when_sent_again(form)
        changing = set(unsafe_endpoints(self._stage.app)[share::SHARES]) - CHANGES_NOTHING.keys()
        for endpoint in sorted(changing - self._trails.seen):
            yield endpoint, "leaves no trail", self._trails.lost(endpoint)
            yield endpoint, "breaks when it is sent twice", self._trails.broken_by_repeat()

    def _rules(
        self, endpoint: str, scene: Scene, ready: Ready, form: HostileForm | None
    ) -> Iterator[tuple[str, Iterable[str]]]:
        if endpoint not in LEAVES_NOTHING:
            yield "loses what was typed when the session ends", self._latecomer.lost(endpoint, scene, ready)
        if not endpoint.startswith("organizations."):  # the platform's own are about any organization
            yield "takes an ID of another organization", self.foreign_ids.taken(endpoint, scene, ready)
        if form is not None:
            yield "breaks or loses hostile input", self._lost_hostile_input(form)
            yield "breaks or loses a naughty string", self.naughty_strings.lost(form, self._engine)
        if endpoint not in CHANGES_NOTHING:
            yield "leaves an entry without actor or address", self._trails.incomplete(endpoint, scene, ready, form)
        else:
            self._trails.send(endpoint, scene, ready)
        yield "breaks when it is sent twice", self._trails.broken_by_repeat()

    def _lost_hostile_input(self, form: HostileForm) -> Iterator[str]:
        yield from form.send_wrong([*WRONG, LONG])
        yield from form.send_texts(TEXTS, self._engine)
        if form.names and not form.answers & _READ and form.send_valid() not in _READ:
            yield f"nobody reads it: {form.answers}"


@pytest.mark.parametrize("share", range(SHARES))
def test_every_form_follows_the_rules(stage: Stage, admin_engine: Engine, share: int) -> None:
    rules = Rules(stage, admin_engine, share)
    wrong = [f"{endpoint} {rule}: {faults}" for endpoint, rule, faults in rules.findings(share) if faults]

    assert not wrong, "\n".join(wrong)
    assert rules.naughty_strings.sent == set(rules.strings)
    assert rules.foreign_ids.sent > MIN_FOREIGN_IDS


def test_what_was_known_of_forms_stays(
    app: Flask, make: Factories, database: WorkerDatabase, stage: Stage, owner_pages: OwnerPages
) -> None:
    installation = Installation(app, make, database.url("app_owner"), stage, owner_pages)
    check_topic("forms", TOPICS["forms"](installation))
