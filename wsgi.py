"""Application object used by servers and the `flask` command."""

import gc

from app.server.memory import keep_memory_private

# First, since the settings are in memory already. The supervisor and the worker load the app, as all commands do.
keep_memory_private()

# No garbage collection while the app is loading: it found nothing and took a quarter of the time.
gc.disable()

from app.config import SettingsError  # noqa: E402
from app.factory import create_app  # noqa: E402
from demo.commands import add_demonstration  # noqa: E402

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(str(error)) from None
add_demonstration(app)

# Everything loaded by now stays. Scanning it again in every full collection delayed some requests by 300 ms.
gc.freeze()
gc.enable()
