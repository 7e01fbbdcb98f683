"""Values that nobody else may see: they may tell a model what to do, and go nowhere else.

Somebody's address is where a message goes; what a service knows somebody by goes to that service;
what is sold goes to whom it is given, which the sheet says.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from one.compiler.checker.flow import values_of
from one.compiler.checker.infer import Judge, Names
from one.compiler.expression import LEAVES, Binary, Call, Expr, Get, Ref, children
from one.compiler.kinds import Base, Kind
from one.compiler.program import Service, Step
from one.compiler.reader import Span
from one.compiler.vocabulary import Vocabulary, spaced

CONTACT = frozenset({"email", "phone"})
GOODS = frozenset({"fileId", "fileUrl", "meetingUrl"})
"""Private until they are handed over: what somebody bought."""

_KNOWN_TO = {"voiceId": "elevenlabs", "streamKey": "twitch", "checkoutSessionId": "stripe"}
_RECIPIENTS = frozenset(
    {"to", "guest", "customer", "email", "person", "recipient", "owner", "from"}
)
_TOLD = frozenset({"length", "failed", "connected", "owns", "contains", "startsWith", "balance"})
"""Functions whose answer says nothing of the value itself."""

Place = Callable[[Step, str], Span]
Carried = dict[str, frozenset[str]]


def reads_private(steps: Sequence[Step], vocabulary: Vocabulary) -> bool:
    """Whether any value is read by a private key's name, so that a closer look is worth it."""
    keys = vocabulary.private_keys
    return any(
        _reads(tree, keys)
        for step in steps
        for trees in (_sinks(step), _handed_on(step).items())
        for _, tree in trees
    )


def _reads(tree: Expr, keys: Collection[str]) -> bool:
    if isinstance(tree, LEAVES):
        return False
    own = isinstance(tree, Get) and tree.key in keys
    return own or any(_reads(part, keys) for part in children(tree))


def _all_parts(tree: Expr) -> Iterator[Expr]:
    yield tree
    for part in children(tree):
        yield from _all_parts(part)


def check_private(judge: Judge, steps: Sequence[Step], kinds: Names, *, place: Place) -> None:
    """Every place where a private value would be seen by somebody: once a step."""
    tracker = _Tracker(judge, kinds)
    for _ in range(2):  # a loop may read what it has set before
        for step in steps:
            tracker.bind(step)
    for step in steps:
        for pointer, tree in _sinks(step):
            carried = sorted(tracker.keys(tree))
            leaking = [key for key in carried if not _may(judge, step, (pointer, tree), key=key)]
            if leaking:
                spots = (judge.place_of(one) for one in _all_parts(tree) if tracker.keys(one))
                at = next((spot for spot in spots if spot), None) or place(step, pointer)
                judge.error("E807", _said(leaking[0]), span=at)
                break


class _Tracker:
    """Which private keys each name carries."""

    def __init__(self, judge: Judge, kinds: Names) -> None:
        self.judge = judge
        self.kinds = kinds
        self.names: Carried = {}

    def bind(self, step: Step) -> None:
        for name, tree in _handed_on(step).items():
            self.names[name] = self.keys(tree)

    def keys(self, tree: Expr) -> frozenset[str]:
        """The private keys whose values are in the tree."""
        match tree:
            case Ref(name):
                return self.names.get(name, frozenset())
            case Binary(op) if op in {"==", "!=", "<", "<=", ">", ">=", "in", "and", "or"}:
                return frozenset()
            case Call(name) if name in _TOLD:
                return frozenset()
            case _:
                inner = (key for part in children(tree) for key in self.keys(part))
                return frozenset([*inner, *self._own(tree)])

    def _own(self, tree: Expr) -> Iterator[str]:
        if isinstance(tree, Get) and self._private(
            self.judge.kind(tree.of, dict(self.kinds)), tree.key
        ):
            yield tree.key

    def _private(self, kind: Kind, key: str) -> bool:
        known = self.judge.vocabulary
        match kind.base:
            case Base.THING:
                types = kind.types & known.entity_types.keys()
                return any(key in known.entity(name).private for name in types)
            case Base.CONNECTION:
                types = kind.types & known.connection_types.keys()
                return any(key in known.connection(name).private for name in types)
            case Base.EVENT:
                types = kind.types & known.event_types.keys()
                return any(key in known.event(name).private for name in types)
            case _:
                return False


def _handed_on(step: Step) -> Mapping[str, Expr]:
    """Names that carry what other values hold."""
    if step.for_each is not None:
        return {step.for_each.as_: step.for_each.in_}
    return step.set or {}


Values = Iterator[tuple[str, Expr]]


def _sinks(step: Step) -> Values:
    """The values of a step that somebody gets to see, with their pointers."""
    for pointer, tree, _ in values_of(step):
        yield pointer, tree
    yield from (step.return_ or {}).items()
    if step.on_error is not None:
        yield from (step.on_error.return_ or {}).items()
    if step.validate_ is not None and step.validate_.message is not None:
        yield "message", step.validate_.message


def _may(judge: Judge, step: Step, sink: tuple[str, Expr], *, key: str) -> bool:
    """Whether this value may go there."""
    pointer, tree = sink
    if key in GOODS:
        return True
    if step.service is not None:
        return _may_leave(judge, step.service, pointer.rpartition("/")[2], key=key)
    if step.notify is not None and pointer == "to":
        return key in CONTACT
    kept = pointer.rpartition("/")[2] == key and pointer.partition("/")[0] in {"properties", "set"}
    return kept or (step.update is not None and tree == step.update.target)


def _may_leave(judge: Judge, call: Service, param: str, *, key: str) -> bool:
    service = next((one for one in judge.vocabulary.services if one.name == call.provider), None)
    if service is not None and service.open:
        return key not in CONTACT
    if key in CONTACT:
        return param in _RECIPIENTS
    return key.startswith(call.provider) or _KNOWN_TO.get(key) == call.provider


def _said(key: str) -> str:
    if key in CONTACT:
        return f"Somebody's “{spaced(key)}” is private: a message may go to it, and nothing else."
    return f"“{spaced(key)}” is private: it may tell a model what to do, and go nowhere else."
