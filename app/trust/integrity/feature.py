"""Declaration of the integrity checks and repairs, for rules that the database cannot enforce itself."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission
from app.trust.integrity import views
from app.trust.integrity.file_checks import FILE_CHECKS
from app.trust.integrity.schema_checks import SCHEMA_CHECKS

FEATURE = Feature(
    blueprint=views.integrity,
    pages=(views,),
    navigation=(Place(Group.RECORDS, "integrity.confirm_repair", _l("Repair"), "wrench", Permission.SYSTEM_REPAIR),),
    checks=(*SCHEMA_CHECKS, *FILE_CHECKS),
)
