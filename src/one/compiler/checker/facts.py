"""Facts of money and tokens: only what moves them writes them."""

from collections.abc import Sequence

from one.compiler.checker.infer import Judge
from one.compiler.program import Program, Service, Step, Trigger
from one.compiler.vocabulary import FACTS, PAID

_MOVERS = frozenset({"payments", "blockchain"})
"""Words of the services that move money or tokens."""


def check_facts(judge: Judge, program: Program, steps: Sequence[Step]) -> None:
    """A RECORD or CONNECT of such a fact speaks of a charge, a grant or a mint before it."""
    moved = program.trigger is not None and _heard(program.trigger)
    for step in steps:
        moved = moved or _moves(judge, step)
        fact = _fact(step)
        if fact and not moved:
            judge.error(
                "E412",
                _SAID["paid" if fact in PAID else "held"],
                span=judge.locate(step),
                why=_rewrite(fact),
            )
            return


def _fact(step: Step) -> str:
    made = step.connect or step.event
    return made.type if made is not None and made.type in FACTS else ""


def _heard(trigger: Trigger) -> bool:
    return trigger.event in FACTS or trigger.connection in FACTS


def _moves(judge: Judge, step: Step) -> bool:
    """Whether the step moves or makes such things, may do so, or waits until somebody did."""
    if step.grant is not None or step.call is not None:
        return True
    if step.entity is not None:
        return step.entity.type in {"nft", "token"}
    if step.wait_for_event is not None:
        return step.wait_for_event.type in FACTS
    return step.service is not None and _pays(judge, step.service)


def _pays(judge: Judge, body: Service) -> bool:
    """A call that changes something at a service of payments or of tokens, or an unknown one."""
    action = judge.vocabulary.action(body.provider, body.method)
    return action is None or (action.effect != "pure" and body.provider in _movers(judge))


def _movers(judge: Judge) -> Sequence[str]:
    return [one.name for one in judge.vocabulary.services if _MOVERS & set(one.words)]


_SAID = {
    "paid": "That somebody paid or bought is written when it happens, not by hand.",
    "held": "That somebody holds or earns tokens is written when it happens, not by hand.",
}


def _rewrite(fact: str) -> str:
    if fact in PAID:
        return "Write CALL Stripe to charge payment on a line before it."
    return "Write REWARD fan WITH 10 tokens, or CALL Blockchain to mint on a line before it."
