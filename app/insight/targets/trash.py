"""Deletion and restoration of targets."""

from app.declarations.deletable import Deletable
from app.insight.targets.page import title_of
from app.insight.targets.resource import TARGET
from app.security.permissions import Permission

TARGET_DELETION = Deletable(resource=TARGET, label=title_of, permission=Permission.TARGETS_WRITE)
