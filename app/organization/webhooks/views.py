"""Pages of webhook deliveries, at `/webhooks`, and the blueprint of the addresses that receive them."""

from flask import Blueprint

webhooks = Blueprint("webhooks", __name__)
