"""The stand-in for a language model: it finds, counts and repeats, and never makes anything up.

What it answers are passages of what it was given, word for word, with their sources and how much
of the question they hold. Every answer says `generative: false`.
"""

import hashlib
import math
import re
from collections.abc import Sequence
from html import escape

from pydantic import JsonValue

from one.providers.base import Ask, Fields
from one.providers.openai.passages import Passage, Passages, words

NOTHING = "No answer found in what was given."
_ENOUGH = 0.3
_NOT_GIVEN = {"instruction", "system", "query", "language", "size", "as", "source"}
_COUNTED = "one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = {word: n for n, word in enumerate(re.findall(r"\w+", _COUNTED), 1)}
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?")
_VAGUE = frozenset(
    words(
        "answer question text post content message idea key main important takeaway point topic"
        " theme summary summarize identify find list extract analyze write generate create draft"
        " short long following transcript document reply respond write new good best most"
    )
)
_ABUSE = {
    "violence": ("kill you", "hurt you", "beat you", "shoot you", "stab"),
    "harassment": ("idiot", "moron", "stupid", "hate you", "shut up", "loser"),
    "selfHarm": ("kill myself", "hurt myself", "end my life", "suicide"),
    "fraud": ("wire me", "gift card", "seed phrase", "your password", "guaranteed profit"),
}


def _given(ask: Ask) -> Passages:
    """All that was given to speak of; what instructs is never repeated."""
    return Passages.of({key: v for key, v in ask.params.items() if key not in _NOT_GIVEN})


def _wanted(ask: Ask, usual: int) -> int:
    """How many were asked for: `the 5 key takeaways`."""
    said = ask.text("instruction").casefold()
    found = re.search(rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})\b", said)
    if found is None:
        return usual
    number = int(found[1]) if found[1].isdigit() else _NUMBERS[found[1]]
    return min(max(number, 1), 50)


def _fields(value: JsonValue, passages: Sequence[Passage], confidence: float) -> Fields:
    sources: list[JsonValue] = [{"text": each.text, "source": each.source} for each in passages]
    return {
        "value": value,
        "confidence": confidence,
        "sources": sources,
        "model": "extractive",
        "generative": False,
    }


def _question(ask: Ask) -> list[str]:
    """The words of what is asked, without those that only say that something is."""
    said = " ".join(ask.text(name) for name in ("instruction", "query"))
    return [word for word in words(said) if word not in _VAGUE]


def _chosen(ask: Ask, usual: int) -> tuple[list[Passage], float]:
    """The passages asked about; where the question names none, those that matter most."""
    given, most = _given(ask), _wanted(ask, usual)
    found, confidence = given.about(_question(ask), most=most)
    if confidence >= _ENOUGH:
        return found, confidence
    if _question(ask) and ask.method in ("answer", "searchKnowledge"):
        return [], 0.0
    return given.central(most), 0.0


async def answer(ask: Ask) -> Fields:
    """The passages that a question is about, in the shape that is asked for."""
    if not _question(ask) and ask.text("input"):  # the message is the question
        asked = {**ask.params, "instruction": ask.text("input"), "input": None}
        ask = Ask(ask.service, ask.method, asked, ask.key, ask.at)
    passages, confidence = _chosen(ask, 3)
    return _shaped(ask, passages, confidence)


async def pick(ask: Ask) -> Fields:
    """What matters most, or what the instruction names."""
    passages, confidence = _chosen(ask, 5)
    return _shaped(ask, passages, confidence)


def _shaped(ask: Ask, passages: Sequence[Passage], confidence: float) -> Fields:
    match ask.shape:
        case "text[]":
            texts: list[JsonValue] = [each.text for each in passages]
            return _fields(texts, passages, confidence)
        case "number":
            found = (_NUMBER.search(each.text) for each in passages)
            number = next((float(each[0].replace(",", "")) for each in found if each), None)
            sure = confidence if number is not None else 0.0
            number = number or 0.0
            whole = int(number) if number.is_integer() else number
            return _fields(whole, passages, sure)
        case "boolean":
            return _fields(confidence >= 0.5, passages, confidence)
        case "json":
            found_texts: list[JsonValue] = [each.text for each in passages]
            return {"passages": found_texts, **_fields(found_texts, passages, confidence)}
        case _:
            text = " ".join(each.text for each in passages)
            return _fields(text or NOTHING, passages, confidence)


async def compose(ask: Ask) -> Fields:
    """A text out of what was given; without anything, it says that there is no model."""
    passages, confidence = _chosen(ask, 4)
    if passages or ask.shape != "text":
        return _shaped(ask, passages, confidence)
    asked = ask.text("instruction") or ask.method
    return _fields(f"(No language model is set up here. Asked for: {asked})", (), 0.0)


async def ideas(ask: Ask) -> Fields:
    """The things that what was given speaks of most, as a list."""
    given, most = _given(ask), _wanted(ask, 5)
    passages = given.central(most)
    topics: list[JsonValue] = [*(each.text for each in passages)]
    if not topics:
        topics.extend([*dict.fromkeys(words(ask.text("instruction")))][:most])
    return _fields(topics, passages, 0.0)


async def summarize(ask: Ask) -> Fields:
    """The sentences that say most of the whole, in their order."""
    passages = _given(ask).central(_wanted(ask, 3))
    return _shaped(ask, passages, 1.0 if passages else 0.0)


async def analyze(ask: Ask) -> Fields:
    """What can be counted; asked for another shape, it looks for it in the text."""
    if ask.shape != "text":
        return await pick(ask)
    given = _given(ask)
    count = sum(len(each.text.split()) for each in given.items)
    if not count:
        return _fields(NOTHING, (), 0.0)
    often = [word for word, times in given.counts.most_common(5) if times > 1]
    spoken = f" Said most often: {', '.join(often)}." if often else ""
    text = (
        f"{count} words in {len(given.items)} sentences,"
        f" about {math.ceil(count / 220)} min to read.{spoken}"
    )
    return _fields(text, given.central(2), 1.0)


async def translate(ask: Ask) -> Fields:
    """The text as it is: without a model nothing is translated, and the answer says so."""
    fields = _fields(ask.text("input"), (), 0.0)
    return {**fields, "translated": False, "language": ask.text("language")}


async def moderate(ask: Ask) -> Fields:
    """Flags by a short list of words, which stands in this file."""
    text = f" {ask.text('input').casefold()} "
    found: dict[str, JsonValue] = {
        category: any(word in text for word in listed) for category, listed in _ABUSE.items()
    }
    flagged = any(found.values())
    return {"flagged": flagged, "categories": found, **_fields(flagged, (), 0.0)}


async def embed(ask: Ask) -> Fields:
    """A vector of 256 by which texts with the same words are near each other."""
    vector = [0.0] * 256
    for word in words(ask.text("input")):
        digest = hashlib.sha256(word.encode()).digest()
        vector[digest[0]] += 1.0 if digest[1] & 1 else -1.0
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    unit: list[JsonValue] = [round(x / length, 6) for x in vector]
    return {**_fields(None, (), 1.0), "value": unit, "vector": unit, "model": "hashed-words-256"}


async def transcribe(ask: Ask) -> Fields:
    """The transcript that a recording carries; nobody listens here."""
    source = ask.params.get("source")
    known = source.get("transcript") if isinstance(source, dict) else None
    if isinstance(known, str):
        return {**_fields(known, (), 1.0), "transcribed": True}
    text = "(Not transcribed: no speech model is set up here.)"
    return {**_fields(text, (), 0.0), "transcribed": False}


async def extract_audio(ask: Ask) -> Fields:
    """The recording as it is: what transcribes or clones takes a video too."""
    source = ask.params.get("source")
    return {**_fields(source, (), 1.0), "extracted": False}


async def draw(ask: Ask) -> Fields:
    """A plain card with the words of the instruction on it, as an SVG in a data URL."""
    asked = ask.text("instruction", "An image")[:120]
    hue = int(hashlib.sha256(asked.encode()).hexdigest()[:4], 16) % 360
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024">'
        f'<rect width="1024" height="1024" fill="hsl({hue},45%,85%)"/>'
        '<text x="512" y="500" text-anchor="middle" font-family="sans-serif" font-size="36">'
        f"{escape(asked, quote=False)}</text>"
        '<text x="512" y="560" text-anchor="middle" font-size="24"'
        ' font-family="sans-serif">placeholder, no image model</text></svg>'
    )
    url = "data:image/svg+xml," + "".join(_SAFE.get(letter, letter) for letter in svg)
    return {**_fields(url, (), 0.0), "drawn": False}


_SAFE = {"%": "%25", "#": "%23", "<": "%3C", ">": "%3E", '"': "%22", "\n": "%0A", " ": "%20"}

ACTS = {
    "generate": compose,
    "generateIdeas": ideas,
    "generateImage": draw,
    "analyze": analyze,
    "summarize": summarize,
    "identify": pick,
    "translate": translate,
    "write": compose,
    "answer": answer,
    "transcribe": transcribe,
    "extractAudio": extract_audio,
    "moderate": moderate,
    "embed": embed,
    "searchKnowledge": answer,
}
