"""Values that must be read again, kept so that the database alone does not betray them."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from engines.errors import PolicyRejected

LOST = "It was sealed with another key than this vibenv's (VIBENV_SECRET_KEY, or secret-key in the data directory). Set it anew."


def seal(text: str) -> str:
    """Encrypted and signed, with the time; another text each time."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises `PolicyRejected` where it was sealed with another key."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise PolicyRejected(LOST) from error


def _fernet() -> Fernet:
    return _with_key(settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _with_key(secret: str) -> Fernet:
    """The key is long and random, so one round of a hash makes another of it that tells nothing of the first."""
    made = hashlib.blake2b(secret.encode(), digest_size=32, person=b"vibenv-sealing").digest()
    return Fernet(base64.urlsafe_b64encode(made))
