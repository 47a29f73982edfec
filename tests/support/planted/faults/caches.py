"""Faults that serve one organization's cached queries and responses to another."""

from tests.support.planted.fault import Fault, Kind
from tests.support.planted.faults.names import KEPT

CACHES: tuple[Fault, ...] = (
    Fault(
        name="kept-statements-contain-the-first-organization",
        kind=Kind.CACHED,
        path="app/security/cached_selections.py",
        old="        organization_id=bindparam(_ORGANIZATION, type_=Uuid()),"
        "  # type: ignore[arg-type] # an expression in its place\n",
        new="        organization_id=actor.organization_id,\n",
        tests=KEPT,
    ),
    Fault(
        name="kept-answers-are-keyed-by-rights-alone",
        kind=Kind.CACHED,
        path="app/security/cached_selections.py",
        old="        reader = (actor.organization_id, _rights_of(actor), variant, *own)\n"
        "        question = _Question(self, make, reader, revisions, tuple(values.items()), find_out)\n",
        new="        reader = (_rights_of(actor), variant)\n"
        "        question = _Question(self, make, reader, (), tuple(values.items()), find_out)\n",
        tests=KEPT,
    ),
    Fault(
        name="lists-are-compiled-for-the-first-reader",
        kind=Kind.CACHED,
        path="app/security/list_of.py",
        old="            return hold(selected.add_columns(*shown), model, actor)\n",
        new="            from app.security.actor import current_actor\n\n"
        "            return hold(selected.add_columns(*shown), model, current_actor())\n",
        tests=(*KEPT, "tests/work/contacts/test_index.py"),
    ),
    Fault(
        name="keeping-of-the-trash-is-compiled-for-the-first-organization",
        kind=Kind.CACHED,
        path="app/trust/trash/list_queries.py",
        old="    return facts.where(Organization.id == actor.organization_id)\n",
        new="    from app.security.actor import current_actor\n\n"
        "    return facts.where(Organization.id == current_actor().organization_id)\n",
        tests=KEPT,
    ),
)
