"""Equal seeds generate equal conversations, even if the script files are reordered or reformatted."""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime

from demo.conversations.analysis import read
from demo.conversations.composer import Craft, compose
from demo.conversations.library import scenarios, scenarios_of
from demo.conversations.script import Scenario
from demo.conversations.takes import takes
from demo.seeding import stream

ENDED = datetime(2026, 11, 19, 16, 20, tzinfo=UTC)
SEEDS = (1, 2, 3)
#: Digests of the conversations of each script file. After a deliberate change of the texts or of the composition,
#: replace them with those that the test reports.
GOLDEN = {
    "additions": "7a3a41de60bc3685",
    "cooling": "9734770da11b1add",
    "declined": "87752728c07939e1",
    "electrical": "770e2806aaae361f",
    "heating": "b327d549657cb2d8",
    "nuisance": "e585007040f1a427",
    "outbound": "52843bd33fde2436",
    "plumbing": "3400f38cd0b517b3",
    "quick": "c19db2c47982a566",
    "replacement": "b3692ed950b22152",
    "sales": "94de3127effd2a92",
    "service_desk": "f457a3fa44adcd39",
    "special": "d666461dd6506161",
    "visits": "8fc84ae5616c2525",
    "voicemails": "3f54c0c5069d21a4",
    "water": "7e06da30b2b07855",
}


def composed(scenario: Scenario, facts: dict[str, str], seed: int) -> list[object]:
    """Return every ending of a script as spoken by three CSRs: the turns, their times and the analysis."""
    made: list[object] = []
    take = takes().get(scenario.name)
    for ending in scenario.endings:
        for diligence in (0.3, 0.6, 0.9):
            chance = stream(seed, f"{scenario.name} {diligence}")
            beats = take.beats if take else None
            known = diligence > 0.5
            conversation = compose(scenario, ending, facts, Craft(diligence, 1.0), chance, known=known, beats=beats)
            turns = [asdict(turn) for turn in conversation.turns]
            reading = asdict(read(conversation, ENDED, chance))
            made.append([turns, conversation.seconds, dict(conversation.facts), reading])
    return made


def digest(file: str, facts: dict[str, str]) -> str:
    made = [
        [scenario.name, composed(scenario, facts, seed)]
        for scenario in sorted(scenarios_of(file), key=lambda one: one.name)
        for seed in SEEDS
    ]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16]


def test_the_same_seed_makes_the_same_conversations(call_facts: dict[str, str]) -> None:
    assert sum(len(scenarios_of(file)) for file in GOLDEN) == len(scenarios())
    assert {file: digest(file, call_facts) for file in GOLDEN} == GOLDEN
