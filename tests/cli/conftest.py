"""What the commands run on."""

from tests.web.conftest import settings

__all__ = ["settings"]
