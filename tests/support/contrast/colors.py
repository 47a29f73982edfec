"""CSS colors as OKLab coordinates, and their contrast by WCAG 2.

Formulas: https://www.w3.org/TR/css-color-4/#color-conversion-code, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

import math
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from tests.support.contrast.syntax import UnknownStyle, split

_FUNCTION = re.compile(r"([\w-]+)\((.*)\)", re.DOTALL)
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d*\.?\d+")
_SHARE = re.compile(r"(.+?)\s+([\d.]+)%")

RGB = tuple[float, float, float]


class Color(NamedTuple):
    """A color in OKLab, with its opacity from 0 to 1."""

    lightness: float
    a: float
    b: float
    alpha: float = 1.0

    def rgb(self) -> RGB:
        """Convert to sRGB channels from 0 to 1; colors outside sRGB are clipped, as browsers do."""
        long = (self.lightness + 0.3963377774 * self.a + 0.2158037573 * self.b) ** 3
        medium = (self.lightness - 0.1055613458 * self.a - 0.0638541728 * self.b) ** 3
        short = (self.lightness - 0.0894841775 * self.a - 1.2914855480 * self.b) ** 3
        return (
            _encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
            _encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
            _encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
        )


class Theme(NamedTuple):
    """The values that colors depend on: the color scheme, and the value of each custom property."""

    scheme: str
    token: Callable[[str], str | None]

    def color(self, value: str) -> Color:
        """Compute the color of a CSS value. Raises UnknownStyle."""
        if value == "transparent":
            return Color(0, 0, 0, 0)
        if _HEX.fullmatch(value):
            return _from_hex(value[1:])
        call = _FUNCTION.fullmatch(value)
        arguments = split(call[2], ",") if call else []
        match (call[1] if call else "", arguments):
            case "var", [name, *fallback]:
                resolved = self.token(name) or next(iter(fallback), None)
                if resolved is None:
                    raise UnknownStyle(f"{name} isn’t set on the root element")
                return self.color(resolved)
            case "light-dark", [light, dark]:
                return self.color(dark if self.scheme == "dark" else light)
            case "oklch", [components]:
                return _from_oklch(value, components)
            case "color-mix", ["in oklab", first, second] if share := _SHARE.fullmatch(first):
                return _mixed(self.color(share[1]), self.color(second), float(share[2]) / 100)
        raise UnknownStyle(f"unknown color: {value}")


@cache
def contrast(foreground: Color, background: Color, opacity: float = 1.0) -> float:
    """Compute the contrast, 1 to 21, of a color at `opacity` over an opaque background."""
    behind = background.rgb()
    lighter, darker = sorted((_luminance(over(foreground, behind, opacity)), _luminance(behind)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def over(color: Color, behind: RGB, opacity: float = 1.0) -> RGB:
    """Composite a color at `opacity` over an opaque one."""
    share = color.alpha * opacity
    red, green, blue = color.rgb()
    return (
        share * red + (1 - share) * behind[0],
        share * green + (1 - share) * behind[1],
        share * blue + (1 - share) * behind[2],
    )


def from_rgb(channels: RGB, alpha: float = 1.0) -> Color:
    """Convert sRGB channels from 0 to 1."""
    red, green, blue = (_linear(channel) for channel in channels)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return Color(
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
        alpha,
    )


def _from_hex(digits: str) -> Color:
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue, alpha = (int(digits[at : at + 2] or "ff", 16) / 255 for at in (0, 2, 4, 6))
    return from_rgb((red, green, blue), alpha)


@cache
def _from_oklch(value: str, components: str) -> Color:
    parts = components.replace("/", " ").split()
    if len(parts) not in (3, 4) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise UnknownStyle(f"unknown color: {value}")
    lightness, chroma, hue, *alpha = map(float, parts)
    angle = math.radians(hue)
    return Color(lightness, chroma * math.cos(angle), chroma * math.sin(angle), *alpha)


def _mixed(first: Color, second: Color, share: float) -> Color:
    return Color(*(share * a + (1 - share) * b for a, b in zip(first, second, strict=True)))


def _encoded(linear: float) -> float:
    linear = min(max(linear, 0.0), 1.0)
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _luminance(channels: RGB) -> float:
    red, green, blue = (_linear(channel) for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
