"""Language models behind any OpenAI-compatible address.

A call may say `as` what it wants its answer: text (else), text[], number, boolean or json.
"""

from dataclasses import replace

from one.ontology.services import Action, Parameter, Service
from one.providers.base import Direct, Provider, Reach, Stage
from one.providers.openai import extractive

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
