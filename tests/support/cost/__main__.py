"""Entry point for measuring a command, and for the cost of the last full run.

Usage: `python -m tests.support.cost make test` measures a command, `… report` prints what the tests of the last full
run cost and `… report --added` what grew since the limit was recorded, `… accept` makes that run the limit.
"""

import sys

from tests.support.cost.measure import measure
from tests.support.cost.report import accept, report

if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            raise SystemExit(__doc__)
        case ["report", *options]:
            sys.exit(report(options))
        case ["accept"]:
            sys.exit(accept())
        case command:
            sys.exit(measure(command))
