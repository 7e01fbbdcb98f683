"""The client of any server that speaks as OpenAI does, over its official SDK.

The SDK repeats nothing: that is what runs do. It is heavy, so it is loaded with the first client.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import orjson
from pydantic import JsonValue

from one.errors import Outside
from one.providers.base import Ask, Fields, Http, busy, of_status, refused, unclear

_EMBEDDING, _IMAGE, _SPEECH = "text-embedding-3-small", "gpt-image-1", "whisper-1"
_TASKS = {
    "generateIdeas": "Suggest ideas.",
    "analyze": "Analyze what is given.",
    "summarize": "Summarize what is given.",
    "identify": "Pick out what matters most.",
    "write": "Write what is asked for.",
    "answer": "Answer the message.",
    "searchKnowledge": "Answer the question from the context alone; say so if it isn't there.",
}
_SHAPES: dict[str, dict[str, object]] = {
    "text[]": {"type": "array", "items": {"type": "string"}},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "json": {"type": "object"},
}
_OWN = {"instruction", "input", "system", "query", "language", "size", "as", "source"}
_HOW = "Do what you are asked, and answer with the result alone."
_TITLE = "The language model"
ResultT = TypeVar("ResultT")


class Client:
    """`acts` has what it can do, by the names of the catalogue."""

    def __init__(
        self, url: str, *, key: str, model: str, links: Http, patience: float = 120
    ) -> None:
        import openai
        from openai.types import shared_params

        self._sdk = openai
        self._types = shared_params
        self._openai = openai.AsyncOpenAI(
            api_key=key, base_url=url, max_retries=0, timeout=patience
        )
        self._model = model
        self._links = links

    async def close(self) -> None:
        await self._openai.close()
        await self._links.close()

    def act(self, method: str) -> Callable[[Ask], Awaitable[Fields]]:
        """What does a method of the catalogue."""
        others = {
            "generateImage": self._draw,
            "transcribe": self._transcribe,
            "extractAudio": self._as_it_is,
            "moderate": self._moderate,
            "embed": self._embed,
        }
        return others.get(method, self._write)

    async def _write(self, ask: Ask) -> Fields:
        wanted = ask.shape
        shape = self._sdk.omit
        if wanted != "text":
            shape = self._types.ResponseFormatJSONSchema(
                type="json_schema",
                json_schema={
                    "name": "answer",
                    "strict": wanted != "json",
                    "schema": _schema(wanted),
                },
            )
        answer = await self._asked(
            self._openai.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": ask.text("system", _HOW)},
                    {"role": "user", "content": _task(ask)},
                ],
                response_format=shape,
            )
        )
        choice = answer.choices[0] if answer.choices else None
        if choice is None or (choice.message.content is None and not choice.message.refusal):
            raise busy(f"{_TITLE} answered nothing.")
        if choice.message.refusal:
            raise refused(f"{_TITLE} doesn't want to do this.")
        text = choice.message.content or ""
        used = answer.usage
        return {
            "id": answer.id,
            "value": text if wanted == "text" else _read(text, wanted),
            "model": answer.model,
            "generative": True,
            "complete": choice.finish_reason != "length",
            "tokens": (used.prompt_tokens + used.completion_tokens) if used else 0,
        }

    async def _draw(self, ask: Ask) -> Fields:
        prompt = ask.needed("instruction")
        answer = await self._asked(self._openai.images.generate(model=_IMAGE, prompt=prompt))
        image = answer.data[0] if answer.data else None
        if image is None:
            raise busy(f"{_TITLE} drew nothing.")
        url = image.url or f"data:image/png;base64,{image.b64_json}"
        return {"value": url, "model": _IMAGE, "generative": True, "drawn": True}

    async def _transcribe(self, ask: Ask) -> Fields:
        file = await self._links.file(ask.params.get("source"), "recording")
        answer = await self._asked(
            self._openai.audio.transcriptions.create(
                model=_SPEECH, file=(file.name, file.content, file.kind)
            )
        )
        return {"value": answer.text, "model": _SPEECH, "generative": True, "transcribed": True}

    async def _as_it_is(self, ask: Ask) -> Fields:
        """The recording as it is: what transcribes or clones takes a video too."""
        return {"value": ask.params.get("source"), "extracted": False}

    async def _moderate(self, ask: Ask) -> Fields:
        answer = await self._asked(self._openai.moderations.create(input=ask.needed("input")))
        found = answer.results[0]
        categories: dict[str, JsonValue] = dict(found.categories.model_dump())
        return {"id": answer.id, "flagged": found.flagged, "categories": categories}

    async def _embed(self, ask: Ask) -> Fields:
        answer = await self._asked(
            self._openai.embeddings.create(model=_EMBEDDING, input=ask.needed("input"))
        )
        vector: list[JsonValue] = [*answer.data[0].embedding]
        return {"value": vector, "vector": vector, "model": answer.model}

    async def _asked(self, call: Awaitable[ResultT]) -> ResultT:
        """The answer. Raises Outside."""
        sdk = self._sdk
        try:
            return await call
        except sdk.APIStatusError as error:
            raise _refusal(error.status_code, error.code) from error
        except sdk.APIConnectionError as error:
            raise _lost(error.__cause__) from error
        except sdk.APIError as error:
            raise busy(f"{_TITLE} answered what can't be read.") from error
        except (orjson.JSONDecodeError, ValueError) as error:
            raise busy(f"{_TITLE} answered what can't be read.") from error


def _refusal(status: int, code: str | None) -> Outside:
    if code == "insufficient_quota":
        return refused(f"{_TITLE} has no credit left.", cure="Whoever runs this should look.")
    return of_status(_TITLE, status, effect=False)


def _lost(cause: BaseException | None) -> Outside:
    import httpx2

    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return busy(f"{_TITLE} can't be reached.")
    return unclear(f"{_TITLE} was asked and did not answer.")


def _task(ask: Ask) -> str:
    """The task and what it is about, as one message."""
    task = ask.text("instruction") or ask.text("query") or _TASKS.get(ask.method, "")
    if ask.method == "translate":
        task = f"Translate into {ask.text('language', 'English')}."
    given = {key: value for key, value in ask.params.items() if key not in _OWN and value}
    context = orjson.dumps(given, option=orjson.OPT_INDENT_2).decode() if given else ""
    parts = (task, ask.text("input"), f"Context:\n{context}" if context else "")
    found = "\n\n".join(part for part in parts if part)
    if not found:
        raise ask.missing("instruction")
    return found


def _schema(wanted: str) -> dict[str, object]:
    """An object whose `value` is what is wanted; servers take no other schema."""
    return {
        "type": "object",
        "properties": {"value": _SHAPES[wanted]},
        "required": ["value"],
        "additionalProperties": False,
    }


def _read(text: str, wanted: str) -> JsonValue:
    """The value in a structured answer. Raises Outside where it isn't as was asked."""
    try:
        answer: JsonValue = orjson.loads(text)
    except ValueError as error:
        raise busy(f"{_TITLE} did not answer in the form that was asked for.") from error
    value = answer.get("value") if isinstance(answer, dict) else None
    match wanted, value:
        case ("boolean", bool()) | ("number", int() | float()):
            return value
        case "json", dict():
            return value
        case "text[]", list():
            return [str(item) for item in value]
        case _:
            raise busy(f"{_TITLE} did not answer in the form that was asked for.")
