"""The account with Shunya that an organization uses: its own, or the platform's."""

from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import select

from app.clients.shunya import ShunyaAccount
from app.config import Settings
from app.extensions import db
from app.models import Integration, Provider
from app.organization.providers.secret_rules import open_secrets
from app.security.encryption import SecretUnreadable
from app.security.scope import unscoped

_API_KEY = "api_key"

_log = structlog.get_logger("switchboard.analyses")


def find_account(organization_id: UUID) -> ShunyaAccount | None:
    """Return the account, or None if no audio is sent: without SHUNYA_API_URL, or without any account.

    So it is as long as the secrets of the organization's own account can't be decrypted.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.shunya_api_url is None:
        return None
    url = str(settings.shunya_api_url).rstrip("/")
    own = db.session.scalar(
        unscoped(select(Integration), why="the worker uses the account of the organization").where(
            Integration.organization_id == organization_id, Integration.provider == Provider.SHUNYA, Integration.enabled
        )
    )
    if own is not None:
        try:
            return ShunyaAccount(url, open_secrets(own)[_API_KEY].value, own.account_id)
        except SecretUnreadable:
            _log.warning("secrets of the account can't be decrypted", integration=str(own.id))
            return None
    if settings.shunya_api_key is None:
        return None
    return ShunyaAccount(url, settings.shunya_api_key.get_secret_value(), str(organization_id))
