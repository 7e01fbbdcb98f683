"""Programs drawn at random: well typed, of data commands in every shape a flow can have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from one.compiler.expression import (
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Items,
    Lit,
    MoneyLit,
    Ref,
    Template,
    Unary,
)
from one.compiler.program import (
    Checkpoint,
    Connect,
    Disconnect,
    Entity,
    Event,
    Filter,
    ForEach,
    Grant,
    If,
    Nested,
    Notify,
    OnError,
    Order,
    Program,
    Query,
    Retrying,
    Show,
    Slot,
    Step,
    Tagging,
    Target,
    Try,
    Update,
    Validate,
)

Drawn = TypeVar("Drawn")
INPUTS = {
    "fan": "Id<person>",
    "course": "Id<course>",
    "words": "text",
    "n": "integer",
    "part": "number",
    "price": "money",
    "flag": "boolean",
    "lines": "text[]",
}
_OF = {
    "person": ["fan"],
    "thing": ["course"],
    "text": ["words"],
    "integer": ["n"],
    "number": ["n", "part"],
    "money": ["price"],
    "boolean": ["flag"],
    "list": ["lines"],
    "any": [],
}
_WORDS = ("", "breath", "Sea", "a, b", "it's {so}", '$5 \\ "x"')


@dataclass
class Writer:
    """Writes one program; `names` are those in scope by kind."""

    draw: Callable[[st.SearchStrategy[object]], object]
    names: dict[str, list[str]] = field(
        default_factory=lambda: {kind: list(some) for kind, some in _OF.items()}
    )
    left: int = 14
    made: int = 0

    def one(self, some: Sequence[Drawn]) -> Drawn:
        """One of several."""
        found = self.draw(st.integers(0, len(some) - 1))
        assert isinstance(found, int)
        return some[found]

    def often(self, percent: int) -> bool:
        return self.one(range(100)) < percent

    def fresh(self, kind: str) -> str:
        """A new name, in scope from here on."""
        self.made += 1
        name = f"v{self.made}"
        self.names[kind].append(name)
        return name

    def ref(self, kind: str) -> Expr:
        return Ref(self.one(self.names[kind]))

    # --- values

    def value(self, kind: str, depth: int = 2) -> Expr:
        if depth == 0 or self.often(35):
            return self.leaf(kind)
        inner = depth - 1
        if self.often(10) and kind not in ("person", "thing"):
            yes, no = self.value(kind, inner), self.value(kind, inner)
            return Choice(self.condition(inner), yes, no)
        match kind:
            case "integer":
                return self.integer(inner)
            case "number":
                return self.number(inner)
            case "text":
                return self.text(inner)
            case "money":
                return self.money(inner)
            case "boolean":
                return self.condition(inner)
            case "list":
                return self.one((self.items, self.parts))(inner)
            case "any":
                return self.value(self.one(("integer", "text", "money", "boolean")), inner)
            case _:
                return self.leaf(kind)

    def leaf(self, kind: str) -> Expr:
        if self.names[kind] and (self.often(60) or kind in ("person", "thing")):
            return self.ref(kind)
        match kind:
            case "integer":
                return Lit(self.one((-2, 0, 1, 3, 10)))
            case "number":
                return Lit(self.one((0.5, 2, -1.25)))
            case "money":
                return MoneyLit(self.one((0, 150, 999)), "usd")
            case "boolean":
                return Lit(self.often(50))
            case "list":
                return Items((Lit("one"), Lit("two")))
            case _:
                return Lit(self.one(_WORDS))

    def integer(self, depth: int) -> Expr:
        left, right = self.value("integer", depth), self.value("integer", depth)
        counted = Call("length", (self.value(self.one(("text", "list")), depth),))
        return self.one((Binary(self.one("+-*"), left, right), counted, Unary("-", left)))

    def number(self, depth: int) -> Expr:
        left, right = self.value("number", depth), self.value("number", depth)
        halved = Binary("/", left, Lit(2))
        rounded = Call(self.one(("round", "floor", "ceil")), (left,))
        best = Call(self.one(("min", "max")), (left, right))
        return self.one((Binary(self.one("+-*"), left, right), halved, rounded, best))

    def text(self, depth: int) -> Expr:
        some = self.value("text", depth)
        said = Template(("Hi ", some, " & ", self.value(self.one(("integer", "money")), depth)))
        name = Get(self.leaf(self.one(("person", "thing"))), "name")
        changed = Call(self.one(("upper", "lower", "trim")), (some,))
        joined = Call("join", (self.value("list", depth), Lit("-")))
        return self.one((said, name, changed, joined, Binary("+", some, Lit("!"))))

    def money(self, depth: int) -> Expr:
        left, right = self.value("money", depth), self.value("money", depth)
        times = Binary("*", left, self.value("integer", depth))
        halved = Binary("/", left, Lit(self.one((2, 3))))
        return self.one((Binary(self.one("+-"), left, right), times, halved))

    def items(self, depth: int) -> Expr:
        return Items(tuple(self.value("text", depth) for _ in range(self.one((0, 1, 3)))))

    def parts(self, depth: int) -> Expr:
        return Call("split", (self.value("text", depth), Lit(",")))

    def condition(self, depth: int = 2) -> Expr:
        if depth <= 0:
            return self.leaf("boolean")
        inner = depth - 1
        kind = self.one(("integer", "number", "text", "money"))
        left, right = self.value(kind, inner), self.value(kind, inner)
        compared = Binary(self.one(("==", "!=", "<", "<=", ">", ">=")), left, right)
        both = Binary(self.one(("and", "or")), self.condition(inner), self.condition(inner))
        choices = [compared, both, Unary("not", self.condition(inner)), self.asked(inner)]
        return self.one(choices)

    def asked(self, depth: int) -> Expr:
        person, thing, me = self.ref("person"), self.ref("thing"), Call("me", ())
        text = self.value("text", depth)
        return self.one(
            (
                Call("connected", (person, Lit("following"), me)),
                Call("connected", (person, Lit("enrolled_in"), thing)),
                Call("owns", (self.one((person, me)), thing)),
                Binary(">", Call("balance", (person,)), self.value("integer", depth)),
                Binary("==", Get(thing, "status"), Lit("published")),
                Binary(self.one(("==", "!=")), thing, Lit(None)),
                Call("contains", (text, Lit("e"))),
                Call("startsWith", (text, Lit("b"))),
                Binary("in", text, Items((Lit("breath"), Lit("sea")))),
                Binary("in", text, self.value("list", depth)),
            )
        )

    # --- steps

    def block(self, depth: int, *, least: int = 1) -> list[Step]:
        """Steps of a body; names that it binds are not known after it."""
        held = {kind: list(some) for kind, some in self.names.items()}
        steps = self.steps(depth, least=least)
        self.names = held
        return steps

    def steps(self, depth: int, *, least: int = 1) -> list[Step]:
        found: list[Step] = []
        for _ in range(least + self.one(range(3))):
            if self.left <= 0:
                break
            self.left -= 1
            found.append(self.step(depth))
        return found

    def step(self, depth: int) -> Step:
        shapes = (self.branch, self.loop, self.tried, self.again, self.group)
        if depth > 0 and self.often(40):
            return self.one(shapes)(depth - 1)
        step = self.one((self.bind, self.check, self.row, self.row, self.row, self.shown))()
        if step.kind not in ("set", "show", "validate") and self.often(15):
            step = step.model_copy(update={"on_error": self.failing()})
        return step

    def failing(self) -> OnError:
        match self.one(range(4)):
            case 0:
                return OnError(return_={"error": Lit("It went wrong")})
            case 1:
                return OnError(continue_=True)
            case 2:
                return OnError(return_={"first": self.value("text")})
            case _:
                return OnError(rollback=self.block(0))

    def bind(self) -> Step:
        kind = self.one(("integer", "number", "text", "money", "boolean", "list"))
        tree = self.value(kind)
        own = [name for name in self.names[kind] if name.startswith("v")]
        return Step(set={self.one(own) if own and self.often(30) else self.fresh(kind): tree})

    def check(self) -> Step:
        condition = self.condition()
        likely = Binary("or", condition, Lit(True)) if self.often(60) else condition
        message = self.one((None, Lit("Not like that"), self.value("text")))
        return Step(validate_=Validate(condition=likely, message=message))

    def shown(self) -> Step:
        return Step(show=Show(values={self.one(("first", "extra")): self.value("any")}))

    def branch(self, depth: int) -> Step:
        other = self.block(depth) if self.often(50) else []
        return Step(if_=If(condition=self.condition(), then=self.block(depth), else_=other))

    def loop(self, depth: int) -> Step:
        of = self.value("list")
        held = {kind: list(some) for kind, some in self.names.items()}
        item = self.fresh("text")
        do = self.block(depth)
        self.names = held
        carry_on = self.often(30)
        return Step(for_each=ForEach(in_=of, as_=item, do=do, continue_on_error=carry_on))

    def tried(self, depth: int) -> Step:
        last = self.block(0) if self.often(30) else []
        catch = self.block(depth) if self.often(80) else []
        return Step(try_=Try(do=self.block(depth), catch=catch, finally_=last))

    def again(self, depth: int) -> Step:
        fallback = self.block(depth) if self.often(60) else []
        return Step(retry=Retrying(do=self.block(depth), times=2, fallback=fallback))

    def group(self, depth: int) -> Step:
        inner = self.block(depth)
        match self.one(range(4)):
            case 0:
                failing = self.failing() if self.often(50) else None
                return Step(atomic=[one for one in inner if not one.return_], on_error=failing)
            case 1:
                return Step(parallel={"left": inner, "right": self.block(depth)})
            case 2:
                return Step(step=Checkpoint(name="Here", number=1, do=inner))
            case _:
                return Step(flow=Nested(steps=inner))

    def row(self) -> Step:
        """A data command."""
        person, thing, text = self.ref("person"), self.ref("thing"), self.value("text", 1)
        match self.one(range(12)):
            case 0 | 1:
                return self.create()
            case 2:
                tie = self.one(("enrolled_in", "engaged_with"))
                liked: dict[str, Expr] = {"engagementType": Lit("liked")}
                metadata = liked if tie == "engaged_with" else {}
                return Step(connect=Connect(from_=person, to=thing, type=tie, metadata=metadata))
            case 3:
                me = Call("me", ())
                return Step(disconnect=Disconnect(from_=person, to=me, type="following"))
            case 4:
                duration = self.value("number", 1)
                event = Event(type="content_viewed", entity=thing, metadata={"duration": duration})
                return Step(event=event)
            case 5:
                more = {"x_count": self.value("integer", 1)} if self.often(60) else {}
                update = Update(target=thing, set={"x_note": text}, add=more)
                return Step(update=update)
            case 6:
                return Step(grant=Grant(to=person, amount=self.value("integer", 1)))
            case 7:
                names = [self.one((Lit("topic:sea"), text))]
                return Step(tag=Tagging(target=thing, names=names))
            case 8:
                life = self.one(("archive", "publish", "delete", "restore"))
                return Step.model_validate({life: Target(target=thing)})
            case 9:
                return Step(notify=Notify(to=person, about=text))
            case _:
                return self.asking()

    def create(self) -> Step:
        properties = {"x_note": self.value("any", 1), "x_more": self.value("text", 1)}
        type = self.one(("blog_post", "lead", "digital_product"))
        name = self.value("text", 1)
        output = self.fresh("thing")
        made = Entity(type=type, name=name, properties=properties)
        return Step(entity=made, output=output)

    def asking(self) -> Step:
        kind = Filter(field="type", operator="eq", value=Lit(self.one(("course", "lesson"))))
        named = Filter(field="name", operator="contains", value=self.value("text", 1))
        where = [kind, named] if self.often(40) else [kind]
        if self.often(50):
            query = Query(from_="entities", where=where, select="count")
            return Step(query=query, output=self.fresh("integer"))
        query = Query(from_="entities", where=where, order_by=[Order(field="name")], limit=5)
        return Step(query=query, output=self.fresh("any"))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program that answers `first`, `second` and `third`."""
    write = Writer(draw)  # pyright: ignore[reportArgumentType] # draws ints alone
    steps = write.steps(2, least=3)
    given = {"second": write.value("any"), "third": write.value("any")}
    if write.names["any"]:
        given["first"] = write.ref("any")
    outputs = {name: Slot(type="json") for name in ("first", "second", "third")}
    return Program(
        feature="drawn",
        title="Drawn",
        input={name: Slot(type=kind) for name, kind in INPUTS.items()},
        output=outputs,
        flow=[*steps, Step(return_=given)],
    )
