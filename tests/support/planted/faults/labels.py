"""Faults that leave fields unlabeled on pages of users who see only their own rows, such as CSRs."""

from app.models import Role
from tests.support.planted.fault import Fault, Kind
from tests.support.planted.faults.names import pages_of, walk_of

LABELS: tuple[Fault, ...] = (
    Fault(
        name="unlabeled-reminder-beside-a-note",
        kind=Kind.UNLABELED,
        path="templates/work/calls/_activity.html",
        old="{% else %}<span></span>{% endif %}",
        new='{% else %}<input class="input" type="date" name="remind_on">{% endif %}',
        tests=(*walk_of(Role.CSR), *pages_of(Role.CSR, 2, (Role.OWNER, 1))),
    ),
    Fault(
        name="unlabeled-order-of-my-tasks",
        kind=Kind.UNLABELED,
        path="templates/insight/dashboards/_tasks.html",
        old=' needs=board.needs["tasks"]) %}\n',
        new=' needs=board.needs["tasks"]) %}\n  <select class="select" name="order">'
        '<option value="due">{{ _("due") }}</option>'
        '<option value="priority">{{ _("Priority") }}</option></select>\n',
        tests=(*walk_of(Role.CSR), *pages_of(Role.CSR, 3, (Role.OWNER, 1))),
    ),
    Fault(
        name="unlabeled-city-of-my-contacts",
        kind=Kind.UNLABELED,
        path="templates/work/contacts/_list.html",
        old="  {% else %}\n    {% set nothing",
        new='  {% else %}\n    <input class="input" type="search" name="city" autocomplete="off">\n    {% set nothing',
        tests=(*walk_of(Role.CSR), *pages_of(Role.CSR, 2, (Role.OWNER, 1))),
    ),
    Fault(
        name="unlabeled-rep-of-my-lead",
        kind=Kind.UNLABELED,
        path="templates/work/leads/show.html",
        old='icon_name="user-cog") }}{% endif %}\n',
        new='icon_name="user-cog") }}{% else %}<input class="input" type="text" name="rep">{% endif %}\n',
        tests=(*walk_of(Role.CSR), *pages_of(Role.CSR, 3, (Role.OWNER, 2))),
    ),
)
