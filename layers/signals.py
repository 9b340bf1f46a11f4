"""News of layers, sent after commit in the process that made the change."""

from django.dispatch import Signal

# The base image's build began, got further (at most once a second), succeeded or failed. Ask `layers.base.resolve()`.
base_changed = Signal()
