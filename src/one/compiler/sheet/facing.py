"""A sheet as whoever may run the feature reads it: they are “you”, and its author has a name.

Its lines are written anew, of the steps that they speak of without what the author wrote there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from one.compiler.asking import asks
from one.compiler.expression import Expr, Lit, MoneyLit
from one.compiler.outward import by_another, outward
from one.compiler.paraphrase import service_called
from one.compiler.program import Program, Step, walk
from one.compiler.sheet.parts import (
    Answer,
    Budget,
    Change,
    Consent,
    Gift,
    Leaving,
    Line,
    Party,
    Price,
    Reach,
    Read,
    Sheet,
)
from one.compiler.sheet.saying import amount, capital, says
from one.compiler.spoken import listed, many, named, over, tied, words
from one.ontology.words import article

PARTS: Mapping[str, str] = {
    "pays": "You pay",
    "gets": "You get",
    "yes": "Your yes, and that of others",
    "changes": "It changes",
    "reaches": "It writes to others",
    "reads": "It looks at",
    "leaves": "What leaves",
    "limits": "At most",
}
"""What a sheet says to whoever runs the feature, and what each part is called."""

_CHANNELS = {
    "app": "in the app",
    "push": "by push message",
    "sms": "by text message",
    "calendar": "in the calendar",
}
_LIVES = {"restore": "Brings back", "publish": "Publishes"}
_MESSAGES = frozenset({"email", "sms", "push"})
_HOST = re.compile(r"//(?:[^/@]*@)?([^/:?#]+)")
_VERB = re.compile(r"\byou (is|has|was|follows|holds|owns|manages|works|powers|appears|refers)\b")
_GIVEN = {
    "nft": "An NFT",
    "money": "Money",
    "tokens": "Tokens",
    "access": "Access",
    "badge": "A badge",
}

Said = Iterator[tuple[str, str]]


def facing(program: Program, sheet: Sheet, *, author: str) -> dict[str, list[str]]:
    """What the feature may do for and with whoever runs it, by part, each line once."""
    face = _Face(program, sheet, author=author)
    found: dict[str, list[str]] = {}
    for line in sheet.lines():
        write = _WRITERS.get(type(line))
        for part, sentence in write(face, line) if write else ():
            said = found.setdefault(part, [])
            if sentence not in said:
                said.append(sentence)
    return {part: found[part] for part in PARTS if part in found}


class _Face:
    """From whose side it is told."""

    def __init__(self, program: Program, sheet: Sheet, *, author: str) -> None:
        self.program, self.author = program, author
        self.guests = sheet.runs.who in ("everybody", "guests")
        self.steps = {path: outward(step) for path, step in walk(program.flow)}
        self._name = named(sheet.runs.runner)
        known = {step.output or "" for step in self.steps.values()} | program.input.keys()
        longer = (named(one) for one in known if named(one).startswith(f"{self._name} "))
        rest = "|".join(re.escape(one.removeprefix(self._name)) for one in longer)
        no_more = rf"(?!(?:{rest})\b)" if rest else ""
        self._owner = re.compile(rf"\bthe {re.escape(self._name)}(?:'s|'(?=\s))")
        self._self = re.compile(rf"\bthe {re.escape(self._name)}\b{no_more}")

    def you(self, text: str) -> str:
        """Words of the program, where the runner is who reads them."""
        said = by_another(self.author, text)
        if not self._name:
            return said
        said = self._self.sub("you", self._owner.sub("your", said))
        return _VERB.sub(lambda found: f"you {many(found[1])}", said)

    def words(self, tree: Expr) -> str:
        return self.you(words(tree))

    def who(self, party: Party) -> str:
        match party.who:
            case "author":
                return self.author
            case "runner":
                return "you"
            case _:
                return self.you(says(party))

    def step(self, line: Line) -> Step:
        """The first that a line speaks of."""
        return self.steps.get(line.steps[0], Step()) if line.steps else Step()


def _is_runner(party: Party) -> bool:
    return party.who == "runner"


def _pays(face: _Face, line: Price) -> Said:
    if not _is_runner(line.payer):
        return
    step = face.step(line)
    if not line.service:
        tokens = step.grant.amount if step.grant else None
        yield "pays", f"{capital(face.you(amount(tokens))) if tokens else 'Some'} of your tokens."
        return
    tree = step.service.params.get("amount") if step.service else None
    price = face.you(amount(tree)) if tree is not None else ""
    sold = listed([f"the {named(one)}" for one in line.sells])
    costs = price or (f"the price of {sold}" if sold else "what it comes to")
    yield "pays", f"{capital(costs)}. You say yes to it each time, where you pay."


def _gets(face: _Face, line: Gift) -> Said:
    if not _is_runner(line.to):
        return
    what = capital(_gift(face, line)) or _GIVEN[line.what]
    once = ", once" if line.limit and line.per == "ever" else ""
    yield "gets", f"{what}{', which you pay for' if line.sold else once}."


def _gift(face: _Face, line: Gift) -> str:
    """What it is, where the step says so."""
    step = face.step(line)
    if line.what == "access" and step.connect is not None:
        return f"access to {face.words(step.connect.to)}"
    if line.what == "badge" and step.event is not None:
        return f"“{named(step.event.type)}”"
    much = step.grant.amount if step.grant else None
    if much is None or isinstance(much, MoneyLit) or line.what != "tokens":
        return "" if much is None else face.you(amount(much))
    return face.you(f"{amount(much)}{'' if isinstance(much, Lit) else ' in'} tokens")


def _answers(face: _Face, line: Answer) -> Said:
    if not _is_runner(line.to):
        return
    for name in line.gives:
        slot = face.program.output.get(name)
        gloss = f": {slot.gloss.rstrip('.')}" if slot and slot.gloss else ""
        yield "gets", f"{capital(named(name))}{gloss}."


def _reaches(face: _Face, line: Reach) -> Said:
    how = listed([_CHANNELS.get(one, f"by {one}") for one in line.channels])
    if _is_runner(line.to):
        yield "gets", f"A message {how}."
        return
    typed = listed([f"“{named(one)}”" for one in line.words])
    along = f", with what you say in {typed}" if typed and line.to.who != "typed" else ""
    tie = f", if they have something to do with {face.author}" if line.needs_tie else ""
    yield "reaches", f"{capital(face.who(line.to))} {how}{along}{tie}."


def _leaves(face: _Face, line: Leaving) -> Said:
    if line.service in _MESSAGES:
        return
    if line.service == "stripe":
        yield "leaves", "What you pay to Stripe, and who pays it."
        return
    host = _HOST.search(line.address)
    where, done = host[1] if host else service_called(line.service), named(line.action)
    sends = [face.you(one) for one in line.sends]
    what = capital(listed(["who you are" if one == "you" else one for one in sends]))
    asked = f"{capital(where)} is asked to {done}; nothing that you say goes there."
    yield "leaves", f"{what} to {where}, to {done}." if sends else asked


def _reads(face: _Face, line: Read) -> Said:
    about, query = any(map(_is_runner, line.about)), face.step(line).query
    if not about and not any(map(_is_runner, line.eyes)):
        return
    what = capital(face.you(asks(query) if query is not None else line.what))
    if about:
        yield "reads", f"{what}: only what lies between you and {face.author}."
    else:
        yield "reads", f"{what}: what you may see."


def _yes(face: _Face, line: Consent) -> Said:
    author = re.sub(r"\byour\b", f"{face.author}'s", line.to)
    to = face.you(re.sub(r"\byou\b", face.author, author)).replace("of theirs", "of yours")
    if line.how == "running":
        yield "yes", f"By running it you say yes {to}."
    elif line.how == "asked" and not line.ticked:
        asked = "You are" if _is_runner(line.of) else f"{capital(face.who(line.of))} is"
        yield "yes", f"{asked} asked first: {to}."


def _limits(face: _Face, line: Budget) -> Said:
    what = "gifts" if line.of == "gifts" else "calls of paid services"
    others = f", {line.guest} for who has no account" if face.guests else ""
    yield "limits", f"{line.person} {what} a day for you{others}."


# --- what changes ---------------------------------------------------------------------------------


def _changes(face: _Face, line: Change) -> Said:
    said = _CHANGED[line.verb](face, line) if line.verb in _CHANGED else ""
    if line.note:
        said = f"Keeps a note of this run that {face.author} alone sees."
    if said:
        yield "changes", said


def _made(face: _Face, line: Change) -> str:
    owner = line.owner
    if owner is None or owner.who == "author":
        return f"Makes {article(named(line.of))}, which is {face.author}'s."
    whose = "yours" if _is_runner(owner) else f"{face.who(owner)}'s"
    return f"Makes {article(named(line.of))}, which is {whose}."


def _tied(face: _Face, line: Change) -> str:
    step = face.step(line)
    if (tie := step.connect) is not None:
        verb = tied(tie.type, tie.metadata)[0]
        return _from_then((face.words(tie.from_), face.words(tie.to)), verb)
    if (end := step.disconnect) is not None:
        verb = over(tied(end.type)[0])
        return _from_then((face.words(end.from_), face.words(end.to)), verb)
    return ""


def _from_then(ends: tuple[str, str], verb: str) -> str:
    left, right = ends
    return f"From then on, {left} {_plural(verb) if left == 'you' else verb} {right}."


def _plural(verb: str) -> str:
    lead = "no longer "
    if verb.startswith(lead):
        return lead + many(verb.removeprefix(lead))
    return many(verb)


def _recorded(face: _Face, line: Change) -> str:
    event = face.step(line).event
    about = f" for {face.words(event.entity)}" if event and event.entity is not None else ""
    return f"Writes down “{named(line.of)}”{about}."


def _updated(face: _Face, line: Change) -> str:
    update = face.step(line).update
    keys = listed([f"the {named(key)}" for key in line.keys]) or "how it stands"
    of = f" of {face.words(update.target)}" if update is not None else ""
    return f"Changes {keys}{of}{_if_own(line)}."


def _sorted(face: _Face, line: Change) -> str:
    tag = face.step(line).tag
    return f"Puts tags on {face.words(tag.target)}." if tag is not None else ""


def _lived(face: _Face, line: Change) -> str:
    step = face.step(line)
    target = step.delete or step.restore or step.archive or step.publish
    if target is None:
        return ""
    verb = _LIVES.get(line.verb, f"{line.verb.capitalize()}s")
    return f"{verb} {face.words(target.target)}{_if_own(line)}."


def _if_own(line: Change) -> str:
    return ", if it is yours" if line.needs_own else ""


_CHANGED: Mapping[str, Callable[[_Face, Change], str]] = {
    "create": _made,
    "connect": _tied,
    "disconnect": _tied,
    "record": _recorded,
    "update": _updated,
    "tag": _sorted,
    **dict.fromkeys(("delete", "restore", "archive", "publish"), _lived),
}
_WRITERS: Mapping[type[Line], Callable[..., Iterable[tuple[str, str]]]] = {
    Price: _pays,
    Gift: _gets,
    Answer: _answers,
    Reach: _reaches,
    Leaving: _leaves,
    Read: _reads,
    Consent: _yes,
    Budget: _limits,
    Change: _changes,
}
