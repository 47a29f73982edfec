"""Faults invented after the suite was reorganized, by someone who had no part in that: each in a file of its own."""

from app.models import Role
from tests.support.planted.fault import Fault, Kind
from tests.support.planted.faults.names import pages_of, walk_of

_WALKS = "tests/contract/test_walks.py"
#: Tests that submit every form with hostile values, before and after the suite was reorganized.
_HOSTILE = (
    "tests/contract/test_naughty_strings.py",
    "tests/contract/test_hostile_input.py",
    "tests/contract/test_forms.py",
)
#: Tests that submit every form of an ended session, before and after.
_ENDED = ("tests/contract/test_saved_forms.py", "tests/contract/test_forms.py")

#: Typed text: odd, hostile, or lost.
TYPED: tuple[Fault, ...] = (
    Fault(
        name="raised-digits-are-a-length",
        kind=Kind.INPUT,
        path="app/work/appointments/booking_forms.py",
        old="int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None",
        new="int(text) if text.isdigit() and len(text) < 5 else None",
        tests=("tests/work/appointments/test_new.py", *_HOSTILE),
    ),
    Fault(
        name="names-of-claimants-are-markup",
        kind=Kind.INPUT,
        path="app/work/missed_calls/person_resource.py",
        old='Markup(", ").join((detail, _("claimed by %(name)s", name=facts["who"])))',
        new='Markup(f"{detail}, " + _("claimed by %(name)s", name=facts["who"]))',
        tests=("tests/work/contacts/test_show.py", "tests/work/missed_calls", *_HOSTILE),
    ),
    Fault(
        name="a-refused-coaching-note-is-empty-again",
        kind=Kind.INPUT,
        path="app/work/calls/coaching_page.py",
        old="    form = submitted if isinstance(submitted, CoachingForm) else CoachingForm.at(turn)\n",
        new="    form = CoachingForm.at(turn)\n",
        tests=("tests/work/calls/test_coaching.py", *_HOSTILE),
    ),
    Fault(
        name="of-several-ticks-a-kept-form-has-the-first",
        kind=Kind.INPUT,
        path="app/people/sign_in/ended_session_views.py",
        old="request.form.items(multi=True)",
        new="request.form.items()",
        tests=("tests/people/sign_in/test_saved_form.py", *_ENDED, "tests/browser/test_lost_session.py"),
    ),
)
#: Pages: labels, contrast, widths.
PAGES: tuple[Fault, ...] = (
    Fault(
        name="ways-of-a-notification-lose-their-labels",
        kind=Kind.UNLABELED,
        path="templates/messaging/notifications/_choices.html",
        old=' aria-label="{{ notice.label }}: {{ ways[way] }}"',
        new="",
        tests=("tests/messaging/notifications/test_choices.py", *walk_of(Role.CSR)),
    ),
    Fault(
        name="numbers-of-evidence-are-faint-at-night",
        kind=Kind.CONTRAST,
        path="static/css/call.css",
        old="    background: var(--evidence);\n    color: var(--ink);\n",
        new="    background: var(--evidence);\n    color: var(--ink-3);\n",
        tests=("tests/web/test_contrast.py", *pages_of(Role.OWNER, 1), *pages_of(Role.OWNER, 4)),
    ),
    Fault(
        name="tabs-widen-a-phone",
        kind=Kind.WIDTH,
        path="static/css/overlays.css",
        old="    overflow-x: auto;\n    scrollbar-width: none;\n",
        new="    scrollbar-width: none;\n",
        tests=("tests/browser/test_shell.py", "tests/browser/test_narrow.py", *pages_of(Role.OWNER, 3)),
    ),
)
#: Scripts: what is stored, what comes late, and where the focus goes.
SCRIPTS: tuple[Fault, ...] = (
    Fault(
        name="without-a-known-room-nothing-is-recorded",
        kind=Kind.SCRIPT,
        path="static/js/recorder.js",
        old="    return minutes === null || minutes >= LEAST_MINUTES;\n",
        new="    return minutes >= LEAST_MINUTES;\n",
        tests=("tests/browser/test_offline_storage.py", "tests/browser/test_recorder.py"),
    ),
    Fault(
        name="offline-a-second-note-is-the-first",
        kind=Kind.SCRIPT,
        path="static/js/offline.js",
        old="  form.reset();\n  renewId(form);\n",
        new="  form.reset();\n",
        tests=("tests/browser/test_offline.py", "tests/work/appointments/test_sent_later.py"),
    ),
    Fault(
        name="a-late-answer-is-the-last-word-on-the-queue",
        kind=Kind.SCRIPT,
        path="static/js/queue.js",
        old="  if (again) await ask();\n",
        new="",
        tests=("tests/browser/test_queue.py", "tests/browser/test_races.py"),
    ),
    Fault(
        name="enter-takes-what-was-found-before",
        kind=Kind.SCRIPT,
        path="static/js/palette.js",
        old="    if (waiting && isUpToDate() && current()) follow(waiting);\n",
        new="    if (waiting && current()) follow(waiting);\n",
        tests=("tests/browser/test_palette.py", "tests/browser/test_races.py"),
    ),
    Fault(
        name="a-closed-panel-forgets-what-opened-it",
        kind=Kind.SCRIPT,
        path="static/js/side-panel.js",
        old="    opener(shown)?.focus();\n",
        new="",
        tests=("tests/work/calls/test_panel_in_browser.py", "tests/browser/test_focus_calls.py"),
    ),
)
#: Who gets what: permissions, organizations, caches, callers of the API.
READERS: tuple[Fault, ...] = (
    Fault(
        name="readers-of-the-organization-see-its-security",
        kind=Kind.PERMISSION,
        path="app/organization/security/views.py",
        old='@security.get("/organization/security")\n@requires(Permission.ORGANIZATION_UPDATE)\n',
        new='@security.get("/organization/security")\n@requires(Permission.ORGANIZATION_READ)\n',
        tests=("tests/organization/security", "tests/contract/test_routes.py", *walk_of(Role.MANAGER)),
    ),
    Fault(
        name="guests-have-an-account-where-they-visit",
        kind=Kind.PEOPLE,
        path="app/people/sign_in/account_views.py",
        old="    actor = switch_to_home(current_actor())\n    return account_page(",
        new="    actor = current_actor()\n    return account_page(",
        tests=(
            "tests/platform/organizations/test_visits.py",
            "tests/people/sign_in/test_account_page.py",
            f"{_WALKS}::test_every_page_of_a_guest_from_the_platform_follows_the_rules",
        ),
    ),
    Fault(
        name="photos-are-kept-by-proxies-for-everyone",
        kind=Kind.CACHED,
        path="app/people/users/picture_views.py",
        old='_KEPT = "private, max-age=3600"',
        new='_KEPT = "public, max-age=3600"',
        tests=("tests/people/users/test_pictures.py", "tests/web/test_headers.py", "tests/contract/test_caches.py"),
    ),
    Fault(
        name="a-new-task-is-answered-like-an-old-one",
        kind=Kind.CONTRACT,
        path="app/api/views.py",
        old="respond({api.key: new}, status=201, version=made.version,",
        new="respond({api.key: new}, version=made.version,",
        tests=("tests/api/test_tasks.py", "tests/api/test_walk.py"),
    ),
)
#: What is counted, read from files, restored, and left behind.
STORED: tuple[Fault, ...] = (
    Fault(
        name="a-persons-part-opens-everyones-rows",
        kind=Kind.INSIGHT,
        path="app/insight/dashboards/movement_page.py",
        old="    links = request.links_of(person.id or NOBODY)\n",
        new="    links = request.links\n",
        tests=("tests/insight/metrics/test_movement.py", "tests/insight/metrics/test_from_number_to_rows.py"),
    ),
    Fault(
        name="a-whole-address-keeps-the-former-zip",
        kind=Kind.DATA,
        path="app/work/contacts/import_service.py",
        old='("address_line_1", "address_line_2", "city", "state", "zip")',
        new='("address_line_1", "address_line_2", "city", "state")',
        tests=("tests/data/imports/test_known_rows.py", "tests/data/imports/test_loading_contacts.py"),
    ),
    Fault(
        name="a-part-that-is-restored-leaves-no-trail",
        kind=Kind.TRUST,
        path="app/trust/trash/restore_service.py",
        old="    elif so_far is None:\n",
        new="    elif so_far is not None:\n",
        tests=("tests/trust/trash/test_row_by_row.py", "tests/contract/test_forms.py"),
    ),
    Fault(
        name="a-step-back-leaves-the-schedule-of-exports",
        kind=Kind.DATA,
        path="migrations/versions/0115_monthly_export.py",
        old='    op.execute("DROP FUNCTION organizations_with_monthly_export()")\n',
        new="",
        tests=("tests/db/test_migrations.py", "tests/contract/test_database_of_before.py"),
    ),
)
