"""What only this deployment can read, or can have made: sealed texts and signatures, by its keys.

The newest key seals and signs; the older ones still open and know their own, until they are
taken out. Keys live outside the database, so that who has only the one has neither.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Seal:
    """`keys` are texts of any length, newest first; there is at least one."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [hashlib.sha256(b"sign:" + key.encode()).digest() for key in keys]
        boxes = [Fernet(_fernet_key(key)) for key in keys]
        self._newest, self._box = boxes[0], MultiFernet(boxes)

    def close(self, text: str) -> str:
        """Sealed: who has no key learns its length alone."""
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """What was sealed; none where no key of ours fits or it was tampered with."""
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key alone opens it."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def sign(self, text: str) -> str:
        """A signature of 43 letters that nobody else can make."""
        return _signed(self._keys[0], text)

    def signed(self, text: str, signature: str) -> bool:
        """Whether we made it, with any key; how long it takes doesn't tell."""
        given = signature.encode()
        fits = [hmac.compare_digest(_signed(key, text).encode(), given) for key in self._keys]
        return any(fits)

    def digits(self, text: str) -> str:
        """A code of six digits that follows from `text`."""
        digest = hmac.new(self._keys[0], b"digits:" + text.encode(), hashlib.sha256).digest()
        return f"{int.from_bytes(digest[:8]) % 1_000_000:06}"


def _fernet_key(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"seal:" + key.encode()).digest())


def _signed(key: bytes, text: str) -> str:
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
