"""Values, conditions and relations as a person says them; for reading back only."""

import re
from collections.abc import Mapping, Sequence

from one.compiler.bind.dates import DAYS, MONTHS
from one.compiler.bind.literals import say_duration, say_money
from one.compiler.expression import (
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Hole,
    Index,
    Items,
    Lit,
    MoneyLit,
    Record,
    Ref,
    Template,
    Unary,
)
from one.compiler.vocabulary import singular, spaced
from one.ontology.words import article

Values = Mapping[str, Expr]

_SUMS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo", "??": "or else"}
_PARTS = {2: "half", 3: "a third", 4: "a quarter"}
_SIDES = {"+": "after", "-": "before"}
_COMPARED = {
    "==": ("is", "is not"),
    "!=": ("is not", "is"),
    ">": ("is more than", "is at most"),
    ">=": ("is at least", "is less than"),
    "<": ("is less than", "is at least"),
    "<=": ("is at most", "is more than"),
    "in": ("is one of", "is none of"),
}
_IN_TIME = {
    ">": ("is after", "is not after"),
    ">=": ("is not before", "is before"),
    "<": ("is before", "is not before"),
    "<=": ("is not after", "is after"),
}
TIED = {
    "analyzed_by": "was analyzed by",
    "assigned_to": "is assigned to",
    "authored": "has written",
    "clone_of": "is a clone of",
    "collaborates_with": "works with",
    "completed": "has completed",
    "converted_from": "came from",
    "created_by": "was made by",
    "derived_from": "is based on",
    "engaged_with": "has reacted to",
    "enrolled_in": "is enrolled in",
    "featured_in": "appears in",
    "following": "follows",
    "holds": "holds",
    "manages": "manages",
    "member_of": "is a member of",
    "owns": "owns",
    "part_of": "is part of",
    "powers": "powers",
    "published_to": "is published to",
    "references": "refers to",
    "referred_by": "was invited by",
    "trained_on": "is trained on",
    "transacted": "has bought",
}
_MANNERS = {
    "liked": "has liked",
    "commented": "has commented on",
    "shared": "has shared",
    "viewed": "has viewed",
    "saved": "has saved",
    "rated": "has rated",
    "subscription": "has subscribed to",
    "purchase": "has bought",
    "moderator": "is a moderator of",
    "admin": "is an admin of",
}
_FUNCTIONS: Mapping[str, str] = {
    "length": "the number of",
    "sum": "the total of",
    "average": "the average of",
    "first": "the first of",
    "last": "the last of",
    "lower": "in small letters",
    "upper": "in capitals",
    "round": "rounded,",
    "floor": "rounded down,",
    "ceil": "rounded up,",
    "min": "the least of",
    "max": "the most of",
    "join": "all of",
    "split": "the parts of",
    "trim": "without spaces,",
}
_CAPITALS = {"id": "ID", "ai": "AI", "url": "URL", "nft": "NFT", "pdf": "PDF", "rsvp": "RSVP"}
_DURATION = re.compile(r"\d+(\.\d+)?(ms|mo|s|m|h|d|w)")
_WEEKDAY = re.compile(r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday) (\d\d:\d\d)")
OPEN = "… (still open)"


# --- names --------------------------------------------------------------------------------------


def named(name: str) -> str:
    """A name as people write it; what marks it as one's own is left out."""
    plain = spaced(name.removeprefix("metadata.").rpartition(".")[2].removeprefix("x_"))
    return " ".join(_CAPITALS.get(word, word) for word in plain.split())


def the(name: str) -> str:
    """A saved or given name in a sentence: `the fan`, `my course`, `them`."""
    said = {"row": "it", "each": "them", "me": "me"}.get(name) or named(name)
    done = said in {"it", "them", "me", "paid"} or said.endswith("ed")
    return said if done or said.partition(" ")[0] in _WHOSE else f"the {said}"


_WHOSE = frozenset({"my", "our", "your", "their", "his", "her", "its"})


def of(owner: str, key: str) -> str:
    """`the fan's name`, `my token balance`, `its price`."""
    ending = "'" if owner.endswith("s") else "'s"
    lead = {"me": "my", "it": "its", "them": "their"}.get(owner, owner + ending)
    return f"{lead} {key}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


# --- values -------------------------------------------------------------------------------------


def words(tree: Expr) -> str:
    """The value in plain words."""
    match tree:
        case Hole():
            return OPEN
        case Lit(value):
            return _literal(value)
        case MoneyLit(amount, currency):
            return say_money(amount, currency)
        case Ref(name):
            return the(name)
        case Template(parts):
            return f"“{''.join(_part(one) for one in parts)}”"
        case _:
            return _compound(tree)


def _literal(value: str | float | bool | None) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str() if moment := _WEEKDAY.fullmatch(value):
            return f"{moment[1].capitalize()} at {moment[2]}"
        case str() if value[2:3] == ":" and re.fullmatch(r"\d\d:\d\d", value):
            return value
        case str() if value[2:3] == "-" and (dated := _OF_YEAR.fullmatch(value)):
            return said_day(dated[1]) + (f" at {dated[2]}" if dated[2] else "")
        case str():
            return f"“{value}”"
        case float() if 0 < value <= 1:
            return _percent(value)
        case _:
            return f"{value:,}"


def said_day(day: str) -> str:
    """`12-24` as December 24, `friday` as Friday; a whole date as it stands."""
    if day in DAYS:
        return day.capitalize()
    month, _, number = day.partition("-")
    if "-" in number:
        return day
    return f"{MONTHS[int(month) - 1].capitalize()} {int(number)}"


_OF_YEAR = re.compile(r"(\d\d-\d\d)(?: (\d\d:\d\d))?")


def _percent(share: float) -> str:
    return f"{share * 100:.10g}%"


def _part(part: "str | Expr") -> str:
    return part if isinstance(part, str) else f"[{words(part).removeprefix('the ')}]"


def span(tree: Expr) -> str:
    """A length of time in words; any other value as it is."""
    if isinstance(tree, Lit) and isinstance(tree.value, str) and _DURATION.fullmatch(tree.value):
        return say_duration(tree.value)
    return words(tree)


def _compound(tree: Expr) -> str:
    match tree:
        case Get(inner, key):
            return of(words(inner), named(key))
        case Call(name, args):
            return _call(name, args)
        case Binary("-" | "+" as op, Call("today", ()), Lit("1d")):
            return "yesterday" if op == "-" else "tomorrow"
        case Binary("-", Call("now" | "today", ()), right):
            return f"{span(right)} ago"
        case Binary("+", Call("now" | "today", ()), right):
            return _clock(tree) or f"{span(right)} from now"
        case Binary(op) if op in _SUMS:
            return _clock(tree) or _sum(tree)
        case Items(values):
            return listed([words(one) for one in values])
        case Record(fields):
            return listed([beside(key, one) for key, one in fields])
        case Choice():
            return _choice(tree)
        case Index(inner, at):
            return f"number {words(at)} of {words(inner)}"
        case Unary("-", inner):
            return f"minus {words(inner)}"
        case _:
            return says(tree)


def _choice(tree: Choice) -> str:
    """One of two; a number of one's own, which is 0 at first, as that number."""
    if tree.condition == Binary("==", tree.other, Lit(None)) and tree.then == Lit(0):
        return words(tree.other)
    return f"{words(tree.then)} if {says(tree.condition)}, else {words(tree.other)}"


def _clock(tree: Expr) -> str:
    """`18:00 today`, `Friday at 20:30`, of a day and the hours and minutes after its beginning."""
    minutes, day = 0, tree
    while isinstance(day, Binary) and isinstance(day.right, Lit):
        found = _HOURS.fullmatch(str(day.right.value))
        if day.op != "+" or found is None:
            return ""
        minutes, day = minutes + int(found[1]) * (60 if found[2] == "h" else 1), day.left
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    match day:
        case Call("today", ()) if minutes < 24 * 60:
            return f"{clock} today"
        case Call("beginning", (Lit(str(said)),)) if said in DAYS or "-" in said:
            return f"{said_day(said)} at {clock}"
        case _:
            return ""


_HOURS = re.compile(r"(\d+)([hm])")


def _sum(tree: Binary) -> str:
    match tree:
        case Binary("*", Lit(float(share)), whole) | Binary("*", whole, Lit(float(share))) if (
            0 < share < 1
        ):
            return f"{_percent(share)} of {words(whole)}"
        case Binary("+" | "-" as op, left, Binary("*", same, Lit(float(share)))) if left == same:
            return f"{_term(left)} {_SUMS[op]} {_percent(share)}"
        case Binary("/", Binary("*", whole, Lit(int(many))), Lit(int(parts))) if parts in _PARTS:
            return f"{many} {_PARTS[parts].removeprefix('a ')}s of {_term(whole)}"
        case Binary("/", whole, Lit(int(parts))) if parts in _PARTS:
            return f"{_PARTS[parts]} of {_term(whole)}"
        case Binary("+" | "-" as op, Get(inner, key), Lit(str(length))) if key.endswith(
            "At"
        ) and _DURATION.fullmatch(length):
            when = {"startsAt": "start", "endsAt": "end"}.get(key, named(key).removesuffix(" at"))
            return f"{say_duration(length)} {_SIDES[op]} {of(words(inner), when)}"
        case Binary(op, left, right):
            return f"{_term(left)} {_SUMS[op]} {_term(right)}"


def stretch(since: Expr | None, until: Expr | None = None) -> str:
    """`in the last 7 days`, `yesterday`, `last week`, `before 7 days ago`."""
    if since is None:
        return _ended(until) if until is not None else ""
    match since, until:
        case Call("today", ()), None:
            return "today"
        case Call("beginning"), Binary("+", day, Lit("1d")) if day == since:
            return f"on {_when(day)}"
        case Call("beginning", (Lit("week" | "month" | "year" as unit),)), None:
            return f"this {unit}"
        case Call("beginning", (unit, Lit(1))), Call("beginning", (_,)):
            return f"last {words(unit).strip('“”')}"
        case Binary("-", Call("today", ()), Lit("1d")), Call("today", ()):
            return "yesterday"
        case Binary("-", Call("today", ()), Lit("1d")), None:
            return "since yesterday"
        case Binary("-", Call("now", ()), length), None:
            return f"in the last {span(length)}"
        case _:
            end = f" and before {_when(until)}" if until is not None else ""
            return f"since {_when(since)}{end}"


def _ended(until: Expr) -> str:
    match until:
        case Binary("-", Call("now", ()), length):
            return f"more than {span(length)} ago"
        case _:
            return f"before {_when(until)}"


def _when(moment: Expr) -> str:
    """A date needs no quotes."""
    return words(moment).strip("“”")


def _term(tree: Expr) -> str:
    said = span(tree)
    return f"({said})" if isinstance(tree, Binary) and tree.op in _SUMS else said


def _call(name: str, args: Sequence[Expr]) -> str:
    match name, args:
        case _, ():
            return {"me": "me", "now": "now", "today": "today"}.get(name, name)
        case "beginning", (Lit(str(day)),) if day in DAYS or "-" in day:
            return said_day(day)
        case "beginning", (Lit(str(unit)), *back):
            before = "this" if not back else "last" if back[0] == Lit(1) else "next"
            return f"the beginning of {before} {unit}"
        case "balance", (who, *token):
            own = of(words(who), "token balance")
            return own + (f" of {words(token[0])}" if token else "")
        case "config", (Lit(str(key)), *_):
            return f"the setting “{key}”"
        case (("connected" | "owns" | "contains" | "startsWith" | "failed"), _):
            return says(Call(name, tuple(args)))
        case "length", (Call("split", (text, Lit(" "))),):
            return f"the number of words of {words(text)}"
        case "length", (of_what,):
            said = words(of_what)
            return f"the {'number' if _is_several(said) else 'length'} of {said}"
        case (("min" | "max"), (_, _, *_)):
            return f"{_FUNCTIONS[name]} {listed([words(one) for one in args])}"
        case _:
            return f"{_FUNCTIONS.get(name, named(name))} {words(args[0])}"


def beside(key: str, tree: Expr) -> str:
    """`the notes`, `price $49`, `the show notes as description`."""
    name, said = {"system": "character"}.get(key) or named(key), words(tree)
    if key == "revenueShare" and isinstance(tree, Lit) and isinstance(tree.value, int):
        said = _percent(tree.value / 10_000)
        return f"{name} {said}"
    plain = said.replace("'s ", " ").removeprefix("the ").removeprefix("my ")
    if name in {"message", plain} or plain.endswith(f" {name}"):
        return said
    if isinstance(tree, Lit) and isinstance(tree.value, int) and not isinstance(tree.value, bool):
        return f"{said} {name}" if _is_plural(name) else f"{name} {said}"
    if isinstance(tree, Lit | MoneyLit | Template) and not _is_flag(tree):
        return f"{name} {said}"
    return f"{said} as {name}"


def _is_flag(tree: Expr) -> bool:
    return isinstance(tree, Lit) and isinstance(tree.value, bool)


def _is_plural(said: str) -> bool:
    last = said.rpartition(" ")[2]
    if said.startswith(("the number of", "the total of", "the average of")):
        return False
    return last.isalpha() and singular(last) != last


def _is_several(said: str) -> bool:
    """Whether a list is spoken of rather than a text, as far as its name tells."""
    return _is_plural(said) or not re.search(r"(name|title|text|content|transcript)$", said)


def along(values: Values, lead: str = " with ") -> str:
    """What goes along, after its lead; nothing for nothing."""
    pairs = [beside(key, tree) for key, tree in values.items()]
    return lead + listed(pairs) if pairs else ""


# --- relations ----------------------------------------------------------------------------------


def tied(tie: str, metadata: Values | None = None) -> tuple[str, dict[str, Expr]]:
    """The relation as a verb (`has bought`) and the metadata that the verb does not say."""
    left = dict(metadata or {})
    for key in ("transactionType", "engagementType", "role"):
        manner = left.get(key)
        if isinstance(manner, Lit) and (said := _MANNERS.get(str(manner.value))):
            return said, {key: tree for key, tree in left.items() if tree != manner}
    if tie == "holds" and left.get("assetType") == Lit("tokens"):
        del left["assetType"]
    return TIED.get(tie, f"is {spaced(tie)}"), left


def with_me(verb: str) -> str:
    """The same relation to anything that is mine: `has bought from`, `is enrolled with`."""
    return _WITH_ME.get(verb, verb)


_WITH_ME = {
    "has bought": "has bought from",
    "is enrolled in": "is enrolled with",
    "is a member of": "is a member with",
}


def subject(tree: Expr, verb: str) -> str:
    """Who, with the verb that fits: `the fan owns`, `I own`."""
    if tree != Call("me", ()):
        return f"{words(tree)} {verb}"
    said = many(verb)
    return f"I {'am' + said.removeprefix('are') if said.startswith('are ') else said}"


def denied(verb: str) -> str:
    """`is not enrolled in`, `doesn't follow`, `has not bought`."""
    head, _, rest = verb.partition(" ")
    if head in {"is", "has", "was", "are", "have", "were"}:
        return f"{head} not {rest}"
    if verb == "came from":
        return "did not come from"
    return " ".join([f"doesn't {_base(head)}", *([rest] if rest else [])])


def many(verb: str) -> str:
    """The verb of several: `are enrolled in`, `don't follow`, `have bought`."""
    if verb.startswith("no longer "):
        return f"no longer {many(verb.removeprefix('no longer '))}"
    head, _, rest = verb.partition(" ")
    known = {"is": "are", "has": "have", "was": "were", "doesn't": "don't", "came": "came"}
    known |= {"did": "did", "does": "do"}
    return " ".join([known.get(head) or _base(head), *([rest] if rest else [])])


def over(verb: str) -> str:
    """`is no longer enrolled in`, `no longer follows`."""
    head, _, rest = verb.partition(" ")
    return f"is no longer {rest}" if head == "is" else f"no longer {verb}"


def _base(verb: str) -> str:
    return verb.removesuffix("s")


# --- conditions ---------------------------------------------------------------------------------


def says(tree: Expr, *, holds: bool = True) -> str:
    """The condition as a sentence; turned round when it must not hold."""
    no = 0 if holds else 1
    match tree:
        case Hole():
            return OPEN
        case Unary("not", inner):
            return says(inner, holds=not holds)
        case Binary(
            "and", Binary(">=", one, day), Binary("<", other, Binary("+", after, Lit("1d")))
        ) if one == other and day == after:
            return f"{words(one)} {('is', 'is not')[no]} {words(day)}"
        case Binary("and" | "or" as op, left, right):
            both = op if holds else {"and": "or", "or": "and"}[op]
            return f"{_side(left, op, holds=holds)} {both} {_side(right, op, holds=holds)}"
        case Binary("!=" | "==" as op, left, Lit(None)):
            there = (op == "!=") == holds
            return _agreed(words(left), "exists" if there else "does not exist")
        case Binary(">" | "==" as op, Call("length", (left,)), Lit(0)):
            empty = (op == "==") == holds
            return _agreed(words(left), "is empty" if empty else "is not empty")
        case Binary(">", Call("balance", (who,)), Lit(0)):
            return f"{words(who)} {('has', 'has no')[no]} tokens"
        case Binary(op, left, right) if op in _COMPARED:
            how = compared(op, right, left=left)[no]
            if isinstance(left, Get) and (long := lasting(left.key, right)) is not None:
                return f"{of(words(left.of), long[0])} {how} {long[1]}"
            return f"{_agreed(words(left), how)} {_weighed(left, right)}"
        case Call(name, args):
            return _asked(name, args, no)
        case _:
            return f"{words(tree)} is {'yes' if holds else 'no'}"


def _agreed(said: str, verb: str) -> str:
    return f"{said} {many(verb) if _is_plural(said) else verb}"


def _side(tree: Expr, op: str, *, holds: bool) -> str:
    """One side of `and`, `or`; in brackets where the two are mixed."""
    said = says(tree, holds=holds)
    mixed = isinstance(tree, Binary) and tree.op in {"and", "or"} and tree.op != op
    return f"({said})" if mixed else said


_UNITS = {"Minutes": "m", "Seconds": "s"}


def lasting(key: str, tree: Expr) -> tuple[str, str] | None:
    """`durationMinutes` against 90: the duration, and `90 minutes`."""
    unit = _UNITS.get(key[-7:])
    if unit is None or not isinstance(tree, Lit) or not isinstance(tree.value, int | float):
        return None
    number = tree.value
    if unit == "s" and not number % 60:
        unit, number = "m", number / 60
    return named(key[:-7]), say_duration(f"{number:g}{unit}")


def _weighed(left: Expr, right: Expr) -> str:
    """The other side of a comparison; a status needs no quotes."""
    match left, right:
        case _, Items(values):
            return listed([words(one) for one in values], "or")
        case Get(_, "status" | "type" | "visibility"), Lit(str(text)):
            return named(text)
        case _:
            return span(right)


def compared(op: str, right: Expr, *, left: Expr | None = None) -> tuple[str, str]:
    """How the two compare, and how when it is denied; times are before and after."""
    timely = _is_time(right) or (left is not None and _is_time(left))
    return _IN_TIME[op] if timely and op in _IN_TIME else _COMPARED[op]


def _is_time(tree: Expr) -> bool:
    match tree:
        case Call("now" | "today" | "beginning", _):
            return True
        case Binary("+" | "-", left, _):
            return _is_time(left)
        case Get(_, key):
            return key.endswith("At")
        case Lit(str(text)):
            return bool(_WEEKDAY.fullmatch(text) or re.fullmatch(r"\d\d:\d\d", text))
        case _:
            return False


_OF_PEOPLE = frozenset({"referred_by", "collaborates_with"})


def _asked(name: str, args: Sequence[Expr], no: int) -> str:
    match name, args:
        case "owns", (left, right):
            return f"{subject(left, denied('owns') if no else TIED['owns'])} {words(right)}"
        case "connected", (left, Lit(str(tie)), right, *more):
            verb = tied(tie, {"role": more[0]} if more else None)[0]
            verb = with_me(verb) if right == Call("me", ()) else verb
            whom = "somebody" if tie in _OF_PEOPLE and right == Lit("thing") else far_end(right)
            return f"{subject(left, denied(verb) if no else verb)} {whom}"
        case "failed", (left,):
            return f"{words(left)} {('failed', 'succeeded')[no]}"
        case "contains", (left, right):
            return f"{words(left)} {('contains', 'does not contain')[no]} {words(right)}"
        case "startsWith", (left, right):
            return f"{words(left)} {('starts with', 'does not start with')[no]} {words(right)}"
        case _:
            return f"{'not ' if no else ''}{_call(name, args)}"


def far_end(tree: Expr) -> str:
    """The other end of a relation: a thing, or any thing of a type."""
    if isinstance(tree, Lit) and isinstance(tree.value, str):
        return article(named(tree.value))
    return words(tree)
