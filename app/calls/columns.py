"""The columns of the list of calls. Its file has all of them, whatever is chosen: it is made to be worked on."""

from flask_babel import lazy_gettext as _l

from app.web.columns import Column, Columns

CALL_COLUMNS = Columns(
    (
        Column("started_at", _l("Started")),
        Column("caller", _l("Caller"), is_fixed=True),
        Column("topic", _l("Topic")),
        Column("csr", _l("CSR")),
        Column("status", _l("Status")),
        Column("talk", _l("Talk")),
        Column("outcome", _l("Outcome")),
        Column("booking", _l("Booking")),
        Column("sentiment", _l("Sentiment")),
        Column("rating", _l("Rating")),
    )
)
