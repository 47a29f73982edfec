"""Every feature's door into the app."""

from flask import Flask

from app.accounts.second_factor_page import accounts
from app.appointments.views import appointments
from app.bulk.views import bulk
from app.calls.note_pages import calls
from app.config import Settings
from app.dashboards.views import dashboards
from app.exports.views import exports
from app.imports.mapping_page import imports
from app.invitations.views import invitations
from app.jobs.views import jobs
from app.leads.views import leads
from app.missed_calls.views import missed_calls
from app.organizations.views import organizations
from app.outbox.views import outbox
from app.recordings.views import recordings
from app.saved_views.views import saved_views
from app.system.health import health
from app.system.prometheus import prometheus
from app.system.repair_pages import system
from app.tasks.views import tasks
from app.trash.views import trash
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
        imports,
        jobs,
        exports,
        bulk,
        saved_views,
        invitations,
        outbox,
        organizations,
        view_as,
    ):
        app.register_blueprint(blueprint)
    for blueprint in (health, prometheus, system):
        app.register_blueprint(blueprint)
    if not settings.is_production:
        app.register_blueprint(styleguide)
