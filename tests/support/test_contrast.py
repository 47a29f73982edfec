"""The contrast check, on small style sheets."""

import pytest

from tests.support.contrast.colors import Color, Theme, contrast
from tests.support.contrast.low_contrast import LowContrast, low_contrast_pairs
from tests.support.contrast.pairs import SURFACES, styles_of
from tests.support.contrast.selectors import chains, specificity
from tests.support.contrast.syntax import UnknownStyle

SURFACE_TOKENS = "".join(f"{surface[4:-1]}: light-dark(#fff, #000);" for surface in SURFACES)
#: Surfaces are white or black. `--ink` is readable on them, `--gray` only on black, `--pale` on neither.
TOKENS = f"""
@layer tokens, components, utilities;
@layer tokens {{
  :root {{
    color-scheme: light dark;
    {SURFACE_TOKENS}
    --ink: light-dark(#000, #fff);
    --gray: #888;
    --pale: light-dark(#ccc, #333);
    --accent-bg: #036;
    --on-accent: #fff;
  }}
  [data-theme="light"] {{ color-scheme: light; }}
  [data-theme="dark"] {{ color-scheme: dark; }}
  @media (prefers-contrast: more) {{ :root {{ --gray: var(--ink); }} }}
}}
"""
NO_TOKENS = Theme("light", lambda _name: None)

LIGHT, DARK = {"light theme"}, {"dark theme"}
DARK_IN_ALL = {"dark theme", "dark theme with more contrast"}


def low(css: str) -> list[LowContrast]:
    return low_contrast_pairs(styles_of([TOKENS, css]))


@pytest.mark.parametrize(
    ("foreground", "background", "ratio"),
    [
        ("#000", "#fff", 21),
        ("#767676", "#ffffff", 4.54),
        ("oklch(0.6280 0.2577 29.23)", "#fff", 4.0),  # pure red
        ("oklch(0 0 0 / 0.5)", "#fff", 3.98),
        ("#00000080", "#fff", 4.0),
        ("color-mix(in oklab, #000 40%, #fff)", "#fff", 3.95),  # lightness 0.6
    ],
)
def test_contrast_is_that_of_wcag(foreground: str, background: str, ratio: float) -> None:
    assert contrast(NO_TOKENS.color(foreground), NO_TOKENS.color(background)) == pytest.approx(ratio, abs=0.01)


def test_a_color_keeps_its_channels() -> None:
    assert NO_TOKENS.color("#369c").rgb() == pytest.approx((0.2, 0.4, 0.6), abs=1e-4)
    assert NO_TOKENS.color("#369c").alpha == pytest.approx(0.8)
    assert Color(1, 0, 0).rgb() == pytest.approx((1, 1, 1), abs=1e-4)


def test_a_token_has_the_value_of_the_theme() -> None:
    theme = Theme("dark", lambda name: "light-dark(#000, var(--none, #fff))" if name == "--ink" else None)

    assert theme.color("var(--ink)") == NO_TOKENS.color("#fff")


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        (".a { color: var(--ink); }", set()),
        (".a { color: var(--gray); }", LIGHT),
        (".a { color: light-dark(var(--ink), #666); }", DARK_IN_ALL),
        ('[data-theme="dark"] .a { color: #444; }', DARK_IN_ALL),
        ('[data-theme="light"] .a { color: #444; }', set()),
        ("@media (prefers-color-scheme: dark) { .a { color: #444; } }", DARK_IN_ALL),
        ("@media (width < 45rem) { .a { color: var(--gray); } }", LIGHT),
        (".a { color: var(--ink); @media (width >= 45rem) { color: var(--gray); } }", LIGHT),
        ("@container (width < 30rem) { .a { color: var(--gray); } }", LIGHT),
        ("@media print { .a { color: var(--gray); } }", set()),
        ("@media (forced-colors: active) { .a { background: Canvas; } }", set()),
    ],
)
def test_text_is_checked_in_each_theme_and_at_each_width(css: str, expected: set[str]) -> None:
    assert {pair.theme for pair in low(css)} == expected


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        (".a { color: var(--on-accent); background: var(--accent-bg); }", set()),
        (".a { color: var(--ink); background: var(--accent-bg); }", LIGHT),
        (".a { background: var(--accent-bg); color: #fff; } .a:hover { background: #888; }", LIGHT | DARK),
        (".a { background: var(--accent-bg); color: #fff; } .a--b { background: #888; }", LIGHT | DARK),
        (".a { background: var(--accent-bg); color: #fff; } .a .b { color: #888; }", LIGHT | DARK),
        (".a .b { background: var(--accent-bg); } .a .c { color: #fff; background: none; }", LIGHT),
        (".a { background: #888; } .a .b { color: #000; } .c { color: var(--ink); }", DARK),
        (".a .d { background: #888; } .a .d .b { color: #000; } .c { color: var(--ink); }", set()),
        (".a:not(:hover) { color: #fff; background: #036; } .a:hover { color: #fff; background: #036; }", set()),
        (".a:is(.b, .c) { background: linear-gradient(to top, #036 50%, #888 50%); color: #fff; }", LIGHT | DARK),
        (
            ".a { background: linear-gradient(#036 0 calc(2rem - 1px), #888 calc(2rem - 1px) 2rem); color: #fff; }",
            set(),
        ),
        (".a { background: oklch(0.5 0 0 / 0.5); color: #fff; }", LIGHT),
        (".a::placeholder { color: var(--gray); }", LIGHT),
        (".a:disabled { color: var(--pale); }", set()),
        (".a .icon { color: var(--pale); }", set()),
        ('.a::before { content: ""; background: #888; }', set()),
        (".a { block-size: 2px; background: #888; }", set()),
        (".a { color: #888; font-size: 1.5rem; }", set()),
        (".a { color: #888; font-size: 1.25rem; font-weight: 600; }", LIGHT),
        (".a { color: #888; font-size: 1.25rem; font-weight: 700; }", set()),
        (".a { color: var(--ink); } .b { opacity: 0.4; }", LIGHT | DARK),
        (".a { color: var(--ink); } .b[aria-busy] { opacity: 0.4; }", set()),
        ("@layer utilities { .b { color: var(--ink); } } .a .b { color: #fff; background: #036; }", set()),
        (
            "@layer utilities { .b { color: #000; } } @layer components { .a .b { color: #fff; background: #036; } }",
            LIGHT | DARK,
        ),
    ],
)
def test_text_is_paired_with_the_background_that_it_is_on(css: str, expected: set[str]) -> None:
    assert {pair.theme.removesuffix(" with more contrast") for pair in low(css)} == expected


def test_a_message_names_the_selector_its_state_the_colors_and_the_ratio() -> None:
    css = ".a { background: var(--accent-bg); color: #fff; } .a:hover { background: var(--gray); }"

    assert str(low(css)[0]) == (
        "3.54 instead of 4.5, light theme: #fff on var(--gray), set by .a with :hover | .a:hover"
    )


@pytest.mark.parametrize(
    ("css", "message"),
    [
        (".a { color: gray; }", "unknown color: gray"),
        (".a { color: hsl(0 0% 50%); }", "unknown color: hsl"),
        (".a { color: var(--none); }", "--none isn’t set"),
        (".a { background: url(a.png) #fff; color: #000; }", "unknown color: url"),
        (".a { color: #000 !important; }", "!important"),
        (".a { filter: invert(1); }", "filter"),
        (".a { .b { color: #000; } }", "nested rule: .b"),
        (".a::marker { color: #000; }", "unknown pseudo-element: .a::marker"),
        ("@keyframes a { to { color: #000; } }", "@keyframes a"),
        ('@import "b.css";', "@import"),
        (".a & { color: #000; }", "unknown selector"),
    ],
)
def test_unknown_syntax_fails_by_name(css: str, message: str) -> None:
    with pytest.raises(UnknownStyle, match=message):
        low(css)


def test_a_selector_is_parsed_into_its_alternatives() -> None:
    alternatives = chains(".a > :is(b, .c d).e:not(.f):hover, g::before")

    assert [[(part.combinator, part.tag, part.pseudo) for part in chain] for chain in alternatives] == [
        [(" ", "", ""), (">", "b", "")],
        [(" ", "", ""), (">", "", ""), (" ", "d", "")],
        [(" ", "g", ""), ("::", "", "before")],
    ]
    assert alternatives[0][1].classes == {"e"}
    assert alternatives[0][1].states == {":hover"}
    assert chains("a:is(b)") == []


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("*", (0, 0, 0)),
        ("#a .b[c] d::before", (1, 2, 2)),
        (".a:is(.b, #c):not(d):where(.e):has(> .f)", (1, 2, 1)),
    ],
)
def test_specificity_is_that_of_css(selector: str, expected: tuple[int, int, int]) -> None:
    assert specificity(selector) == expected
