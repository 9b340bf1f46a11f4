"""The certificates that builds trust instead of their base's own: those of a company that looks into TLS, say."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings

MACHINES_OWN: Final = Path("/etc/ssl/certs/ca-certificates.crt")


def bundle() -> Path | None:
    """`VIBENV_CA_BUNDLE`, else what this machine trusts; None where neither is there."""
    wanted = Path(settings.CA_BUNDLE).expanduser() if settings.CA_BUNDLE else MACHINES_OWN
    return wanted if wanted.is_file() else None
