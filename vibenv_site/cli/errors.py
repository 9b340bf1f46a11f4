"""What goes wrong on the command line, and the exit codes that say so (README, *The command line*)."""

from __future__ import annotations

from typing import Final

from engines.errors import VibenvError

FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
NO_ACCESS: Final = 4
UNREACHABLE: Final = 5
TIMEOUT: Final = 6
INTERRUPTED: Final = 130


class CliError(VibenvError):
    """`what` happened in one line, what `todo` in another, and the exit code."""

    def __init__(self, what: str, todo: str = "", code: int = FAILED) -> None:
        super().__init__(f"{what}\n{todo}" if todo else what)
        self.code = code


class ApiError(CliError):
    """The server refused; `status` is HTTP's, `body` its problem."""

    def __init__(self, status: int, detail: str, todo: str = "", body: object = None) -> None:
        super().__init__(detail, todo, EXIT_OF.get(status, FAILED))
        self.status = status
        self.body = body


EXIT_OF: Final = {
    401: NO_ACCESS,
    403: NO_ACCESS,
    404: NOT_FOUND,
    408: TIMEOUT,
    410: NOT_FOUND,
    502: UNREACHABLE,
    503: UNREACHABLE,
    504: TIMEOUT,
}
