"""Form that replays all deliveries of a list."""

from app.web.forms import Form, OccurredField


class ReplayForm(Form):
    """Confirmation of a replay: the time when the deliveries were counted; those that arrive later aren't replayed."""

    until = OccurredField()
