"""Every error vibenv raises on purpose.

    VibenvError                  something a user can be told: what failed, why, what to do next
    ├── PolicyRejected           the request is well formed but not allowed now (HTTP 409)
    ├── InvalidInput             the request is malformed (HTTP 422)
    ├── BuildError               a layer could not be built
    │   └── BuildCancelled       somebody did not want it any more
    └── EngineError              the container engine failed or refused
        ├── EngineUnreachable    no engine answered (retry later)
        └── NameTaken            the deterministic name belongs to somebody else's container

The tree lives here because `engines` is the lowest package: everything above may raise and catch it.
"""


class VibenvError(Exception):
    """`str(error)` is shown to users as it is: one or two sentences, the last saying what to do."""

    permanent = True


class PolicyRejected(VibenvError):
    """Well formed, but refused in the present state."""


class InvalidInput(VibenvError):
    """Malformed input; the message names the field and what it takes."""


class BuildError(VibenvError):
    """A layer could not be built; its log says more."""


class BuildCancelled(BuildError):
    """Somebody cancelled it."""


class EngineError(VibenvError):
    """The engine failed. `permanent` is False where the same call may succeed later."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class EngineUnreachable(EngineError):
    """Nothing answered at the engine's address."""


class NameTaken(EngineError):
    """A container or network of that name exists and carries another owner's labels."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)
