"""Personal data stored with API keys, and how it is erased (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l

from app.declarations.personal import Personal, Way
from app.trust.privacy.mention_queries import Mentions

PERSONAL = (
    Personal(
        "idempotency_keys",
        _l("Saved API responses"),
        lambda c, who: Mentions.of(who).in_bytes(c.body) | Mentions.of(who).in_text(c.path),
        {"path": Way.EMPTIED, "headers": Way.CLEARED, "body": Way.EMPTIED},
        searched=True,
        how="body and path",
    ),
)
