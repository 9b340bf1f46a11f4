"""Wiring: settings, URLs, ASGI, Celery, command line. No domain logic."""
