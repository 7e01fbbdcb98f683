"""`one services` tells live from stand-in."""

import pytest
from click.testing import CliRunner

from one.cli.services import command


def test_services_are_listed_with_how_they_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_SMTP_URL", "smtp://ana:secret@mail.example:587")
    monkeypatch.setenv("ONE_MAIL_FROM", "ana@one.example")
    done = CliRunner().invoke(command)
    lines = {line.split()[0]: line for line in done.output.splitlines()}
    assert lines["stripe"].split()[1] == "sandbox"
    assert lines["storage"].split()[1] == "local"
    assert "mail.example" in lines["email"]
    assert "secret" not in done.output
