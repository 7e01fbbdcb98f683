"""Which service and which of its actions the words of a CALL name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest
from one.compiler.expression import Expr
from one.compiler.grammar import place_of
from one.compiler.kinds import Base
from one.compiler.light import frozen
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import key_of, singular
from one.ontology.services import Action, Service

_SKIP = frozenset({"the", "a", "an", "my", "our", "their", "this", "that", "for"})


@frozen
class Found:
    """A service, its action, the words of the instruction and those after the action's phrase."""

    service: Service
    action: Action
    instruction: tuple[Word, ...]
    rest: tuple[Word, ...]
    given: tuple[tuple[str, Expr], ...] = ()


def find_call(reading: Reading, words: Sequence[Word]) -> Found | None:
    """`<service> to <action>`, or an action that only one service has."""
    service, rest = _service(reading, words)
    if service is not None:
        if not rest:
            _missing_action(reading, service, words)
            return None
        return action_of(reading, service, rest)
    named, after = _before_to(words)
    if after and (found := _named_service(reading, named, after)) is not None:
        return found
    if after:
        _unknown_service(reading, named)
        return None
    return _by_phrase(reading, words)


def _service(reading: Reading, words: Sequence[Word]) -> tuple[Service | None, list[Word]]:
    for count in range(min(4, len(words)), 0, -1):
        if all(word.kind in {Is.WORD, Is.ADDRESS} for word in words[:count]):
            found = reading.vocabulary.service(phrase(words[:count]))
            if found is not None:
                rest = list(words[count:])
                while rest and rest[0].low in {"to", "and", ":", ",", "for"}:
                    rest.pop(0)
                if count < len(words) and not rest:
                    return found, rest
                return found, rest
    return None, list(words)


def _before_to(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    at = place_of(words, {"to"})
    return (list(words[:at]), list(words[at + 1 :])) if at else (list(words), [])


def _named_service(reading: Reading, named: Sequence[Word], after: Sequence[Word]) -> Found | None:
    """A name in scope whose value is a service, for an action that several have."""
    name = lookup(reading, phrase(strip(named)))
    if name is None or name.kind.base not in {Base.TEXT, Base.UNKNOWN, Base.JSON}:
        return None
    for service in reading.vocabulary.services:
        counts = [(count, one) for one in service.actions if (count := _phrase_count(one, after))]
        if counts and "unpublish" in service.by_name:
            reading.use(name)
            count, action = max(counts, key=lambda one: one[0])
            chosen = replace(service, name=f"${name.name}", title=phrase(named))
            return Found(chosen, action, tuple(after), tuple(after[count:]))
    return None


_ALIKE = {
    **dict.fromkeys(("paypal", "square", "venmo", "klarna"), "Stripe"),
    **dict.fromkeys(("gmail", "mailchimp", "sendgrid", "mailgun", "convertkit"), "mail"),
    **dict.fromkeys(("claude", "gemini", "llama", "mistral", "deepl", "midjourney"), "OpenAI"),
    **dict.fromkeys(("twilio", "whatsapp", "telegram"), "text message"),
    **dict.fromkeys(("slack", "discord", "zapier", "make.com"), "Webhook"),
    **dict.fromkeys(("dropbox", "s3", "drive"), "Storage"),
}
"""Services that are none of ONE's: the one that does what they do."""


def _unknown_service(reading: Reading, words: list[Word]) -> None:
    said = phrase(words)
    known = [service.title for service in reading.vocabulary.services]
    alike = next((one for one in words if one.low in _ALIKE), None)
    close = (_ALIKE[alike.low],) if alike else nearest(said, known)
    span = whole(words)
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in close]
    near = f" Did you mean {listed(close)}?" if close else f" I know {listed(known, 'and')}."
    reading.error("E801", f"I know no service “{said}”.{near}", *fixes, names=close, at=span)


def _missing_action(reading: Reading, service: Service, words: Sequence[Word]) -> None:
    known = [action.phrases[0] for action in service.actions]
    reading.error(
        "E204",
        f"CALL {service.title} to do what? It can {listed(known[:8])}.",
        at=whole(list(words)),
    )


def _by_phrase(reading: Reading, words: Sequence[Word]) -> Found | None:
    """An action without its service, when only one fits."""
    fitting: list[Found] = []
    for service in reading.vocabulary.services:
        for action in service.actions:
            count = _phrase_count(action, words)
            if count:
                fitting.append(Found(service, action, tuple(words), tuple(words[count:])))
    longest = max((len(one.instruction) - len(one.rest) for one in fitting), default=0)
    fitting = [one for one in fitting if len(one.instruction) - len(one.rest) == longest]
    if len(fitting) == 1:
        reading.note(
            "E823",
            f"No service is named; only {fitting[0].service.title} can do this.",
            at=whole(list(words)),
        )
        return fitting[0]
    if fitting:
        names = [one.service.title for one in fitting]
        start = Span(words[0].span.line, words[0].span.start, words[0].span.start)
        fixes = [
            Fix(f"Call {name}", (Edit(start, f"{name} to "),), Applies.MAYBE) for name in names
        ]
        reading.ask(
            "E308",
            f"Which service? {listed(names)} can do this.",
            *fixes,
            names=names,
            at=whole(list(words)),
        )
        return None
    _unknown_service(reading, list(words))
    return None


def action_of(reading: Reading, service: Service, words: Sequence[Word]) -> Found | None:
    """The action of a service that the words begin with; any instruction is one of a model."""
    best: tuple[int, Action] | None = None
    for action in service.actions:
        count = _phrase_count(action, words)
        if count and (best is None or count > best[0]):
            best = (count, action)
    if best is not None:
        return Found(service, best[1], tuple(words), tuple(words[best[0] :]))
    if service.open:
        return Found(service, service.by_name[service.open], tuple(words), ())
    known = [one for action in service.actions for one in action.phrases]
    close = nearest(phrase(words), known) or nearest(words[0].text, known)
    verbs = {words[0].low, *nearest(words[0].low, {one.split()[0] for one in known})}
    close = tuple(one for one in close if one.split()[0] in verbs)
    span = whole(list(words))
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in close]
    near = (
        f"Did you mean {listed(close)}?"
        if close
        else f"It can {listed([a.phrases[0] for a in service.actions])}."
    )
    reading.error(
        "E802", f"{service.title} can't “{phrase(words)}”. {near}", *fixes, names=close, at=span
    )
    return None


def _phrase_count(action: Action, words: Sequence[Word]) -> int:
    """How many words the action's longest fitting phrase takes, articles skipped."""
    best = 0
    for parts in _parts(action.phrases).get(words[0].low[:1], ()) if words else ():
        n = matched = 0
        while n < len(words) and matched < len(parts):
            low = words[n].low
            if low == parts[matched] or _same_noun(low, parts[matched]):
                matched += 1
            elif low not in _SKIP or not matched:
                break
            n += 1
        if matched == len(parts) and n > best:
            best = n
        elif not best and len(parts) == 2 and matched == 1 and _somebodys(words, parts[1]):
            best = 1
    return best


def _somebodys(words: Sequence[Word], noun: str) -> bool:
    """`cancel the member's subscription`: the action's noun, and whose it is."""
    at = next((n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE), 0)
    return 0 < at < len(words) - 1 and _same_noun(words[at + 1].low, noun)


@lru_cache(maxsize=1024)
def _parts(phrases: tuple[str, ...]) -> Mapping[str, Sequence[tuple[str, ...]]]:
    """The words of each phrase, articles left out, by the letter that it begins with."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for one in phrases:
        parts = tuple(part for part in one.split() if part not in _SKIP)
        found.setdefault(parts[0][:1], []).append(parts)
    return found


def _same_noun(one: str, other: str) -> bool:
    """Whether the two differ in number only."""
    return one[:1] == other[:1] and key_of(singular(one)) == key_of(singular(other))
