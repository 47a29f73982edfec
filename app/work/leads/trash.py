"""Deletion and restoring of leads."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.db.session import INCLUDE_DELETED
from app.declarations.deletable import Deletable
from app.extensions import db
from app.models import Lead
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.work.contacts.trash import OF_A_CONTACT
from app.work.leads.resource import LEAD, lead_title


def _label(lead: Any) -> str:
    title = unscoped(select(lead_title()), why="the title of a lead that was already found, to label its deletion")
    own = title.where(Lead.organization_id == lead.organization_id, Lead.id == lead.id)
    called: str | None = db.session.scalar(own, execution_options={INCLUDE_DELETED: True})
    return called or _("Unknown")


LEAD_DELETION = Deletable(resource=LEAD, label=_label, permission=Permission.LEADS_DELETE, parents=OF_A_CONTACT)
