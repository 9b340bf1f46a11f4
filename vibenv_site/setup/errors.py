"""The one error of set-up: what failed, why, and what to do next."""

from engines.errors import VibenvError


class SetupError(VibenvError):
    """Something vibenv needs is missing or broken, and it cannot mend it itself."""
