"""The way through a program as its sheet needs it: what was paid, waited for or repeated before."""

from collections.abc import Iterator
from dataclasses import replace

from one.compiler.bind.session import ends
from one.compiler.checker.infer import Names, narrowed
from one.compiler.expression import Expr, Lit, MoneyLit, Unary, names_in
from one.compiler.light import frozen
from one.compiler.program import Grant, Program, Step, steps_of
from one.compiler.vocabulary import PAID, Vocabulary

_PAYING = frozenset({"charge", "subscribe"})
_ASKING = frozenset({"createCheckout", "createInvoice"})


@frozen
class Spot:
    """One step where it stands.

    `paid`: somebody has paid before it on every way. `judged`: what was waited for decides whether
    it is reached. `looped`: it may run many times. `undoing`: it only takes back.
    """

    path: str
    step: Step
    paid: bool = False
    judged: bool = False
    looped: bool = False
    undoing: bool = False


def spots(program: Program, vocabulary: Vocabulary, *, names: Names) -> Iterator[Spot]:
    """Every step of the program, as `walk` has them."""
    way = _Way(program, vocabulary, names=names)
    trigger = program.trigger
    paid = trigger is not None and bool({trigger.event, trigger.connection} & PAID)
    start = Spot("flow", Step(), paid=paid)
    way.block(program.flow, start)
    yield from way.found


class _Way:
    def __init__(self, program: Program, vocabulary: Vocabulary, *, names: Names) -> None:
        self.vocabulary = vocabulary
        self.names = names
        self.found: list[Spot] = []
        waits = [step for step in steps_of(program.flow) if step.wait_for_event and step.output]
        self.waited = {step.output for step in waits}
        self.payments = {step.output for step in waits if step.wait_for_event and _is_payment(step)}

    def block(self, steps: list[Step], at: Spot) -> bool:
        """Goes through the steps; answers whether somebody has paid after them."""
        paid = at.paid
        for number, step in enumerate(steps):
            here = replace(at, path=f"{at.path}.{number}", step=step, paid=paid)
            self.found.append(here)
            paid = self._inside(here) or paid or pays(step, self.vocabulary)
            paid = paid or (_is_payment(step) and not step.output)
        return paid

    def _inside(self, at: Spot) -> bool:
        """Goes through the blocks of a step; whether one that always runs has paid."""
        step, sure = at.step, at.paid
        if step.if_ is not None:
            return self._branches(at)
        for name, block in step.blocks():
            inner = replace(
                at,
                path=f"{at.path}.{name}",
                looped=at.looped or step.for_each is not None,
                undoing=at.undoing or name == "rollback",
            )
            paid = self.block(block, inner)
            always = name in {"atomic", "steps"} or step.parallel is not None
            always = always or (name == "do" and step.step is not None)
            sure = sure or (always and paid)
        return sure

    def _branches(self, at: Spot) -> bool:
        body = at.step.if_
        if body is None:
            return at.paid
        judged = at.judged or bool(self.waited & set(names_in(body.condition)))
        after: list[bool] = []
        for name, block, holds in (("then", body.then, True), ("else", body.else_, False)):
            paid = at.paid or self._settled(body.condition, holds=holds)
            paid = self.block(
                block, replace(at, path=f"{at.path}.{name}", paid=paid, judged=judged)
            )
            if not ends(block):
                after.append(paid)
        return all(after) and bool(after)

    def _settled(self, condition: Expr, *, holds: bool) -> bool:
        """Whether this answer to the condition means that the payment waited for has come."""
        known = narrowed(condition, self.names, holds=holds)
        return any(
            name in known and self.names[name].optional and not known[name].optional
            for name in self.payments & self.names.keys()
            if name
        )


def _is_payment(step: Step) -> bool:
    return step.wait_for_event is not None and step.wait_for_event.type in PAID


def takes_money(step: Step, vocabulary: Vocabulary) -> bool:
    """Whether the step asks somebody for money."""
    call = step.service
    return (
        call is not None
        and call.method in _PAYING | _ASKING
        and is_payments(call.provider, vocabulary)
    )


def pays(step: Step, vocabulary: Vocabulary) -> bool:
    """Whether somebody has paid once the step is done."""
    if step.grant is not None:
        return spends(step.grant)
    return (
        takes_money(step, vocabulary)
        and step.service is not None
        and (step.service.method in _PAYING)
    )


def is_payments(provider: str, vocabulary: Vocabulary) -> bool:
    service = next((one for one in vocabulary.services if one.name == provider), None)
    return service is not None and "payments" in service.words


def spends(grant: Grant) -> bool:
    """Whether tokens are taken: the amount is below nothing."""
    match grant.amount:
        case Lit(int() | float() as amount):
            return amount < 0
        case MoneyLit(amount):
            return amount < 0
        case Unary("-", _):
            return True
        case _:
            return False
