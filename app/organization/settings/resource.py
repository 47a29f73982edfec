"""Resource declaration of organizations."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered, not_returned
from app.models import Organization
from app.security.permissions import Permission

#: Settings of pages, reports and notifications.
_SETTINGS_OF_PAGES = (
    "dashboard_settings",
    "report_weekday",
    "report_hour",
    "watch_new_owners",
    "watch_large_exports",
    "watch_sensitive_grants",
    "monthly_export",
    "setup_hidden",
)

ORGANIZATION = Resource(
    name="organization",
    model=Organization,
    words=Words(
        _l("organization"),
        _l("organizations"),
        lambda n, count: ngettext("%(count)s organization", "%(count)s organizations", n, count=count),
    ),
    icon="building",
    title=lambda: Organization.name,
    page=("organizations.show", "organization_id"),
    page_permission=Permission.ORGANIZATIONS_MANAGE,
    revert=_l("Edit the organization on its own page."),
    stored=(
        not_returned("Programs of an organization that is suspended are refused.", "suspended_at", "suspension_reason"),
        not_returned(
            "Only owners decide about the retention of data, on a page.",
            "retention_days",
            "pending_retention",
            "pending_retention_at",
            "legal_hold",
            "legal_hold_reason",
        ),
        not_returned("Dashboards return the day from which calls are kept.", "deleted_before"),
        not_returned("It is part of the secret address of incoming webhooks.", "webhook_key"),
        not_returned(
            "It is a setting of pages, reports or notifications to people.",
            *_SETTINGS_OF_PAGES,
        ),
        not_entered(
            "The staff of the platform set it.",
            "slug",
            "status",
            "suspended_at",
            "suspension_reason",
            "call_minutes_quota",
            "team_members_quota",
            "phone_numbers_quota",
            "storage_quota_bytes",
        ),
        not_entered(
            "The change that waits is the one that a person entered.", "pending_retention", "pending_retention_at"
        ),
        not_entered("The app generates it for each organization.", "webhook_key"),
        not_entered("Retention sets it when it has deleted records.", "deleted_before"),
        entered_on_page(
            "require_mfa",
            "retention_days",
            "legal_hold",
            "legal_hold_reason",
            *_SETTINGS_OF_PAGES,
        ),
    ),
)
