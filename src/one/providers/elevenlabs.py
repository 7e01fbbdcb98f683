"""Voices.

Nobody's voice is cloned without their consent: the parameter `consent`, a record with the id of who
gave it, which the runtime sets and no text of a feature can. The stand-in keeps the samples, says
`cloned: false`, and makes no sound.
"""

import base64

import orjson
from pydantic import JsonValue

from one.errors import Outside
from one.ontology.services import Action, Parameter, Service
from one.providers.base import (
    Ask,
    Book,
    Direct,
    Fields,
    File,
    Http,
    Provider,
    Reach,
    Sent,
    Stage,
    StandIn,
    already,
    refused,
)
from one.settings import Settings

SERVICES = (
    Service(
        "elevenlabs",
        "ElevenLabs",
        ("elevenlabs", "eleven labs", "voice service", "voice provider"),
        (
            Action(
                "cloneVoice",
                ("clone voice", "clone a voice", "clone my voice", "create voice", "train voice"),
                (
                    Parameter(
                        "samples",
                        "json",
                        required=True,
                        words=(
                            "audio",
                            "audiosamples",
                            "recordings",
                            "sample",
                            "recording",
                            "videos",
                            "videolinks",
                        ),
                    ),
                    Parameter("name", "text"),
                ),
                result="text",
                effect="reversible",
                inverse="deleteVoice",
                errors=("VoiceRefused",),
            ),
            Action(
                "deleteVoice",
                ("delete voice", "remove voice", "delete the voice"),
                (Parameter("voice", "text", required=True, words=("voiceid", "id")),),
                result="boolean",
                effect="irreversible",
            ),
            Action(
                "speak",
                ("speak", "say", "read aloud", "generate speech", "create audio", "text to speech"),
                (
                    Parameter("text", "text", required=True, words=("script", "message", "words")),
                    Parameter("voice", "text", words=("voiceid",)),
                ),
                result="text",
            ),
        ),
        doc="Clones voices and speaks with them.",
    ),
)


class VoiceRefused(Outside):
    """No voice was cloned: consent or samples are missing, or the service does not want to."""

    title = "Voice refused"


def _consent(ask: Ask) -> str:
    """The id of who agreed. Raises VoiceRefused."""
    given = ask.params.get("consent")
    if not isinstance(given, dict) or not given.get("id"):
        raise VoiceRefused(
            "A voice is cloned only with the consent of the one whose it is.",
            cure="Let that person agree; their consent is kept with the voice.",
            outcome="not_done",
            retryable=False,
        )
    return str(given["id"])


def _samples(ask: Ask) -> list[JsonValue]:
    given = ask.params.get("samples")
    samples: list[JsonValue] = given if isinstance(given, list) else [given]
    if not any(samples):
        raise VoiceRefused(
            "There are no samples of the voice.",
            cure="Give at least one recording.",
            outcome="not_done",
            retryable=False,
        )
    return samples


async def _clone(book: Book, ask: Ask) -> Fields:
    consent, samples = _consent(ask), _samples(ask)
    id = ask.id("voice")
    voice: Fields = {"id": id, "name": ask.text("name"), "samples": samples, "consent": consent}
    await book.put("voice", {**voice, "at": ask.at.isoformat()})
    return {"value": id, "id": id, "cloned": False, "samples": len(samples)}


async def _delete(book: Book, ask: Ask) -> Fields:
    id = ask.id_of("voice")
    voice = await book.get("voice", id)
    if voice is None:
        raise refused(f"There is no voice {id}.")
    if voice.get("deleted"):
        raise already("This voice is deleted already.")
    await book.put("voice", {"id": id, "deleted": True})
    return {"value": True, "id": id}


async def _speak(book: Book, ask: Ask) -> Fields:
    del book
    return {
        "value": f"sandbox:speech/{ask.id('speech')}",
        "text": ask.needed("text"),
        "spoken": False,
    }


_ACTS = {"cloneVoice": _clone, "deleteVoice": _delete, "speak": _speak}


def standins(stage: Stage) -> tuple[Provider, ...]:
    how = "keeps samples, clones nothing; ONE_ELEVENLABS_KEY for the real one"
    return (StandIn(SERVICES[0], _ACTS, stage=stage, how=how),)


_API = "https://api.elevenlabs.io"
_DEFAULT_VOICE = "21m00Tcm4TlvDq8ikWAM"


class ElevenLabs:
    """The real service; at `url` there may be another that speaks as it does."""

    def __init__(self, key: str, *, links: Http, url: str = _API) -> None:
        self._headers = {"xi-api-key": key}
        self._url = url
        self._links = links
        self.http = Http("ElevenLabs", timeout=60)

    async def close(self) -> None:
        await self.http.close()
        await self._links.close()

    async def clone(self, ask: Ask) -> Fields:
        """The service knows no keys: the voice carries ours, and is looked for first."""
        consent, mark = _consent(ask), ask.id("voice")
        files = [
            await self._links.file(sample, f"sample{n}")
            for n, sample in enumerate(_samples(ask), 1)
        ]
        more: Fields = {"cloned": True, "samples": len(files), "consent": consent}
        id = await self._marked(mark) or await self._add(ask, mark, files)
        return {"value": id, "id": id, **more}

    async def _marked(self, mark: str) -> str:
        """The voice that carries a mark."""
        sent = Sent("GET", f"{self._url}/v1/voices", headers=self._headers, effect=False)
        answer = (await self.http.send(sent)).json()
        voices = answer.get("voices") if isinstance(answer, dict) else None
        for voice in voices if isinstance(voices, list) else []:
            if isinstance(voice, dict) and voice.get("description") == mark:
                return str(voice.get("voice_id"))
        return ""

    async def _add(self, ask: Ask, mark: str, files: list[File]) -> str:
        import httpx2

        form = httpx2.Request(
            "POST",
            f"{self._url}/v1/voices/add",
            data={"name": ask.text("name", "A voice"), "description": mark},
            files=[("files", (file.name, file.content, file.kind)) for file in files],
        )
        headers = self._headers | {"content-type": form.headers["content-type"]}
        try:
            came = await self.http.send(Sent("POST", str(form.url), form.read(), headers))
        except Outside as error:
            if error.outcome == "not_done" and not error.retryable:
                raise VoiceRefused(error.message, outcome="not_done", retryable=False) from error
            raise
        answer = came.json()
        return str(answer.get("voice_id")) if isinstance(answer, dict) else ""

    async def delete(self, ask: Ask) -> Fields:
        id = ask.id_of("voice")
        url = f"{self._url}/v1/voices/{id}"
        await self.http.send(Sent("DELETE", url, headers=self._headers, fine=(404,)))
        return {"value": True, "id": id}

    async def speak(self, ask: Ask) -> Fields:
        voice = ask.id_of("voice", _DEFAULT_VOICE)
        body = orjson.dumps({"text": ask.needed("text"), "model_id": "eleven_multilingual_v2"})
        url = f"{self._url}/v1/text-to-speech/{voice}"
        headers = self._headers | {"content-type": "application/json"}
        came = await self.http.send(Sent("POST", url, body, headers, effect=False))
        sound = base64.b64encode(came.content).decode()
        return {"value": f"data:audio/mpeg;base64,{sound}", "spoken": True}


def real(client: ElevenLabs, stage: Stage) -> Provider:
    """The service by one client."""
    acts = {"cloneVoice": client.clone, "deleteVoice": client.delete, "speak": client.speak}
    reach = Reach("live", "ONE_ELEVENLABS_KEY", leave=client.close)
    return Direct(SERVICES[0], acts, stage=stage, reach=reach)


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    key = settings.elevenlabs_key.get_secret_value()
    links = Http("The link", public=not settings.private_addresses)
    return (real(ElevenLabs(key, links=links), stage),) if key else ()
