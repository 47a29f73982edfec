"""The question whether rows of other channels than calls, such as chats and faxes, are imported."""

from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from app.data.imports.word_queries import OtherChannels
from app.web.forms import Form

ONLY_CALLS, ALL_ROWS = "calls", "all"


class ChannelForm(Form):
    """A form that asks what to do with rows of other channels, if the file has any."""

    #: The rows in question, None if the file has none.
    other_channels: ClassVar[OtherChannels | None] = None

    channel = RadioField(_l("Rows that aren’t calls"), choices=(), validate_choice=False)

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        asked = self.other_channels
        if asked is None:
            del self.channel
            return
        self.channel.label.text = _("Rows of “%(column)s” that aren’t calls", column=asked.only.column)
        self.channel.choices = [
            (ONLY_CALLS, _("Import only calls and skip these rows: %(words)s", words=_words(asked))),
            (ALL_ROWS, _("Import all rows as calls")),
        ]

    @property
    def is_channel_open(self) -> bool:
        """True if the question is asked and has no answer yet; a filter by the same column is one."""
        asked, chosen = self.other_channels, self._fields.get("only_column")
        if asked is None or (chosen is not None and chosen.data == asked.only.column):
            return False
        return self.channel.data not in {ONLY_CALLS, ALL_ROWS}

    @property
    def channel_filters(self) -> list[dict[str, Any]]:
        """The filter that the user has chosen, as part of a mapping; empty if there is none."""
        asked = self.other_channels
        return [asked.only.model_dump()] if asked is not None and self.channel.data == ONLY_CALLS else []

    def check_channel(self) -> bool:
        """Return whether the question is answered; add an error if it isn't."""
        if self.is_channel_open:
            self.channel.errors = [_("Choose whether rows that aren’t calls are imported.")]
        return not self.is_channel_open


def _words(asked: OtherChannels) -> str:
    """Return the words of other channels with their numbers of rows."""
    return ", ".join(f"{word or _('no value')} ({rows})" for word, rows in asked.counts.items())
