"""Faults in `app/work` that are easy to overlook: ten each in rules, services, queries and templates."""

from tests.support.planted.fault import Fault, Kind


def _fault(name: str, path: str, old: str, new: str) -> Fault:
    feature = path.split("/")[2]
    return Fault(name, Kind.WORK, path, old, new, (f"tests/work/{feature}",))


RULES: tuple[Fault, ...] = (
    _fault(
        "managers-record-no-visits",
        "app/work/appointments/rules.py",
        "        and (is_theirs or actor.sees_all(Permission.RECORDINGS_WRITE))",
        "        and is_theirs",
    ),
    _fault(
        "a-reopened-lead-forgets-its-undecided-visit",
        "app/work/leads/rules.py",
        "    if visits.is_undecided:\n        return LeadStage.PENDING\n    return LeadStage.QUALIFIED",
        "    return LeadStage.QUALIFIED",
    ),
    _fault(
        "the-next-lead-goes-to-who-got-the-last",
        "app/work/leads/rules.py",
        "-waited.get(rep, nobody_waited_longer)",
        "waited.get(rep, nobody_waited_longer)",
    ),
    _fault(
        "anybody-takes-the-task-of-another",
        "app/work/tasks/rules.py",
        "return current is None and wanted is not None and wanted == actor.reference_id",
        "return wanted is not None and wanted == actor.reference_id",
    ),
    _fault(
        "a-promise-over-at-closing-is-due-the-next-day",
        "app/work/missed_calls/rules.py",
        "        if start + left <= closing:",
        "        if start + left < closing:",
    ),
    _fault(
        "the-first-booking-status-wants-a-reason",
        "app/work/calls/rules.py",
        "return current is not None and wanted != current",
        "return wanted != current",
    ),
    _fault(
        "entries-within-another-count-twice",
        "app/work/calendar/entry_rules.py",
        "            until = max(until, end)",
        "            until = end",
    ),
    _fault(
        "times-that-are-over-are-offered",
        "app/work/appointments/free_times_rules.py",
        "if max(opening, not_before) <= start",
        "if opening <= start",
    ),
    _fault(
        "the-later-of-two-refusals-of-texts-stays",
        "app/work/merging/merge_rules.py",
        "min(refusals, key=lambda side: refusals[side])",
        "max(refusals, key=lambda side: refusals[side])",
    ),
    _fault(
        "lines-of-calendars-are-folded-by-characters",
        "app/work/calendar/ical_rules.py",
        "        size = len(character.encode())",
        "        size = len(character)",
    ),
)
SERVICES: tuple[Fault, ...] = (
    _fault(
        "a-task-that-is-given-by-its-form-stays-snoozed",
        "app/work/tasks/service.py",
        "        task.snoozed_until = None\n    for name",
        "    for name",
    ),
    _fault(
        "what-is-done-can-be-snoozed",
        "app/work/tasks/service.py",
        "    rules.refuse_not_open(task.status)\n    task.snoozed_until = until",
        "    task.snoozed_until = until",
    ),
    _fault(
        "a-dispute-is-accepted-whatever-the-call-says",
        "app/work/disputes/service.py",
        "    if disputed_value(record) != seen:",
        "    if disputed_value(record) is None:",
    ),
    _fault(
        "without-managers-nobody-hears-of-a-dispute",
        "app/work/disputes/service.py",
        "list_people_in_charge(actor.organization_id, Role.MANAGER) or list_people_in_charge(\n"
        "        actor.organization_id, Role.ADMIN, Role.OWNER\n    )",
        "list_people_in_charge(actor.organization_id, Role.MANAGER)",
    ),
    _fault(
        "no-qualification-is-a-persons-too",
        "app/work/leads/service.py",
        "DecidedBy.USER if given.qualification_status else None",
        "DecidedBy.USER",
    ),
    _fault(
        "an-undo-needs-no-permission-of-its-fields",
        "app/work/leads/service.py",
        "    actor.requires(*{LEAD_REVERT.fields[name] for name in before})\n",
        "",
    ),
    _fault(
        "leads-shared-out-at-once-go-to-one-rep",
        "app/work/leads/service.py",
        "        self.load[rep_id] = self.load.get(rep_id, 0) + 1\n",
        "",
    ),
    _fault(
        "a-changed-answer-is-not-confirmed",
        "app/work/knowledge/service.py",
        "        item.confirmed_at = datetime.now(UTC)\n        db.session.flush()",
        "        db.session.flush()",
    ),
    _fault(
        "an-answer-used-counts-as-often-as-it-is-sent",
        "app/work/knowledge/service.py",
        '    if not is_first_sent(actor, form_id, f"knowledge.count_use {item.id}"):\n        return\n',
        "",
    ),
    _fault(
        "an-empty-part-of-a-recording-is-kept",
        "app/work/recordings/service.py",
        "    if stored.sha256 != sha256 or stored.size == 0:",
        "    if stored.sha256 != sha256:",
    ),
)
QUERIES: tuple[Fault, ...] = (
    _fault(
        "done-today-is-done-ever",
        "app/work/tasks/queries.py",
        "Task.completed_at >= midnight(datetime.now(zone).date(), zone)",
        "Task.completed_at.is_not(None)",
    ),
    _fault(
        "tasks-given-to-nobody-are-not-given",
        "app/work/tasks/queries.py",
        "Task.assigned_to_user_id.is_distinct_from(actor.user_id)",
        "Task.assigned_to_user_id != actor.user_id",
    ),
    _fault(
        "the-mildest-objection-is-the-reason",
        "app/work/calls/follow_up_queries.py",
        "id_: max(zip(categories, severities, strict=True)",
        "id_: min(zip(categories, severities, strict=True)",
    ),
    _fault(
        "a-text-follows-up-when-it-is-written",
        "app/work/calls/follow_up_queries.py",
        "func.coalesce(Message.sent_at, Message.created_at) > Call.started_at",
        "Message.created_at > Call.started_at",
    ),
    _fault(
        "answers-that-were-used-least-come-first",
        "app/work/knowledge/queries.py",
        "in_use.order_by(KnowledgeItem.usage_count.desc(), KnowledgeItem.id.desc())",
        "in_use.order_by(KnowledgeItem.usage_count, KnowledgeItem.id.desc())",
    ),
    _fault(
        "later-visits-come-as-they-were-booked",
        "app/work/appointments/day_queries.py",
        "        .order_by(Appointment.scheduled_start_at, Appointment.id)\n    )\n    found =",
        "        .order_by(Appointment.id)\n    )\n    found =",
    ),
    _fault(
        "whoever-waits-for-a-later-try-is-next",
        "app/work/missed_calls/queries.py",
        "        or_(MissedCallEntry.next_attempt_at.is_(None), MissedCallEntry.next_attempt_at <= now),\n",
        "",
    ),
    _fault(
        "contacts-with-the-fewest-reasons-are-the-most-alike",
        "app/work/contacts/duplicate_queries.py",
        "key=lambda one: (-len(one.reasons), one.id)",
        "key=lambda one: (len(one.reasons), one.id)",
    ),
    _fault(
        "shared-calendars-are-those-with-an-owner",
        "app/work/calendars/queries.py",
        "Calendar.owner_user_id.is_(None) if filters.shared else Calendar.owner_user_id.is_not(None)",
        "Calendar.owner_user_id.is_not(None) if filters.shared else Calendar.owner_user_id.is_(None)",
    ),
    _fault(
        "disputes-of-the-next-midnight-count-too",
        "app/work/disputes/queries.py",
        "BookingDispute.created_at < span.end",
        "BookingDispute.created_at <= span.end",
    ),
)
TEMPLATES: tuple[Fault, ...] = (
    _fault(
        "a-snoozed-task-is-overdue",
        "templates/work/tasks/_row.html",
        "task.due_at < now and not is_snoozed %}",
        "task.due_at < now %}",
    ),
    _fault(
        "the-ring-of-an-open-task-reopens-it",
        "templates/work/tasks/_row.html",
        '"tasks.complete" if is_open else "tasks.reopen"',
        '"tasks.reopen" if is_open else "tasks.complete"',
    ),
    _fault(
        "a-dead-lead-gives-no-reason",
        "templates/work/leads/_facts.html",
        'own={"contact": card, "stage": stage,',
        'own={"contact": card, "dead_reason": "", "stage": stage,',
    ),
    _fault(
        "the-csr-of-a-lead-is-its-rep",
        "templates/work/leads/_facts.html",
        '"csr": detail.csr or _("Unassigned")',
        '"csr": detail.rep or _("Unassigned")',
    ),
    _fault(
        "a-decided-dispute-warns-of-the-call",
        "templates/work/disputes/_row.html",
        '{% if dispute.status == "open" and has_changed %}',
        "{% if has_changed %}",
    ),
    _fault(
        "a-decision-has-seen-what-was-disputed",
        "templates/work/disputes/_row.html",
        'name="seen_status" value="{{ dispute.call_status or "" }}"',
        'name="seen_status" value="{{ dispute.from_status or "" }}"',
    ),
    _fault(
        "answers-in-use-are-marked-as-not-in-use",
        "templates/work/knowledge/show.html",
        '{% if not item.is_active %}{{ badge(_("Inactive"), "neutral") }}',
        '{% if item.is_active %}{{ badge(_("Inactive"), "neutral") }}',
    ),
    _fault(
        "ones-own-claim-bears-ones-name",
        "templates/work/missed_calls/_words.html",
        '_("You") if line.is_mine else line.holder }}',
        "line.holder }}",
    ),
    _fault(
        "a-caller-without-a-name-is-said-twice",
        "templates/work/missed_calls/_row.html",
        "{% if number and caller != number %}",
        "{% if number %}",
    ),
    _fault(
        "a-recording-has-no-length",
        "templates/work/recordings/_recording.html",
        '{% if row.ended_at and row.duration_seconds %}{% set ns.items = ns.items + [(_("Length"),',
        '{% if row.ended_at and not row.duration_seconds %}{% set ns.items = ns.items + [(_("Length"),',
    ),
)
