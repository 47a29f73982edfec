"""What becomes of the leads of two contacts that become one."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.declarations.merging import Merging, Said
from app.errors import Sentence
from app.models import Lead
from app.web.labels import label
from app.work.leads.double_queries import find_doubles


def _words(facts: Mapping[str, Any]) -> Said:
    known = {"source": label(facts["source"], "ContactSource"), "stage": label(facts["stage"], "LeadStage")}
    what = (
        _("Both have an open lead from %(source)s. They become one: %(stage)s, for %(rep)s.", rep=facts["rep"], **known)
        if facts["rep"]
        else _("Both have an open lead from %(source)s. They become one: %(stage)s, for nobody yet.", **known)
    )
    numbers: list[Sentence] = [_("One open lead less is counted.")]
    if facts["both_qualified"]:
        numbers.append(_("One qualified lead less is counted in each period in which somebody spoke about both."))
    return Said(what, numbers)


LEAD_MERGING = Merging(Lead.contact_card_id, find_doubles, _words)
