"""List of all models, in the same order on each test worker."""

from app.models import Base

MODELS: list[type[Base]] = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)
