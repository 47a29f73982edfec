"""Every feature's door into the app."""

from flask import Flask

from app.accounts.second_factor_page import accounts
from app.api_keys.views import api_keys
from app.appointments.views import appointments
from app.assistant.views import assistant
from app.audit_log.revert_pages import audit_log
from app.billing.invoice_pages import billing
from app.bulk.views import bulk
from app.calls.note_pages import calls
from app.config import Settings
from app.dashboards.views import dashboards
from app.exports.views import exports
from app.imports.mapping_page import imports
from app.invitations.import_pages import invitations
from app.jobs.views import jobs
from app.leads.views import leads
from app.missed_calls.views import missed_calls
from app.organizations.deletion_pages import organization
from app.outbox.views import outbox
from app.platform.restore_page import organizations
from app.privacy.views import privacy
from app.provider_accounts.views import integrations
from app.recordings.views import recordings
from app.retention.views import retention
from app.roles.views import roles
from app.saved_views.views import saved_views
from app.sessions.views import sessions
from app.streams.views import streams
from app.system.health import health
from app.system.prometheus import prometheus
from app.system.repair_pages import system
from app.tasks.views import tasks
from app.trash.several_page import trash
from app.users.team_pages import users
from app.view_as.views import view_as
from app.web.home import home
from app.web.styleguide import styleguide


def register_blueprints(app: Flask, settings: Settings) -> None:
    """Register the features; the style guide is for development only."""
    for blueprint in (
        home,
        accounts,
        dashboards,
        calls,
        leads,
        appointments,
        recordings,
        missed_calls,
        tasks,
        trash,
        audit_log,
        imports,
        jobs,
        exports,
        privacy,
        bulk,
        saved_views,
        invitations,
        outbox,
        organizations,
        retention,
        organization,
        billing,
        users,
        assistant,
        api_keys,
        integrations,
        view_as,
        streams,
        roles,
        sessions,
    ):
        app.register_blueprint(blueprint)
    for blueprint in (health, prometheus, system):
        app.register_blueprint(blueprint)
    if not settings.is_production:
        app.register_blueprint(styleguide)
