"""Faults that bypass the color tokens, or make colors too faint at one width and in one theme."""

from app.models import Role
from tests.support.planted.fault import Fault, Kind
from tests.support.planted.faults.names import pages_of, walk_of

#: Parts of the pages: one with the style guide, and one with lists and dashboards.
_STYLE_GUIDE = pages_of(Role.OWNER, 4)
_CALLS = pages_of(Role.OWNER, 1)

STYLES: tuple[Fault, ...] = (
    Fault(
        name="lede-has-a-raw-dark-gray",
        kind=Kind.RAW_COLOR,
        path="static/css/layout.css",
        old="    margin-block-start: var(--sp-1);\n    color: var(--ink-2);\n",
        new="    margin-block-start: var(--sp-1);\n    color: #4a4a4a;\n",
        tests=_CALLS,
    ),
    Fault(
        name="second-lines-have-a-raw-light-gray",
        kind=Kind.RAW_COLOR,
        path="static/css/panels.css",
        old="  .sub {\n    color: var(--ink-3);\n",
        new="  .sub {\n    color: #9aa0a6;\n",
        tests=_CALLS,
    ),
    Fault(
        name="address-of-a-stream-has-a-raw-color",
        kind=Kind.RAW_COLOR,
        path="templates/trust/streams/index.html",
        old='<span class="sub break">{{ stream.url }}</span>',
        new='<span class="sub break" style="color: #6b7280">{{ stream.url }}</span>',
        tests=walk_of(Role.OWNER),
    ),
    Fault(
        name="small-print-of-tiles-is-faint-at-night-when-wide",
        kind=Kind.CONTRAST,
        path="static/css/stats.css",
        old="  .stat-sub {\n    color: var(--ink-3);\n",
        new="  .stat-sub {\n    color: var(--ink-3);\n\n"
        "    @media (width >= 70rem) {\n      color: light-dark(var(--ink-3), var(--line-2));\n    }\n\n",
        tests=_STYLE_GUIDE,
    ),
    Fault(
        name="heads-of-tables-are-faint-at-night-when-wide",
        kind=Kind.CONTRAST,
        path="static/css/table.css",
        old="    border-block-end-color: var(--line-2);\n    color: var(--ink-3);\n",
        new="    border-block-end-color: var(--line-2);\n    color: var(--ink-3);\n\n"
        "    @media (width >= 70rem) {\n      color: light-dark(var(--ink-3), var(--line-2));\n    }\n\n",
        tests=_CALLS,
    ),
    Fault(
        name="stages-of-the-board-are-faint-by-day-on-phones",
        kind=Kind.CONTRAST,
        path="static/css/leads.css",
        old="      border-radius: 5px;\n      color: var(--ink-2);\n",
        new="      border-radius: 5px;\n      color: light-dark(var(--control), var(--ink-2));\n",
        tests=pages_of(Role.OWNER, 2),
    ),
    Fault(
        name="tab-bar-is-faint-by-day-on-phones",
        kind=Kind.CONTRAST,
        path="static/css/shell.css",
        old="    padding: var(--sp-1) 2px;\n    color: var(--ink-2);\n",
        new="    padding: var(--sp-1) 2px;\n    color: light-dark(var(--control), var(--ink-2));\n",
        tests=_CALLS,
    ),
)
