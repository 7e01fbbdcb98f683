"""Voices.

Nobody's voice is cloned without their consent: the parameter `consent`, a record with the id of who
gave it, which the runtime sets and no text of a feature can. The stand-in keeps the samples, says
`cloned: false`, and makes no sound.
"""

from pydantic import JsonValue

from one.errors import Outside
from one.ontology.services import Action, Parameter, Service
from one.providers.base import Ask, Book, Fields, Provider, Stage, StandIn, already, refused

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
