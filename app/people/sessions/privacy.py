"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "known_devices",
        secrets=("token_hash",),
    ),
    ColumnsOf(
        "login_attempts",
        staff=("ip_address", "user_agent"),
    ),
    ColumnsOf(
        "mfa_recovery_codes",
        secrets=("code_hash",),
    ),
    ColumnsOf(
        "password_resets",
        secrets=("token_hash",),
    ),
    ColumnsOf(
        "refresh_tokens",
        secrets=("token_hash",),
    ),
    ColumnsOf(
        "user_sessions",
        staff=("client_id", "ip_address", "user_agent", "revoked_reason", "entered_reason", "viewing_reason"),
        secrets=("token_hash",),
    ),
)
