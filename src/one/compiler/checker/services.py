"""Calls: known services and actions, the values they need, and secrets that stand in the text."""

import re
from collections.abc import Callable, Iterator

from one.compiler.checker.infer import Judge, Names
from one.compiler.diagnosis import listed, nearest
from one.compiler.expression import MoneyLit, has_hole, parse
from one.compiler.kinds import UNKNOWN, Base, Kind, fits, read_kind, say_kind
from one.compiler.program import Service, Step
from one.compiler.reader import Span
from one.compiler.results import result_kind
from one.ontology.services import Action, Parameter

Place = Callable[[Step, str], Span]
_SHAPES = (
    r"\b[spr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    r"\bsk-(?:ant|proj|svcacct|admin|live|test|or)-[\w-]{20,}|\bsk-(?=[A-Za-z_]*\d)\w{20,}",
    r"\bwhsec_[A-Za-z0-9+/]{16,}",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}",
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bAIza[\w-]{30,}",
    r"\bSG\.[\w-]{16,}\.[\w-]{16,}|\bkey-[0-9a-f]{32}\b|\b(?:SK|AC)[0-9a-f]{32}\b",
    r"\bnpm_[A-Za-z0-9]{30,}|\bhf_[A-Za-z0-9]{30,}|\bre_[A-Za-z0-9]{8,}_[A-Za-z0-9]{16,}",
    r"\b\d{8,10}:AA[\w-]{30,}",
    r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*",
    r"-----BEGIN [A-Z ]*PRIVATE KEY",
    r"://[^\s:/@\"']+:[^\s@/\"']{4,}@",
    r"\bBearer\s+(?=\S*\d)[\w.~+/-]{20,}",
    r"(?i:\b(?:password|passwd|pwd|secret|api[ _-]?key|token)(?:\s+is\s+|\s*[:=]\s*))[\"']?"
    r"(?=[^\s\"',]*[\d_\-!@#%^&*])[^\s\"',]{8,}",
    r"(?i:\b(?:password|passwd|pwd|secret|(?:api[ _-]?)?key)\s+)[\"“'](?=[^\s\"”']*\d)"
    r"(?=[^\s\"”']*[A-Za-z])[^\s\"”']{8,}[\"”']",
)
_SIGNS = ("pass", "pwd", "secret", "key", "token")
_SHORTEST = 16
"""With none of these words and no run so long there is no secret; most texts aren't searched."""

SECRET = re.compile("|".join(_SHAPES))
"""Keys of common services by their shape; a password only where a word says that it is one."""


def service_kind(judge: Judge, step: Step) -> Kind:
    """The kind of a call's result."""
    body = step.service
    action = judge.vocabulary.action(body.provider, body.method) if body else None
    if body is None or action is None:
        return UNKNOWN
    service = next(one for one in judge.vocabulary.services if one.name == body.provider)
    return result_kind(service, action, wanted=step.output or "", params=body.params)


def check_service(judge: Judge, step: Step, names: Names, *, place: Place) -> None:
    """Judges a call."""
    body = step.service
    if body is None:
        return
    judge.place = place(step, "")
    if body.provider.startswith("$"):
        judge.kind(parse(body.provider), dict(names))
        return
    service = next((one for one in judge.vocabulary.services if one.name == body.provider), None)
    if service is None:
        known = [one.name for one in judge.vocabulary.services]
        close = nearest(body.provider, known)
        near = f" Did you mean {listed(close)}?" if close else f" There are {listed(known, 'and')}."
        judge.place = place(step, "provider")
        judge.error("E801", f"I know no service “{body.provider}”.{near}", *judge.rewrites(close))
        return
    action = service.by_name.get(body.method)
    if action is None:
        close = nearest(body.method, service.by_name)
        near = (
            f" Did you mean {listed(close)}?"
            if close
            else f" It has {listed(list(service.by_name))}."
        )
        judge.place = place(step, "method")
        said = f"{service.title} has no action “{body.method}”.{near}"
        judge.error("E802", said, *judge.rewrites(close))
        return
    if service.open and not judge.vocabulary.has_model:
        judge.warn("E804", "No language model is set up here, so this can't run yet.")
    if action.absent:
        judge.warn("E825", action.absent, why=action.instead)
    if (service.name, action.name) == (judge.vocabulary.payment, "charge"):
        _charged(judge)
    _params(judge, step, body, (action, names), place=place)


def _charged(judge: Judge) -> None:
    """Tells where a charge, right as it is, can't be done."""
    if judge.vocabulary.uncharged:
        why = "To try it, use the sandbox. Else open a checkout, and WAIT UNTIL it is paid."
        judge.note("E826", judge.vocabulary.uncharged, why=why)


_STRICT = frozenset(
    {Base.MONEY, Base.THING, Base.DATETIME, Base.DURATION, Base.NUMBER, Base.INTEGER}
)


def _bears(judge: Judge, given: Kind, param: Parameter) -> bool:
    """Whether a thing says what the service knows it by."""
    known = (judge.vocabulary.property_kind(given.types, key) for key in param.borne)
    return not given.types or any(known)


def _or_thing(judge: Judge, param: Parameter) -> str:
    """The things that stand for what a service made: `, or a payment`."""
    every = [Kind(Base.THING, frozenset({one})) for one in judge.vocabulary.entity_types]
    bearing = [say_kind(kind) for kind in every if _bears(judge, kind, param)]
    return f", or {listed(bearing)}" if bearing else ""


_ABOVE_NOTHING = "What is taken or paid is an amount such as $5. What is free needs no CALL."


def _spelt(given: Kind, wanted: Kind) -> bool:
    """A moment or a length of time written as text."""
    return wanted.base in {Base.DATETIME, Base.DURATION} and given.base is Base.TEXT


def _params(
    judge: Judge, step: Step, body: Service, what: tuple[Action, Names], *, place: Place
) -> None:
    action, names = what
    known = {param.name: param for param in action.params}
    for name, tree in body.params.items():
        judge.place = place(step, f"params/{name}")
        param = known.get(name)
        kind = read_kind(param.type) if param else None
        if param is None:
            if not judge.english and name not in {"context", "metadata", "clone", "as"}:
                close = nearest(name, known)
                near = f" Did you mean {listed(close)}?" if close else ""
                judge.note("E822", f"{action.name} has no “{name}”; it goes along as a note.{near}")
        elif kind and not has_hole(tree) and kind.base in _STRICT:
            given = judge.kind(tree, dict(names)).sure
            if not fits(given, kind) and not _spelt(given, kind):
                code = "E506" if kind.base is Base.MONEY and given.numeric else "E502"
                judge.error(
                    code, f"“{name}” should be {say_kind(kind)}; this is {say_kind(given)}."
                )
            elif action.takes_money and isinstance(tree, MoneyLit) and tree.amount <= 0:
                judge.error("E502", f"“{name}” is more than nothing.", why=_ABOVE_NOTHING)
        elif param.made and not has_hole(tree):
            given = judge.kind(tree, dict(names)).sure
            if given.base is Base.THING and not _bears(judge, given, param):
                judge.error(
                    "E502",
                    f"“{name}” should be what the service answered when it made it"
                    f"{_or_thing(judge, param)}; this is {say_kind(given)}.",
                )
    if judge.english or place(step, "...") != place(step, ""):
        return
    judge.place = place(step, "")
    for param in action.params:
        if param.required and param.name not in body.params and param.fill != "runner":
            judge.error("E803", f"{action.name} needs “{param.name}”.")


def secrets_in(text: str) -> Iterator[tuple[int, int]]:
    """Where something stands that looks like a key or a password."""
    low = text.casefold()
    long = max(map(len, low.split()), default=0) >= _SHORTEST
    if not long and not any(sign in low for sign in _SIGNS):
        return
    for found in SECRET.finditer(text):
        yield found.start(), found.end()
