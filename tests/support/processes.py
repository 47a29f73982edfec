"""Separate processes of the app, which tests start in order to kill them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from pydantic import SecretStr

from app.config import PROJECT_ROOT, Settings

#: Like `python -m`, but loads the app first as its own processes do, without garbage collection.
_RUN = "import runpy, sys, wsgi; runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"


@contextmanager
def started(app: Flask, module: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a module with the settings of `app` inside the block; it finds its own app in `wsgi`."""
    settings: Settings = app.config["SETTINGS"]
    secrets = {name.upper(): value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, module, *arguments],
        cwd=PROJECT_ROOT,
        env={"PATH": os.environ["PATH"], "ENVIRONMENT": "test", "VAR_DIR": str(settings.var_dir), **secrets},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
