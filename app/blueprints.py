"""Every feature's door into the app."""

from flask import Flask

from app.config import Settings


def register_blueprints(app: Flask, settings: Settings) -> None:
    """Register the features; the style guide is for development only."""
