"""Short public ids and container-safe names."""

import re
import secrets
import unicodedata

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no look-alikes: ids are read aloud and typed


def new_id() -> str:
    """An id of 12 characters, about 60 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def slug(title: str, limit: int = 30) -> str:
    """A title as a host and container name: ASCII letters, digits and single dashes; never empty."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:limit].strip("-") or "card"
