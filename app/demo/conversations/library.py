"""All scripts, found by name."""

from collections.abc import Mapping

from app.demo.conversations import (
    additions,
    cooling,
    declined,
    electrical,
    heating,
    nuisance,
    outbound,
    plumbing,
    quick,
    replacement,
    sales,
    service_desk,
    special,
    visits,
    voicemails,
    water,
)
from app.demo.conversations.script import Scenario

_ALL = (
    *heating.SCENARIOS,
    *cooling.SCENARIOS,
    *replacement.SCENARIOS,
    *plumbing.SCENARIOS,
    *water.SCENARIOS,
    *electrical.SCENARIOS,
    *additions.SCENARIOS,
    *special.SCENARIOS,
    *declined.SCENARIOS,
    *service_desk.SCENARIOS,
    *nuisance.SCENARIOS,
    *outbound.SCENARIOS,
    *sales.SCENARIOS,
    *visits.SCENARIOS,
    *quick.SCENARIOS,
    *voicemails.SCENARIOS,
)

SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
QUICK = tuple(scenario.name for scenario in quick.SCENARIOS)
VISITS = tuple(scenario.name for scenario in visits.SCENARIOS)
VOICEMAILS = tuple(scenario.name for scenario in voicemails.SCENARIOS)
