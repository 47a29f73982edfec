"""`flask` commands, each a thin wrapper that parses, makes one call, prints the result and exits."""

from flask import Flask

from app.cli.audit import audit_commands
from app.cli.backup import backup_commands
from app.cli.cache import cache_commands
from app.cli.database import db_commands
from app.cli.imports import import_commands
from app.cli.integrity import integrity_commands
from app.cli.maintenance import maintenance_commands
from app.cli.new import new_commands
from app.cli.openapi import openapi
from app.cli.organizations import organization_commands
from app.cli.platform import platform_commands
from app.cli.repair import repair_commands
from app.cli.report import report_commands
from app.cli.retention import retention_commands
from app.cli.rollup import rollup_commands
from app.cli.serve import serve
from app.cli.trash import trash_commands
from app.cli.users import user_commands
from app.cli.worker import worker

COMMANDS = (
    audit_commands,
    backup_commands,
    cache_commands,
    db_commands,
    import_commands,
    integrity_commands,
    maintenance_commands,
    new_commands,
    openapi,
    organization_commands,
    platform_commands,
    repair_commands,
    report_commands,
    retention_commands,
    rollup_commands,
    serve,
    trash_commands,
    user_commands,
    worker,
)


def register_commands(app: Flask) -> None:
    """Add every command to the app."""
    for command in COMMANDS:
        app.cli.add_command(command)
