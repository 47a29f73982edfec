"""Blueprint of the addresses that receive webhooks, and of the pages that show them."""

from flask import Blueprint

webhooks = Blueprint("webhooks", __name__)
