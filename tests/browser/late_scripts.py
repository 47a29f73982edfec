"""Scripts that arrive late, as on a slow connection."""

from playwright.sync_api import Page, Route

#: The scripts of a page, in an order in which they can arrive: the others run right after HTMX, before it has started.
SCRIPTS = ("app.js", "work.js", "htmx-4.0.1.min.js")
_TRIES, _WAIT_MS = 1000, 20


class LateScripts:
    """The scripts of a tab's pages, held back until they are released."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        self._held: dict[str, Route] = {}
        for script in SCRIPTS:
            tab.route(f"**/{script}*", self._hold)

    def release(self) -> None:
        """Let the scripts of the current page arrive once it has requested all of them."""
        for _try in range(_TRIES):
            if len(self._held) == len(SCRIPTS):
                break
            self._tab.wait_for_timeout(_WAIT_MS)
        assert set(self._held) == set(SCRIPTS)
        for script in SCRIPTS:
            with self._tab.expect_response(f"**/{script}*"):
                self._held.pop(script).continue_()

    def _hold(self, route: Route) -> None:
        self._held[route.request.url.rpartition("/")[2].partition("?")[0]] = route
