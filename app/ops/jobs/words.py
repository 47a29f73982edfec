"""Labels of jobs on pages."""

from app.declarations.registry import registry


def job_label(name: str) -> str:
    """Return the label of a kind of job; an unknown one is shown by its name."""
    kind = registry().job(name)
    return str(kind.label) if kind else name
