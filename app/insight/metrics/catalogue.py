"""The catalogue of numbers: every metric of pages, targets, reports and the API, by its public name.

It is built from the modules of definitions, so a metric declared there is in the catalogue.
"""

from collections.abc import Mapping
from types import ModuleType

from app.insight.metrics import csr_definitions, missed_definitions, rep_definitions
from app.insight.metrics.metric import Credit, Metric


def metric_of(name: str, credit: Credit = Credit.CSR) -> Metric:
    """Return the metric of this name; raises KeyError if there is none.

    If rows can be credited to a CSR or to a rep, `credit` decides which definition is returned.
    """
    definitions = CATALOGUE[name]
    return definitions.get(credit) or next(iter(definitions.values()))


def _by_name(*modules: ModuleType) -> Mapping[str, Mapping[Credit, Metric]]:
    """Return the metrics that `modules` declare; raises ValueError for a name that is declared twice."""
    found: dict[str, dict[Credit, Metric]] = {}
    for metric in (one for module in modules for one in vars(module).values() if isinstance(one, Metric)):
        definitions = found.setdefault(metric.name, {})
        if metric.credit in definitions:
            raise ValueError(f"two metrics are named {metric.name}")
        definitions[metric.credit] = metric
    return found


#: The definitions of each metric by the role that its rows are credited to: one, or one for CSRs and one for reps.
CATALOGUE = _by_name(csr_definitions, missed_definitions, rep_definitions)
