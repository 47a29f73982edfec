"""Targets for the columns of a file of appointments, and other systems' words for status and outcome."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.field import Imported
from app.declarations.importable import Dates, Target
from app.errors import FieldError
from app.models import AppointmentOutcome, AppointmentStatus
from app.work.contacts.import_person_rules import PERSON_TARGETS
from app.work.contacts.import_target_rules import TARGETS as CONTACTS
from app.work.contacts.import_target_rules import ContactTarget


class VisitTarget(StrEnum):
    """Targets of an appointment, in addition to those of its contact and the fields of the resource."""

    EXTERNAL_ID = "external_id"
    START = "start"
    DATE = "date"
    TIME = "time"
    END = "end"
    DURATION = "duration"
    SERVICE = "service"
    OTHER_SERVICE = "other_service"
    CONTACT_ID = "contact_id"
    AGENT = "agent"
    CSR = "csr"
    BOOKED_AT = "booked_at"
    COMPLETED_AT = "completed_at"
    DEAL_VALUE = "deal_value"
    LOST_REASON = "lost_reason"
    CANCELLED_REASON = "cancelled_reason"
    NOTES = "notes"
    ADDRESS_LINE_1 = "address_line_1"
    ADDRESS_LINE_2 = "address_line_2"
    CITY = "city"
    STATE = "state"
    ZIP = "zip"
    COUNTRY = "country"


# Names of a job in words, which say what it is about if nothing else does.
_TITLES = ("job name", "job description", "visit title", "event type", "subject", "title", "line items")
_STREET = CONTACTS[ContactTarget.ADDRESS_LINE_1]
# Headers of other systems; docs/imports.md cites their documentation.
TARGETS: Mapping[str, Target] = {
    VisitTarget.EXTERNAL_ID: Target(
        _l("Appointment ID"),
        ("appointment id", "visit id", "job id", "external id", "appointment number", "job number", "appointment",
         "job", "event id", "booking id", "record id", "uid", "id", "id визита", "tashrif id"),
    ),
    VisitTarget.START: Target(
        _l("Start"),
        ("start", "scheduled start", "scheduled start at", "start at", "starts at", "start date time", "start datetime",
         "appointment start", "job start", "job scheduled start date", "job scheduled start", "scheduled for",
         "date time", "datetime", "begins", "visit", "начало",
         "дата и время", "boshlanishi"),
    ),
    VisitTarget.DATE: Target(
        _l("Date"),
        ("start date", "date", "appointment date", "visit date", "job date", "scheduled date", "schedule date",
         "next appt start date", "дата", "sana"),
    ),
    VisitTarget.TIME: Target(
        _l("Time of day"),
        ("start time", "time", "appointment time", "visit time", "scheduled time", "arrival time", "время", "vaqt"),
    ),
    VisitTarget.END: Target(
        lazy_pgettext("moment", "End"),
        ("end", "scheduled end", "scheduled end at", "end at", "ends at", "end date time", "appointment end",
         "job end", "job scheduled end date", "job scheduled end",
         "end time", "finish", "finish time", "конец", "окончание", "tugashi"),
    ),
    VisitTarget.DURATION: Target(
        _l("Duration"),
        ("duration", "appointment duration", "visit duration", "job duration", "scheduled duration", "length",
         "длительность", "davomiyligi"),
    ),
    VisitTarget.SERVICE: Target(
        _l("Service"),
        ("service", "service type", "job type", "appointment type", "visit type", *_TITLES, "услуга", "xizmat"),
    ),
    VisitTarget.OTHER_SERVICE: Target(_l("Fallback service"), _TITLES, repeatable=True),
    VisitTarget.CONTACT_ID: Target(_l("Contact ID"), ("contact id", "customer id", "client id", "customer number")),
    VisitTarget.AGENT: Target(
        _l("Sales rep"),
        ("sales rep", "assigned technicians", "assigned technician", "technician", "technicians", "primary technician",
         "assigned employee",
         "assigned employees", "assigned to", "employee", "employee name", "salesperson", "estimator", "owner", "rep",
         "visits assigned to", "мастер", "исполнитель", "usta"),
    ),
    VisitTarget.CSR: Target(_l("Booked by"), ("booked by", "csr", "csr name", "scheduled by", "оператор", "operator")),
    VisitTarget.BOOKED_AT: Target(
        _l("Booked at"),
        ("booked at", "booked on", "booking date", "created at", "created on", "created date", "create date",
         "date created", "job created", "job created date", "создан", "yaratilgan"),
    ),
    VisitTarget.COMPLETED_AT: Target(
        _l("Completed at"),
        ("completed at", "completed on", "completed date", "completion date", "job completed date", "date completed",
         "visit completed date", "завершён", "yakunlangan"),
    ),
    VisitTarget.DEAL_VALUE: Target(
        _l("Value"),
        ("deal value", "sold amount", "total sales", "amount", "job amount", "total", "total amount", "revenue",
         "jobs total", "jobs total revenue", "total revenue", "job revenue", "value", "сумма", "summa"),
    ),
    VisitTarget.LOST_REASON: Target(
        _l("Lost reason"), ("lost reason", "loss reason", "reason lost", "unsold reason", "dismissed reason")
    ),
    VisitTarget.CANCELLED_REASON: Target(
        _l("Cancellation reason"),
        ("cancelled reason", "canceled reason", "cancel reason", "cancellation reason", "причина отмены",
         "bekor qilish sababi"),
    ),
    VisitTarget.NOTES: Target(
        _l("Notes"),
        ("notes", "job notes", "visit notes", "private notes", "description", "details", "instructions",
         "special instructions", "summary", "job summary", "заметки", "примечание", "izoh"),
    ),
    VisitTarget.ADDRESS_LINE_1: replace(
        _STREET, names=("address line 1", "street", *_STREET.names, "location address", "location")
    ),
    **{name: CONTACTS[name] for name in ("address_line_2", "city", "state", "zip", "country")},
    **PERSON_TARGETS,
}  # fmt: skip

#: Targets of the start of an appointment and of its other dates.
DATES = Dates(
    moment=VisitTarget.START,
    date=VisitTarget.DATE,
    time=VisitTarget.TIME,
    others=(VisitTarget.END, VisitTarget.BOOKED_AT, VisitTarget.COMPLETED_AT),
)

_STATUS_WORDS = {
    **dict.fromkeys(
        ("confirmed", "tentative", "unconfirmed", "booked", "pending", "upcoming", "today", "late", "dispatched",
         "en_route", "on_my_way", "working", "in_progress", "inprogress", "hold", "on_hold", "запланирован",
         "rejalashtirilgan"),
        AppointmentStatus.SCHEDULED,
    ),
    **dict.fromkeys(
        ("done", "complete", "finished", "closed", "fulfilled", "complete_rated", "complete_unrated", "completed_rated",
         "completed_unrated", "requires_invoicing", "invoiced", "paid", "выполнен", "завершён", "bajarilgan"),
        AppointmentStatus.COMPLETED,
    ),
    **dict.fromkeys(
        ("noshow", "customer_no_show", "did_not_show", "not_home", "missed", "не_явился"), AppointmentStatus.NO_SHOW
    ),
    **dict.fromkeys(
        ("canceled", "cancelled_by_customer", "user_canceled", "pro_canceled", "cancelled_by_client", "void", "voided",
         "archived", "declined", "отменён", "отменен", "bekor_qilingan"),
        AppointmentStatus.CANCELLED,
    ),
}  # fmt: skip

STATUS_NAME, OUTCOME_NAME = "status", "outcome"
STATUS = Imported(
    ("status", "appointment status", "visit status", "job status", "work status", "state of visit", "статус", "holat"),
    words=_STATUS_WORDS,
    usual=AppointmentStatus.SCHEDULED,
)
OUTCOME = Imported(
    ("outcome", "visit outcome", "sales outcome", "result", "estimate status", "opportunity status", "результат",
     "natija"),
    words={
        **dict.fromkeys(("undecided", "unsold", "follow_up"), AppointmentOutcome.OPEN),
        **dict.fromkeys(("won", "sold", "accepted", "approved", "продано"), AppointmentOutcome.CLOSED_WON),
        **dict.fromkeys(("lost", "dismissed", "not_sold", "rejected", "no_sale"), AppointmentOutcome.CLOSED_LOST),
    },
)  # fmt: skip


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error for each required target that isn't mapped."""
    found = []
    if VisitTarget.START not in given and not {VisitTarget.DATE, VisitTarget.TIME} <= given:
        sentence = _l("Choose the column for the appointment’s start, or one for the date and one for the time.")
        found.append(FieldError(VisitTarget.START, sentence))
    if VisitTarget.SERVICE not in given:
        sentence = _l("Choose the column with the service.")
        found.append(FieldError(VisitTarget.SERVICE, sentence))
    return tuple(found)
