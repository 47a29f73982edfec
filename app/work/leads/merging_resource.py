"""Handling of leads when two contacts are merged."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.declarations.merging import DuplicateText, Merging
from app.errors import LazyText
from app.models import Lead
from app.web.labels import label
from app.work.leads.duplicate_queries import find_duplicates


def _words(facts: Mapping[str, Any]) -> DuplicateText:
    known = {"source": label(facts["source"], "ContactSource"), "stage": label(facts["stage"], "LeadStage")}
    what = (
        _(
            "Both have an open lead with the source “%(source)s”. They’ll be merged into one: stage %(stage)s, "
            "assigned to %(rep)s.",
            rep=facts["rep"],
            **known,
        )
        if facts["rep"]
        else _(
            "Both have an open lead with the source “%(source)s”. They’ll be merged into one: stage %(stage)s, "
            "unassigned.",
            **known,
        )
    )
    numbers: list[LazyText] = [_("Open leads will go down by one.")]
    if facts["both_qualified"]:
        numbers.append(_("Qualified leads will go down by one in each period with calls about both leads."))
    return DuplicateText(what, numbers)


LEAD_MERGING = Merging(Lead.contact_card_id, find_duplicates, _words)
