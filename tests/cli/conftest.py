"""What the commands run on."""

from tests.web.conftest import postgres_url, settings

__all__ = ["postgres_url", "settings"]
