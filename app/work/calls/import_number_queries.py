"""Queries for the organization's own numbers, which give the direction of imported calls."""

from uuid import UUID

from app.extensions import db
from app.models import Organization
from app.work.calls.import_direction_rules import NumberPlan
from app.work.phone_numbers.queries import numbers_of


def number_plan(organization_id: UUID) -> NumberPlan:
    """Return the organization's own numbers and its country."""
    country = db.session.get_one(Organization, organization_id).country
    return NumberPlan(numbers_of(organization_id), country)
