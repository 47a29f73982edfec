"""Declaration of the privacy feature: exporting and erasing a person's data."""

from flask_babel import lazy_gettext as _l

from app.declarations.exportable import Archive
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission
from app.trust.privacy import api, jobs, resource, service, views
from app.trust.privacy.rules import ORGANIZATION_FILE, PERSON_FILE

FEATURE = Feature(
    blueprint=views.privacy,
    pages=(views,),
    exports=(
        Archive(
            kind=PERSON_FILE,
            label=_l("Personal data"),
            permission=Permission.CONTACTS_ERASE,
            endpoint="privacy.show",
            argument="contact_id",
        ),
        Archive(
            kind=ORGANIZATION_FILE,
            label=_l("All organization data"),
            permission=Permission.ORGANIZATION_EXPORT,
            endpoint="privacy.new_organization_export",
            request=service.request_organization_export,
            can_be_scheduled=True,
        ),
    ),
    navigation=(
        Place(Group.RECORDS, "privacy.index", _l("Privacy"), "fingerprint", Permission.CONTACTS_ERASE),
        Place(
            Group.ORGANIZATION_TABS,
            "privacy.new_organization_export",
            _l("Data export"),
            "download",
            Permission.ORGANIZATION_EXPORT,
            order=1,
        ),
    ),
    jobs=(
        jobs.export_person,
        jobs.export_organization,
        jobs.export_monthly,
        jobs.erase_person,
        jobs.remove_erased_files,
    ),
    api=api.API,
    resources=(resource.ERASURE,),
)
