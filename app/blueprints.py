"""Every feature's door into the app."""

from flask import Flask

from app.accounts.account_page import accounts
from app.appointments.views import appointments
from app.calls.views import calls
from app.config import Settings
from app.dashboards.views import dashboards
from app.imports.mapping_page import imports
from app.leads.views import leads
from app.missed_calls.views import missed_calls
from app.tasks.views import tasks
from app.web.home import home
from app.web.styleguide import styleguide


def register_blueprints(app: Flask, settings: Settings) -> None:
    """Register the features; the style guide is for development only."""
    for blueprint in (home, accounts, dashboards, calls, leads, appointments, missed_calls, tasks, imports):
        app.register_blueprint(blueprint)
    if not settings.is_production:
        app.register_blueprint(styleguide)
