"""Files from which tests read tables."""

from tests.support.import_files import write_file

__all__ = ["write_file"]
