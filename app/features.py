"""The list of all features, in the order in which their declarations are registered."""

from app.api import feature as api
from app.api.document import feature as api_document
from app.data.bulk import feature as bulk
from app.data.exports import feature as exports
from app.data.imports import feature as imports
from app.declarations.feature import Feature
from app.insight.ask import feature as ask
from app.insight.dashboards import feature as dashboards
from app.insight.reports import feature as reports
from app.insight.rollups import feature as rollups
from app.insight.search import feature as search
from app.insight.targets import feature as targets
from app.lists.saved_views import feature as saved_views
from app.messaging.notifications import feature as notifications
from app.messaging.outbox import feature as outbox
from app.ops.backups import feature as backups
from app.ops.jobs import feature as jobs
from app.ops.styleguide import feature as styleguide
from app.ops.system import feature as system
from app.organization.api_keys import feature as api_keys
from app.organization.assistant import feature as assistant
from app.organization.billing import feature as billing
from app.organization.providers import feature as providers
from app.organization.security import feature as security
from app.organization.settings import feature as settings
from app.organization.webhooks import feature as webhooks
from app.people.impersonation import feature as impersonation
from app.people.invitations import feature as invitations
from app.people.roles import feature as roles
from app.people.sessions import feature as sessions
from app.people.sign_in import feature as sign_in
from app.people.users import feature as users
from app.platform.organizations import feature as organizations
from app.trust.audit_log import feature as audit_log
from app.trust.integrity import feature as integrity
from app.trust.privacy import feature as privacy
from app.trust.retention import feature as retention
from app.trust.streams import feature as streams
from app.trust.trash import feature as trash
from app.work.analyses import feature as analyses
from app.work.appointments import feature as appointments
from app.work.calendar import feature as calendar
from app.work.calendars import feature as calendars
from app.work.calls import feature as calls
from app.work.contacts import feature as contacts
from app.work.deals import feature as deals
from app.work.disputes import feature as disputes
from app.work.knowledge import feature as knowledge
from app.work.leads import feature as leads
from app.work.live_calls import feature as live_calls
from app.work.merging import feature as merging
from app.work.missed_calls import feature as missed_calls
from app.work.note_templates import feature as note_templates
from app.work.phone_numbers import feature as phone_numbers
from app.work.recordings import feature as recordings
from app.work.service_types import feature as service_types
from app.work.tasks import feature as tasks

FEATURES: tuple[Feature, ...] = (
    dashboards.FEATURE,
    reports.FEATURE,
    rollups.FEATURE,
    ask.FEATURE,
    search.FEATURE,
    missed_calls.FEATURE,
    calls.FEATURE,
    live_calls.FEATURE,
    disputes.FEATURE,
    contacts.FEATURE,
    merging.FEATURE,
    appointments.FEATURE,
    recordings.FEATURE,
    analyses.FEATURE,
    deals.FEATURE,
    leads.FEATURE,
    tasks.FEATURE,
    calendar.FEATURE,
    calendars.FEATURE,
    knowledge.FEATURE,
    phone_numbers.FEATURE,
    note_templates.FEATURE,
    service_types.FEATURE,
    targets.FEATURE,
    imports.FEATURE,
    exports.FEATURE,
    bulk.FEATURE,
    audit_log.FEATURE,
    trash.FEATURE,
    privacy.FEATURE,
    jobs.FEATURE,
    system.FEATURE,
    backups.FEATURE,
    integrity.FEATURE,
    settings.FEATURE,
    security.FEATURE,
    assistant.FEATURE,
    billing.FEATURE,
    retention.FEATURE,
    api_keys.FEATURE,
    providers.FEATURE,
    webhooks.FEATURE,
    streams.FEATURE,
    users.FEATURE,
    roles.FEATURE,
    sessions.FEATURE,
    invitations.FEATURE,
    outbox.FEATURE,
    notifications.FEATURE,
    organizations.FEATURE,
    sign_in.FEATURE,
    impersonation.FEATURE,
    saved_views.FEATURE,
    api.FEATURE,
    api_document.FEATURE,
    styleguide.FEATURE,
)
