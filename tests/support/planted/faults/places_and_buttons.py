"""Faults that add a second primary button, or that remove a page's mark in the sidebar."""

from tests.support.planted.fault import Fault, Kind
from tests.support.planted.faults.names import ORIENTATION

PLACES_AND_BUTTONS: tuple[Fault, ...] = (
    Fault(
        name="adding-a-note-to-a-call-is-primary",
        kind=Kind.SECOND_PRIMARY,
        path="templates/work/calls/_activity.html",
        old='{{ button(_("Add note")) }}',
        new='{{ button(_("Add note"), kind="primary") }}',
        tests=ORIENTATION,
    ),
    Fault(
        name="later-days-of-a-booking-are-primary",
        kind=Kind.SECOND_PRIMARY,
        path="templates/work/appointments/_times.html",
        old='{{ button(_("Later days"), kind="ghost",',
        new='{{ button(_("Later days"), kind="primary",',
        tests=ORIENTATION,
    ),
    Fault(
        name="steps-of-an-appointment-are-primary",
        kind=Kind.SECOND_PRIMARY,
        path="templates/work/appointments/_outcome.html",
        old="{{ post_button(label, action, csrf_token(), size=size,",
        new='{{ post_button(label, action, csrf_token(), kind="primary", size=size,',
        tests=ORIENTATION,
    ),
    Fault(
        name="every-import-is-primary",
        kind=Kind.SECOND_PRIMARY,
        path="templates/data/imports/index.html",
        old='<a href="{{ url_for("imports.new", kind=one.kind.value) }}">',
        new='<a class="btn btn--primary" href="{{ url_for("imports.new", kind=one.kind.value) }}">',
        tests=ORIENTATION,
    ),
    Fault(
        name="pages-below-a-place-do-not-mark-it",
        kind=Kind.PLACE_MARK,
        path="app/declarations/navigation.py",
        old='    return rule == path or rule.startswith(f"{path}/")\n',
        new="    return rule == path\n",
        tests=ORIENTATION,
    ),
    Fault(
        name="tabs-of-the-organization-do-not-mark-it",
        kind=Kind.PLACE_MARK,
        path="app/declarations/navigation.py",
        old="        found += [place for place in sidebar if place.endpoint == first]\n",
        new="        found += [place for place in tabs if place.endpoint == first]\n",
        tests=ORIENTATION,
    ),
    Fault(
        name="current-place-is-a-class",
        kind=Kind.PLACE_MARK,
        path="templates/layouts/_places.html",
        old='{% if item.is_current %} aria-current="page"{% endif %}',
        new='{% if item.is_current %} class="is-current"{% endif %}',
        tests=ORIENTATION,
    ),
    Fault(
        name="bulk-changes-have-no-place",
        kind=Kind.PLACE_MARK,
        path="app/data/bulk/feature.py",
        old='    navigation=(Place(Group.DATA, "bulk.index", _l("Bulk changes"), "square-check-big", '
        "Permission.CALLS_UPDATE),),\n",
        new="",
        tests=ORIENTATION,
    ),
)
