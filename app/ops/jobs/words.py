"""What pages say of jobs."""

from app.declarations.registry import registry


def job_label(name: str) -> str:
    """The words for a kind of job; one that is not known any more is called by its name."""
    kind = registry().job(name)
    return str(kind.label) if kind else name
