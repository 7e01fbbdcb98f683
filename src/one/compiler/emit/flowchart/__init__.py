"""The flow of a feature as a picture: what happens, one thing after the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from one.compiler.emit.flowchart.shapes import (
    Part,
    aside,
    below,
    box,
    framed,
    going_on,
    split,
)
from one.compiler.expression import Lit
from one.compiler.paraphrase import sentence, started, understood
from one.compiler.predicates import to_condition
from one.compiler.program import OnError, Program, Step, Values
from one.compiler.spoken import along, listed, named, says, words

_MARGIN = 20
_SAVED = re.compile(r"; call it [^;.]*")
_KINDS: Mapping[str, str] = {
    "service": "call",
    "call": "call",
    "wait": "wait",
    "waitForEvent": "wait",
    "validate": "check",
    "if": "check",
    "query": "look",
    "set": "look",
    "return": "end",
    "show": "tell",
    "notify": "tell",
}
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2430; }
.label { font-size: 11px; fill: #5a6675; }
.title { font-weight: 600; }
.page { fill: #ffffff; }
.box { fill: #f4f6f9; stroke: #c3ccd8; }
.mark { fill: #3b7dd8; } .mark.call { fill: #8a4fd0; } .mark.wait { fill: #8793a3; }
.mark.check { fill: #c98a00; } .mark.look { fill: #2b9aa3; } .mark.tell { fill: #2f9e5b; }
.mark.end { fill: #1f7a43; } .mark.stop { fill: #cc3b3b; }
.box.check { fill: #fff8e6; } .box.end { fill: #e9f7ee; } .box.stop { fill: #fdeeee; }
.frame { fill: none; stroke: #9aa7b8; } .frame.loop, .frame.tries { stroke-dasharray: 6 4; }
.frame.whole { stroke: #8a4fd0; stroke-width: 2; }
.line { fill: none; stroke: #6b7a8d; stroke-width: 1.4; }
.line.wrong { stroke: #cc3b3b; stroke-dasharray: 4 3; } .line.back { stroke-dasharray: 3 3; }
.tip { fill: #6b7a8d; }
@media (prefers-color-scheme: dark) {
text { fill: #e6eaf0; } .label { fill: #a4b0bf; } .page { fill: #12171e; }
.box { fill: #1c2430; stroke: #3a4656; }
.box.check { fill: #2c2716; } .box.end { fill: #16281d; } .box.stop { fill: #311a1c; }
.frame { stroke: #56657a; } .line { stroke: #93a2b5; } .tip { fill: #93a2b5; }
.line.wrong { stroke: #f07878; }
}
"""


def flowchart(program: Program) -> str:
    """The picture as SVG, without scripts, in the colours of the reader's scheme; it says itself in
    words to who doesn't see it.
    """
    whole = below([_begin(program), *_parts(program.flow), *_end(program.flow)])
    width, height = whole.width + 2 * _MARGIN, whole.height + 2 * _MARGIN
    drawn = "\n".join(whole.draw(_MARGIN, _MARGIN))
    title = escape(program.title or named(program.feature))
    told = escape("\n".join(understood(program, [])))
    id = escape(program.feature)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="img"'
        f' aria-labelledby="{id}-title {id}-words">\n'
        f'<title id="{id}-title">{title}</title>\n<desc id="{id}-words">{told}</desc>\n'
        f"<style>{_STYLE}</style>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/>'
        "</marker></defs>\n"
        f'<rect class="page" width="{width:g}" height="{height:g}"/>\n{drawn}\n</svg>\n'
    )


def _begin(program: Program) -> Part:
    if program.trigger is not None:
        return box(started(program.trigger), "end")
    needed = listed([named(name) for name in program.input])
    return box(f"It is run with {needed}" if needed else "It is run", "end")


def _end(flow: Sequence[Step]) -> Iterator[Part]:
    if not (flow and flow[-1].return_ is not None):
        yield box("Done", "end", ends=True)


def _parts(steps: Sequence[Step]) -> list[Part]:
    return [_part(step) for step in steps]


def _block(steps: Sequence[Step]) -> Part:
    return below(_parts(steps))


def _part(step: Step) -> Part:
    shape = _SHAPES.get(step.kind)
    if shape is not None:
        return shape(step)
    bare = step.model_copy(update={"on_error": None})
    text = _SAVED.sub("", sentence(bare)).rstrip(".")
    part = box(text, _KINDS.get(step.kind, "data"), ends=step.return_ is not None)
    late = step.wait_for_event is not None
    return aside(part, "too late" if late else "fails", other=_failing(step.on_error))


def _failing(failing: OnError | None) -> Part:
    """What is done when a step fails."""
    if failing is None:
        return below([])
    parts = _parts(failing.rollback)
    if failing.return_ is not None:
        parts.append(_stop(failing.return_))
    elif failing.continue_ or failing.retry:
        parts.append(box("Go on", "look"))
    elif parts and not parts[-1].ends:
        parts.append(box("Stop", "stop", ends=True))
    return below(parts)


def _stop(fields: Values) -> Part:
    said = fields.get("error")
    if said is not None:
        return box(f"Stop and say {words(said)}", "stop", ends=True)
    return box(f"Stop and answer{along(fields)}", "end", ends=True)


def _check(step: Step) -> Part:
    assert step.validate_ is not None
    message = step.validate_.message
    said = f"Say {words(message)}" if isinstance(message, Lit) else "Stop"
    part = box(f"Make sure that {says(to_condition(step.validate_))}", "check")
    return aside(part, "no", other=box(said, "stop", ends=True))


def _branch(step: Step) -> Part:
    assert step.if_ is not None
    head = box(f"If {says(step.if_.condition)}", "check")
    return split(head, [("yes", _block(step.if_.then)), ("no", _block(step.if_.else_))])


def _loop(step: Step) -> Part:
    assert step.for_each is not None
    inner = going_on(_block(step.for_each.do))
    return framed(sentence(step).rstrip(":"), inner, kind="loop")


def _at_once(step: Step) -> Part:
    sides = [("", _block(block)) for block in (step.parallel or {}).values()]
    return split(box("At the same time", "look"), sides)


def _whole(step: Step) -> Part:
    frame = framed("All of this, or nothing of it", _block(step.atomic or []), kind="whole")
    return aside(frame, "any fails", other=_failing(step.on_error))


def _try(step: Step) -> Part:
    tried = step.try_
    assert tried is not None
    frame = framed("Try", _block(tried.do), kind="tries")
    part = aside(frame, "fails", other=_block(tried.catch))
    if not tried.finally_:
        return part
    return below([part, framed("In any case", _block(tried.finally_), kind="tries")])


def _retry(step: Step) -> Part:
    assert step.retry is not None
    frame = framed(sentence(step).rstrip(":"), _block(step.retry.do), kind="tries")
    return aside(frame, "all fail", other=_block(step.retry.fallback))


def _section(step: Step) -> Part:
    inner = step.step.do if step.step else step.flow.steps if step.flow else []
    return framed(sentence(step).rstrip(":"), _block(inner), kind="section")


def _later(step: Step) -> Part:
    assert step.later is not None
    return framed(sentence(step).rstrip(":"), going_on(_block(step.later.do)), kind="tries")


_SHAPES = {
    "validate": _check,
    "if": _branch,
    "forEach": _loop,
    "parallel": _at_once,
    "atomic": _whole,
    "try": _try,
    "retry": _retry,
    "step": _section,
    "flow": _section,
    "later": _later,
}
"""By primitive; all others are a box."""

__all__ = ["flowchart"]
