"""Language models behind any OpenAI-compatible address.

A call may say `as` what it wants its answer: text, text[], number, boolean or json; else it is as
the catalogue has it.
"""

from dataclasses import replace

from one.ontology.services import Action, Parameter, Service
from one.providers.base import Ask, Direct, Fields, Http, Provider, Reach, Stage
from one.providers.openai import extractive
from one.providers.openai.client import Client
from one.providers.openai.local import Local, model_file
from one.settings import Settings

_PROMPT = Parameter("instruction", "text", words=("prompt", "task", "question"))
_INPUT = Parameter(
    "input", "text", words=("text", "message", "content", "transcript", "post", "document")
)
_CONTEXT = Parameter("context", "json")
_SYSTEM = Parameter(
    "system", "text", words=("personality", "systemprompt", "style", "voice", "tone")
)


def _write(name: str, *phrases: str, result: str = "text") -> Action:
    return Action(name, phrases, (_PROMPT, _INPUT, _SYSTEM, _CONTEXT), result)


SERVICES = (
    Service(
        "openai",
        "OpenAI",
        (
            "openai",
            "open ai",
            "gpt",
            "chatgpt",
            "ai",
            "the ai",
            "language model",
            "model",
            "llm",
            "ai model",
            "an ai",
        ),
        (
            _write(
                "generate",
                "generate text",
                "generate a post",
                "generate post",
                "generate",
                "create text",
                "draft",
            ),
            _write(
                "generateIdeas",
                "generate ideas",
                "brainstorm",
                "suggest ideas",
                result="text[]",
            ),
            Action(
                "generateImage",
                ("generate image", "generate an image", "create image", "draw", "make an image"),
                (_PROMPT, Parameter("size", "text"), _CONTEXT),
                result="text",
            ),
            _write("analyze", "analyze", "analyse", "review", "evaluate", "score", "assess"),
            _write("summarize", "summarize", "summarise", "sum up"),
            _write("identify", "identify", "find", "extract", "list", "pick out"),
            Action(
                "translate",
                ("translate",),
                (
                    replace(_INPUT, required=True),
                    Parameter("language", "text", words=("target", "into", "to")),
                    _SYSTEM,
                    _CONTEXT,
                ),
            ),
            _write("write", "write", "compose", "rewrite", "improve"),
            _write("answer", "answer", "reply", "respond", "chat"),
            Action(
                "transcribe",
                ("transcribe", "transcribe audio", "transcribe video"),
                (
                    Parameter(
                        "source",
                        "json",
                        required=True,
                        words=(
                            "audio",
                            "video",
                            "file",
                            "recording",
                            "url",
                            "video link",
                            "videolink",
                            "link",
                        ),
                    ),
                    Parameter("language", "text"),
                ),
            ),
            Action(
                "extractAudio",
                ("extract audio", "get audio", "pull audio"),
                (
                    Parameter(
                        "source",
                        "json",
                        required=True,
                        words=(
                            "video",
                            "videos",
                            "videolinks",
                            "videourls",
                            "file",
                            "recording",
                            "url",
                            "links",
                        ),
                    ),
                ),
            ),
            Action(
                "moderate",
                ("moderate", "check for abuse", "check content"),
                (_INPUT,),
                result="json",
            ),
            Action(
                "embed", ("embed", "create embedding", "make embedding"), (_INPUT,), result="json"
            ),
            Action(
                "searchKnowledge",
                ("search knowledge", "search the knowledge base", "look up knowledge"),
                (Parameter("query", "text", words=("question", "topic")), _CONTEXT),
            ),
        ),
        open="generate",
        doc="Text, ideas, images, analysis and transcripts by a language model.",
    ),
)


def standins(stage: Stage) -> tuple[Provider, ...]:
    how = "repeats passages of what it is given; ONE_OPENAI_KEY or ONE_LLM=local for a model"
    return (Direct(SERVICES[0], extractive.ACTS, stage=stage, reach=Reach("sandbox", how)),)


class Model:
    """A model whose client, and whose server if it is a local one, begins with the first call."""

    def __init__(self, settings: Settings) -> None:
        import asyncio

        self._settings = settings
        self._lock = asyncio.Lock()
        self._client: Client | None = None
        self._local: Local | None = None

    async def act(self, ask: Ask) -> Fields:
        import asyncio

        async with self._lock:
            if self._client is None:
                self._client = await asyncio.to_thread(self._begin)
        return await self._client.act(ask.method)(ask)

    async def leave(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _begin(self) -> Client:
        settings = self._settings
        links = Http("The link", public=not settings.private_addresses)
        if settings.llm == "local":
            self._local = Local()
            return Client(self._local.url, key=self._local.key, model="smollm2", links=links)
        key = settings.openai_key.get_secret_value()
        return Client(settings.openai_url, key=key, model=settings.openai_model, links=links)


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    """Raises Invalid where the local model is wanted and not installed."""
    local, key = settings.llm == "local", settings.openai_key.get_secret_value()
    if not local and not key:
        return ()
    model = Model(settings)
    how = f"{settings.openai_model} at {settings.openai_url}"
    if local:
        how = f"{model_file().name} on this machine (ONE_LLM)"
    reach = Reach("local" if local else "live", how, leave=model.leave)
    acts = dict.fromkeys(SERVICES[0].by_name, model.act)
    return (Direct(SERVICES[0], acts, stage=stage, reach=reach),)
