"""English words of the description of the API: summaries of operations, and descriptions of schemas."""

import re

from pydantic.alias_generators import to_camel

from app.api.endpoints import Endpoint, Kind
from app.declarations.api import Action, Api, Callers, Deprecated

_VOWELS = "aeiou"
#: Beginnings that are spoken like a consonant.
_LIKE_CONSONANTS = ("use", "uni", "eu", "one")
_ACRONYMS = {"ai": "AI", "api": "API"}
_ARGUMENT = re.compile(r"\{(\w+)\}")
_IDENTIFIER = re.compile(r"`([a-z]\w*)`")

_KINDS = {
    Kind.GET: "Get",
    Kind.CREATE: "Create",
    Kind.CHANGE: "Update",
    Kind.DELETE: "Delete",
}
_DETAILS = {
    Kind.CHANGE: "`null` clears a field; an absent field is left unchanged.",
    Kind.DELETE: "A record that can be restored goes to the trash (200); any other is gone (204).",
}

_IN_BACKGROUND = "The work is done in the background: poll the record until it is finished."
_PREVIEW = "Nothing is written."
_NOT_STORED = "The response is never stored, not even for an idempotency key."
_SHOWN_ONCE = "The secret is never stored: a repeat with the same idempotency key is a 409 with the id."
_PEOPLE_ONLY = "API keys can’t do this."


def summary_of(endpoint: Endpoint) -> str:
    """Return what an operation does, in a few words: "List the notes of a call"."""
    api = endpoint.api
    if endpoint.declared is not None and (api is None or endpoint.declared.summary):
        return endpoint.declared.summary.rstrip(".")
    if api is None:
        raise TypeError(f"{endpoint.name} has neither a resource nor a declaration.")
    if endpoint.kind is Kind.LIST:
        return f"List {'the ' if api.parent else ''}{_words(api.path.rpartition('/')[2])}{_of_parent(api)}"
    if isinstance(endpoint.write, Action):
        return _summary_of_action(endpoint.write, _one(api))
    return f"{_KINDS[endpoint.kind]} {_one(api, is_new=endpoint.kind is Kind.CREATE)}{_of_parent(api)}"


def _summary_of_action(action: Action, record: str) -> str:
    words = action.verb.replace("-", " ")
    if action.does == "set":
        return f"Set the {words} of {record}"
    if action.does == "mark":
        return f"Mark {record} as {action.verb}"
    verb, *others = words.split()
    return " ".join([verb.capitalize(), record, *others])


def details_of(endpoint: Endpoint) -> str:
    """Return what the summary of an operation leaves out, as sentences."""
    write = endpoint.write
    sentences = [
        _DETAILS.get(endpoint.kind, ""),
        _IN_BACKGROUND if write is not None and write.is_background else "",
        _PREVIEW if endpoint.is_preview else "",
        (_SHOWN_ONCE if write is not None else _NOT_STORED) if endpoint.is_secret else "",
        _PEOPLE_ONLY if endpoint.callers is Callers.PEOPLE else "",
        _replacement_of(endpoint.deprecated) if endpoint.deprecated is not None else "",
    ]
    return " ".join(filter(None, sentences))


def _replacement_of(deprecated: Deprecated) -> str:
    path = _ARGUMENT.sub(lambda found: f"{{{to_camel(found[1])}}}", deprecated.replaced_by)
    return f"Use `/{path}` instead. This operation can be removed after {deprecated.sunset.isoformat()}."


def tag_of(path: str) -> str:
    """Return the name of the group of a path, its first segment: "Missed calls" for `/missed-calls/{id}/claim`."""
    words = _words(path.split("/")[1])
    return words[:1].upper() + words[1:]


def public_words(text: str) -> str:
    """Return a docstring as clients read it: in one paragraph, with the names that JSON has."""
    named = _IDENTIFIER.sub(lambda found: f"`{to_camel(found[1])}`", " ".join(text.split()))
    return re.sub(r"\bNone\b", "null", named)


def _one(api: Api, *, is_new: bool = False) -> str:
    word = _words(api.key)
    is_only_one = api.is_single or (api.parent is not None and not api.has_list)
    return f"the {word}" if is_only_one and not is_new else _with_article(word)


def _of_parent(api: Api) -> str:
    return f" of {_with_article(_words(api.parent.api.key))}" if api.parent is not None else ""


def _words(name: str) -> str:
    """Return the words of a path or a key: "missed calls" for missed-calls, "missed call" for missedCall."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|-", " ", name).lower().split()
    return " ".join(_ACRONYMS.get(word, word) for word in words)


def _with_article(word: str) -> str:
    is_vowel = word[:1].lower() in _VOWELS and not word.lower().startswith(_LIKE_CONSONANTS)
    return f"{'an' if is_vowel else 'a'} {word}"
