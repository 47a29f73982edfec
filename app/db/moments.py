"""Points in time as JSON has them."""

from datetime import UTC, datetime


def in_utc(moment: datetime) -> str:
    """Return a timestamp in RFC 3339, in UTC with “Z” and with up to six decimals as stored."""
    return moment.astimezone(UTC).isoformat()[: -len("+00:00")] + "Z"
