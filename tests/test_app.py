"""Which space a host name stands for."""

from uuid import UUID

import pytest

from one.app import App
from one.errors import Invalid
from one.runtime import Deployment
from one.settings import Settings, read_settings
from one.store import DEFAULT_SPACE, Desk

FIT = UUID("00000000-0000-7000-8000-0000000000aa")


@pytest.mark.parametrize(
    ("host", "space"),
    [
        ("fit.example", FIT),
        ("Fit.Example.:8000", FIT),
        ("[::1]:8000", FIT),
        ("yoga.example", DEFAULT_SPACE),
        ("sub.fit.example", DEFAULT_SPACE),
        ("", DEFAULT_SPACE),
    ],
)
def test_a_host_shows_the_space_that_the_settings_name(desk: Desk, host: str, space: UUID) -> None:
    settings = read_settings({"ONE_SPACES": f"fit.example={FIT}, [::1]={FIT}"})
    assert App(Deployment(settings, desk), ()).space_of(host) == space


def test_without_the_setting_every_host_shows_the_default_space(desk: Desk) -> None:
    assert App(Deployment(Settings(), desk), ()).space_of("fit.example") == DEFAULT_SPACE


@pytest.mark.parametrize("text", ["fit.example", f"={FIT}", f"a.b={FIT},A.b={FIT}", "a.b=1"])
def test_spaces_that_can_not_be_read_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_settings({"ONE_SPACES": text})
    assert refused.value.faults[0].pointer == "/ONE_SPACES"
