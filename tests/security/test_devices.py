"""Device names by which users recognize their sessions."""

import pytest

from app.security.devices import device_of


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/19.0 Safari/605.1",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16; Pixel 10) Chrome/142.0 Mobile Safari/537",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/142.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("curl/8.5 Linux", "Linux"),
        ("probe", "Unknown device"),
        (None, "Unknown device"),
    ],
)
def test_a_device_is_named_as_people_name_it(user_agent: str | None, device: str) -> None:
    assert device_of(user_agent) == device
