"""A build's request as its row keeps it, so that any worker can take it up."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from layers.builders.protocol import BaseRequest, BuildRequest
from layers.models import Kind

AnyRequest = BuildRequest | BaseRequest


def kind_of(request: AnyRequest) -> Kind:
    return request.kind if isinstance(request, BuildRequest) else Kind.BASE


def to_json(request: AnyRequest) -> dict[str, Any]:
    plain = asdict(request)
    plain["trust"] = str(request.trust) if request.trust else None
    if isinstance(request, BuildRequest):
        plain["inputs"] = {name: str(path) for name, path in request.inputs.items()}
        plain["environment"] = dict(request.environment)
    return plain


def from_json(plain: dict[str, Any]) -> AnyRequest:
    fields = dict(plain)
    fields["trust"] = Path(fields["trust"]) if fields["trust"] else None
    if "kind" not in fields:
        fields["packages"] = tuple(fields["packages"])
        return BaseRequest(**fields)
    fields["kind"] = Kind(fields["kind"])
    fields["inputs"] = {name: Path(path) for name, path in fields["inputs"].items()}
    return BuildRequest(**fields)
