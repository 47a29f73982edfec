"""Resource declaration of service types, including how they are deleted and restored."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.deletable import Deletable, Rename
from app.declarations.field import Column, Field, Number, YesOrNo
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page
from app.models import ServiceType
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.service_types.queries import SORTS, ServiceTypeFilters, service_type_list

SERVICE_TYPE_LIST = Listed(
    name="service_types",
    label=_l("Service types"),
    endpoint="service_types.index",
    permission=Permission.ORGANIZATION_UPDATE,
    filters=ServiceTypeFilters,
    query=service_type_list,
    sorts=SORTS,
    bar_label=_l("Filter service types"),
    pickers=("in_use",),
    keeps_views=False,
    filter_words={"q": lazy_pgettext("thing", "Name")},
)

SERVICE_TYPE = Resource(
    name="service_type",
    model=ServiceType,
    words=Words(
        _l("service type"),
        _l("service types"),
        lambda n, count: ngettext("%(count)s service type", "%(count)s service types", n, count=count),
    ),
    icon="wrench",
    title=lambda: ServiceType.name,
    page=("service_types.edit", "service_type_id"),
    page_permission=Permission.ORGANIZATION_UPDATE,
    # All service types are offered to everyone who books.
    scope=Scope((Permission.APPOINTMENTS_READ,), own_rows.everything),
    revert=_l("Edit a service type on its own page."),
    listed=SERVICE_TYPE_LIST,
    stored=(entered_on_page("name", "minutes", "is_active"),),
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True), sort="name"),
        Field("minutes", _l("Length (minutes)"), Number(), Column()),
        Field("in_use", _l("Active"), YesOrNo("neutral"), Column(), shows="is_active", recorded=("is_active",)),
    ),
)

SERVICE_TYPE_DELETION = Deletable(
    resource=SERVICE_TYPE,
    permission=Permission.ORGANIZATION_UPDATE,
    renames={"uq_service_types_name": Rename(column="name", label=lazy_pgettext("thing", "New name"))},
)
