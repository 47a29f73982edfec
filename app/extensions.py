"""The Flask extensions, made once and bound to an app in `create_app`."""

from flask_babel import Babel
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

from app.db.session import UnitOfWork
from app.models.base import Base

# Rows stay readable after the commit at the end of a request: templates are rendered before, redirects after.
db = SQLAlchemy(model_class=Base, session_options={"class_": UnitOfWork, "expire_on_commit": False})
login_manager = LoginManager()
babel = Babel()
