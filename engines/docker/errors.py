"""Turn what the docker library raises into our own errors, so that a failure never reads as "gone"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker.errors
import urllib3

from engines.errors import EngineError, EngineUnreachable


class Missing(EngineError):
    """The engine positively said that the named object does not exist."""


class Conflict(EngineError):
    """The engine refused because of what exists (409, or 403 for networks); `explanation` is its own word."""

    def __init__(self, message: str, explanation: str) -> None:
        super().__init__(message)
        self.explanation = explanation


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Run engine calls; `doing` completes "The engine could not …" in the message for people."""
    try:
        yield
    except docker.errors.APIError as error:
        raise _from_answer(doing, error) from error
    except (docker.errors.DockerException, ValueError) as error:  # first: requests' JSON errors are OSErrors, too
        raise EngineError(f"The engine could not {doing}: its answer was not understood ({error}).") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:  # what requests raises is an OSError
        raise unreachable(doing, error) from error


def unreachable(doing: str, error: Exception) -> EngineUnreachable:
    return EngineUnreachable(
        f"The container engine did not answer, so it could not {doing} ({_innermost(error)}). "
        "Check that it runs (`docker info`), then try again."
    )


def _from_answer(doing: str, error: docker.errors.APIError) -> EngineError:
    status = error.status_code or 0
    explanation = str(error.explanation or error)
    message = f"The engine could not {doing}: {explanation.strip().rstrip('.')}."
    if status == 404 and _says_absent(explanation):
        return Missing(message)
    if status in (403, 409):
        return Conflict(message, explanation)
    return EngineError(message, permanent=400 <= status < 500 and status not in (404, 408, 429))


def _says_absent(explanation: str) -> bool:
    """A 404 of the engine names what is missing; one of a proxy or another server does not."""
    text = explanation.lower().strip().rstrip(".")
    if "page not found" in text:
        return False
    return "no such" in text or "could not find the file" in text or text.endswith((" not found", " does not exist"))


def _innermost(error: BaseException) -> str:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return str(error) or type(error).__name__
