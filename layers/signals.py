"""News of layers, sent after commit in the process that made the change."""

from django.dispatch import Signal

# The base image's build began, got further (at most once a second), succeeded or failed. Ask `layers.base.resolve()`.
base_changed = Signal()
# Any build was asked for, began, got further (at most once a second) or ended. `build_id` says which `Build`.
build_changed = Signal()
# Anything that a list of a board's recipes, stacks or exports shows has changed. `scope` is the board's id.
recipes_changed = Signal()
