"""A build's request as its row keeps it, so that any worker can take it up."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from layers.builders.protocol import BuildRequest
from layers.models import Kind


def to_json(request: BuildRequest) -> dict[str, Any]:
    plain = asdict(request)
    plain["inputs"] = {name: str(path) for name, path in request.inputs.items()}
    plain["trust"] = str(request.trust) if request.trust else None
    plain["environment"] = dict(request.environment)
    return plain


def from_json(plain: dict[str, Any]) -> BuildRequest:
    fields = dict(plain)
    fields["kind"] = Kind(fields["kind"])
    fields["inputs"] = {name: Path(path) for name, path in fields["inputs"].items()}
    fields["trust"] = Path(fields["trust"]) if fields["trust"] else None
    return BuildRequest(**fields)
