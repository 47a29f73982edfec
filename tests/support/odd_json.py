"""Strategies for unexpected JSON that a provider could deliver."""

from hypothesis import strategies as st

_NAMES = (
    "category", "claim", "detail", "end", "kind", "quote", "severity", "speaker", "start", "text", "title", "turn",
)  # fmt: skip

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

#: Mostly lists of objects with the right keys and arbitrary values.
ALMOST_A_LIST = (
    st.lists(ANY_JSON | st.dictionaries(st.sampled_from(_NAMES), ANY_JSON, max_size=6), max_size=6) | ANY_JSON
)
