"""Contents of the setup checklist on the page of an organization."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from app.declarations.registry import registry
from app.errors import LazyText
from app.models import Organization
from app.organization.settings.profile_forms import SetupForm
from app.organization.settings.setup_queries import are_done
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class SetupItem:
    """A step as the checklist shows it; `href` is the page where it is done."""

    label: LazyText
    hint: LazyText
    href: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """The checklist; it has no `steps` while it is hidden. `form` hides it or shows it again."""

    steps: Sequence[SetupItem]
    form: SetupForm

    @property
    def done(self) -> int:
        """The number of steps that are done."""
        return sum(step.is_done for step in self.steps)


def setup_of(actor: Actor, organization: Organization, form: SetupForm | None = None) -> Setup | None:
    """Return the checklist for `actor`; None if they can't change the organization's settings.

    `form` is the one that was refused, if any.
    """
    if not actor.may(Permission.ORGANIZATION_UPDATE):
        return None
    form = form or SetupForm.of(organization)
    if organization.setup_hidden:
        return Setup((), form)
    steps = [step for step in registry().setup_steps if actor.may(step.permission)]
    return Setup(
        [
            SetupItem(step.label, step.hint, url_for(step.endpoint), is_done)
            for step, is_done in zip(steps, are_done(actor, steps), strict=True)
        ],
        form,
    )
