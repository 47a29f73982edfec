"""Descriptions of operations of the JSON API that belong to no other feature and have views of their own."""

from app.api.auth_schemas import CallerRecord
from app.declarations.api import Outside

ME = Outside(
    name="getMe",
    method="GET",
    path="auth/me",
    summary="Get the caller with their permissions and organization",
    reason="it describes the caller, who is a person or an API key",
    answer=CallerRecord,
)

API = (ME,)
