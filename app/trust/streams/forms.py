"""Forms of outbound streams."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, StringField, URLField
from wtforms.validators import DataRequired, Length

from app.models import OutboundStream
from app.web.forms import NewRowForm, VersionedForm, version_field

_NAME = _l("Use %(least)s to %(most)s characters.", least=2, most=60)
_URL = _l("Use up to %(most)s characters.", most=2000)


def _name_field() -> StringField:
    return StringField(
        lazy_pgettext("thing", "Name"),
        validators=[DataRequired(lazy_pgettext("thing", "Enter a name.")), Length(2, 60, _NAME)],
    )


def _url_field() -> URLField:
    enter = _l("Enter a URL that starts with https://.")
    return URLField(_l("URL"), validators=[DataRequired(enter), Length(max=2000, message=_URL)])


class NewStreamForm(NewRowForm):
    """The form for a new stream."""

    name = _name_field()
    url = _url_field()
    from_beginning = BooleanField(_l("Include everything recorded so far"))


class StreamForm(VersionedForm):
    """Form with the name and URL of a stream."""

    name = _name_field()
    url = _url_field()
    version = version_field()

    @classmethod
    def of(cls, stream: OutboundStream) -> "StreamForm":
        """Return the form with the current values of the stream."""
        return cls(formdata=None, name=stream.name, url=stream.url, version=stream.version)
