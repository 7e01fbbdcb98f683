"""Runs as people see them: a list, and each one step by step on the text that it was written as."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from urllib.parse import urlencode
from uuid import UUID

from pydantic import JsonValue
from starlette.responses import Response

from one.domains import notices, runs
from one.domains.runs import KEPT, Moment, Timeline
from one.errors import JSON, Fault, Invalid
from one.runtime.durable import line_of, spoken
from one.runtime.input import parse
from one.store.runs import ENDED, Status
from one.web.pages.feature import face_of
from one.web.pages.look import RUN_STATES
from one.web.pages.names import names_of
from one.web.pages.picking import is_id
from one.web.pages.running import told as said_of
from one.web.pages.visit import Form, Page, Visit
from one.workshop.retelling import came_of, failure_of

_FORMS = ("signal", "decide")
_TELLING = re.compile(r"[\s\d.*-]*(NOTIFY|SEND|TELL|EMAIL|MESSAGE|SHOW|THANK)\b", re.IGNORECASE)
_DONE = {
    "answer": "You have said it.",
    "cancel": "It is asked to stop. What it has to take back, it takes back first.",
    "retry": "It goes on.",
    "signal": "It is told.",
    "decide": "It goes on.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A step as it is shown, and what came of it; of what was done as one, each line's part."""

    moment: Moment
    line: int
    came: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text, and what has come of it: nothing yet, or how its last step stands."""

    number: int
    text: str
    told: tuple[Told, ...]

    @property
    def state(self) -> str:
        return self.told[-1].moment.status if self.told else ""


async def _list(visit: Visit, form: Form) -> Response:
    del form
    chosen = {name: visit.query.get(name, "").strip() for name in ("status", "feature")}
    before = visit.query.get("before")
    found = (await visit.call(runs.list_my_runs, before=before, **chosen)).result
    on = {name: value for name, value in chosen.items() if value}
    people = [id for one in found.items for id in (one.runner, one.author) if id]
    return visit.page(
        "runs/runs.html",
        runs=found.items,
        names=await names_of(visit, people),
        chosen=chosen,
        states=[("", "Any"), *((one, RUN_STATES[one]) for one in get_args(Status))],
        live=urlencode({**on, "before": before} if before else on),
        older="/runs?" + urlencode({**on, "before": str(found.next)}) if found.next else "",
    )


async def _show(visit: Visit, form: Form) -> Response:
    """For the feature's author line by line; for who runs it what came of it."""
    found = (await visit.call(runs.get_run, id=_id(visit))).result
    if visit.actor.staff or visit.actor.id == found.run.author:
        return await _show_author(visit, found, form=form)
    return await _show_runner(visit, found, form=form)


async def _show_guest(visit: Visit, form: Form) -> Response:
    """For who has no account; what they typed isn't repeated to whoever has the address."""
    found = (await visit.call(runs.show_guest_run, key=visit.path["key"])).result
    run = found.run.model_copy(update={"input": None})
    return await _show_runner(visit, found.model_copy(update={"run": run}), form=form, guest=True)


async def _show_runner(
    visit: Visit, found: Timeline, *, form: Form, guest: bool = False
) -> Response:
    run = found.run
    names = await names_of(visit, [run.author, *_ids_in(run.input), *_ids_in(run.output)])
    called = {str(id): name for id, name in names.items()}
    author = names.get(run.author, "its author")
    return visit.page(
        "runs/mine.html",
        again=await face_of(visit, run),
        asks=found.asks,
        author=author,
        bought=[] if guest else found.bought,
        done=_DONE.get(visit.query.get("done", ""), ""),
        ended=run.status in ENDED,
        form=form,
        gave=[*said_of(run.output, called)],
        given=[
            one for one in said_of(run.input, called) if one.path != f"/things/{visit.actor.id}"
        ],
        guest=guest,
        pay=found.pay,
        run=run,
        said=[one for one in found.steps if one.operation == "progress" and one.result],
        site=visit.app.deployment.settings.address,
        until=run.created_at + KEPT,
        waits=[*_waits(found)],
        wrong=failure_of(run.error) if run.error else "",
    )


def _ids_in(values: JsonValue) -> Iterator[UUID]:
    for one in values.values() if isinstance(values, dict) else ():
        if isinstance(one, str) and is_id(one):
            yield UUID(one)


def _waits(found: Timeline) -> Iterator[tuple[str, datetime | None]]:
    """What the run waits for, nothing but its time where that is empty, and until when."""
    for one in found.steps:
        if one.status == "waiting" and one.waits_for not in ("…", None):
            yield spoken(one.waits_for or ""), one.until
        elif one.status == "waiting":
            yield "" if one.waits_for is None else "somebody’s word", one.until


async def _show_author(visit: Visit, found: Timeline, *, form: Form) -> Response:
    # Whether a call may be made is asked in a step of its own, which says nothing where it may.
    steps = [one for one in found.steps if one.operation != "may" or one.error]
    run, waiting = found.run, [one for one in steps if one.status == "waiting"]
    told = [*_told(steps, found)]
    topics = {one.waits_for for one in waiting if one.waits_for}
    return visit.page(
        "runs/run.html",
        asks=found.asks,
        blind=[one for one in steps if one.status == "begun"],
        again=next((one for one in steps if one.status == "begun" and one.until), None),
        done=_DONE.get(visit.query.get("done", ""), ""),
        ended=run.status in ENDED,
        failure_of=failure_of,
        form=form,
        forms={name: form if form.name == name else Form(name) for name in _FORMS},
        lines=[*_lines(told, found.text or "")],
        names=await names_of(visit, [run.runner] if run.runner else []),
        run=run,
        signals=sorted(topic for topic in topics if ":" not in topic),
        spoken=spoken,
        told=told,
        waiting=waiting,
    )


def _lines(told: Sequence[Told], text: str) -> Iterator[Line]:
    """The text of the feature, where it may be read."""
    of: dict[int, list[Told]] = {}
    for one in told:
        of.setdefault(one.line, []).append(one)
    for number, line in enumerate(text.splitlines(), 1):
        yield Line(number, line, tuple(of.get(number, ())))


def _told(steps: Sequence[Moment], found: Timeline) -> Iterator[Told]:
    """Each step at its line; what was done in one transaction, at the lines of its commands."""
    text = ["", *(found.text or "").splitlines()]
    for moment in steps:
        for line, part in _parts(moment, found.lines).items():
            came = came_of(moment.model_copy(update={"result": part}))
            telling = moment.operation == "data" and came.isdecimal() and line < len(text)
            if telling and _TELLING.match(text[line]):
                came = f"{came} {'person has' if came == '1' else 'people have'} it"
            yield Told(moment, line, came)


def _parts(moment: Moment, lines: Mapping[str, int]) -> Mapping[int, JsonValue]:
    """What a step came to, by lines."""
    here = moment.line or 0
    if moment.operation != "data" or not isinstance(moment.result, dict) or not moment.result:
        return {here: moment.result}
    parts: dict[int, dict[str, JsonValue]] = {}
    for path, came in moment.result.items():
        parts.setdefault(line_of(path, lines) or here, {})[path] = came
    return parts


async def _cancel(visit: Visit) -> Response:
    await visit.call(runs.cancel_run, id=_id(visit))
    return _back(visit, "cancel")


async def _retry(visit: Visit) -> Response:
    await visit.call(runs.retry_run, id=_id(visit))
    return _back(visit, "retry")


async def _signal(visit: Visit) -> Response:
    payload = _json(visit, "payload")
    await visit.call(runs.signal_run, id=_id(visit), topic=visit.form.get("topic"), payload=payload)
    return _back(visit, "signal")


async def _decide(visit: Visit) -> Response:
    given: dict[str, JSON] = {"path": visit.form.get("path"), "done": "done" in visit.form}
    await visit.call(runs.decide_call, id=_id(visit), result=_json(visit, "result"), **given)
    return _back(visit, "decide")


async def _answer(visit: Visit) -> Response:
    yes = visit.form.get("yes") == "true"
    await visit.call(notices.answer_request, id=visit.form.get("request", ""), yes=yes)
    return _back(visit, "answer")


def _json(visit: Visit, name: str) -> JSON:
    """What was typed as JSON. Raises Invalid."""
    said = visit.form.get(name, "").strip()
    if not said:
        return None
    try:
        return parse(said.encode())
    except Invalid:
        fault = Fault(f"/{name}", 'has to be JSON, like {"paid": true}')
        raise Invalid("This can't be read.", cure="Correct it.", faults=(fault,)) from None


def _back(visit: Visit, done: str) -> Response:
    return visit.go(f"/runs/{_id(visit)}?done={done}")


def _id(visit: Visit) -> UUID:
    return visit.id("There is no such run.", cure="Go back to your runs.")


PAGES = (
    Page("/runs", _list),
    Page("/runs/{id}", _show),
    Page("/ran/{key}", _show_guest),
    Page("/runs/{id}/answer", _show, _answer, read=False),
    Page("/runs/{id}/cancel", _show, _cancel, read=False),
    Page("/runs/{id}/retry", _show, _retry, read=False),
    Page("/runs/{id}/signal", _show, _signal, form="signal", read=False),
    Page("/runs/{id}/decide", _show, _decide, form="decide", read=False),
)
