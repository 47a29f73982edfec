"""Faults that skip a heading level, or break a link."""

from app.models import Role
from tests.support.planted.fault import Fault, Kind
from tests.support.planted.faults.names import pages_of, walk_of

HEADINGS_AND_LINKS: tuple[Fault, ...] = (
    Fault(
        name="checks-of-the-system-skip-a-heading",
        kind=Kind.HEADING,
        path="templates/ops/system/show.html",
        old='panel(_("Checks"), "checks", cls="c-6", body=False)',
        new='panel(_("Checks"), "checks", cls="c-6", body=False, level=3)',
        tests=(*walk_of(Role.OWNER), *pages_of(Role.OWNER, 5)),
    ),
    Fault(
        name="plan-of-the-organization-skips-a-heading",
        kind=Kind.HEADING,
        path="templates/organization/settings/_overview.html",
        old='cls="c-7", actions=more)',
        new='cls="c-7", actions=more, level=3)',
        tests=(*walk_of(Role.OWNER), *pages_of(Role.OWNER, 3)),
    ),
    Fault(
        name="answer-of-an-item-skips-a-heading",
        kind=Kind.HEADING,
        path="templates/work/knowledge/show.html",
        old='panel(_("Answer"), "answer", actions=copy)',
        new='panel(_("Answer"), "answer", actions=copy, level=3)',
        tests=(*walk_of(Role.OWNER), *pages_of(Role.OWNER, 2)),
    ),
    Fault(
        name="skip-link-leads-to-no-element",
        kind=Kind.LINK,
        path="templates/layouts/base.html",
        old='<a class="skip" href="#main">',
        new='<a class="skip" href="#content">',
        tests=(*walk_of(Role.OWNER), *pages_of(Role.OWNER, 1)),
    ),
    Fault(
        name="trail-of-a-lead-links-to-a-renamed-route",
        kind=Kind.LINK,
        path="templates/work/leads/show.html",
        old='url_for("audit_log.index", resource_type="lead",',
        new='url_for("audit_log.entries", resource_type="lead",',
        tests=(*walk_of(Role.OWNER), *pages_of(Role.OWNER, 2), "tests/work/leads/test_show.py"),
    ),
    Fault(
        name="imports-link-to-a-page-per-kind",
        kind=Kind.LINK,
        path="templates/data/imports/index.html",
        old='url_for("imports.new", kind=one.kind.value)',
        new='url_for("imports.new") ~ "/" ~ one.kind.value',
        tests=(*walk_of(Role.OWNER), "tests/data/imports/test_page_of_result.py"),
    ),
)
