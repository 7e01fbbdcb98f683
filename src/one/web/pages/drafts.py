"""A draft: its text with what is understood of it, its questions, its flow; tried and deployed.

Without a script a form holds the text and every button saves it. With one, the editor saves as one
types, and asks for this same page anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from starlette.responses import Response

from one.clock import new_secret
from one.compiler.diagnosis import Edit
from one.compiler.mending import apply_edits
from one.compiler.reader import Span
from one.domains import features
from one.domains.features.drafts import DraftChanged, DraftShown
from one.domains.language import FixOffered, Said, TextEdit
from one.errors import JSON, Conflict, Invalid, OneError
from one.web.pages.code import painted
from one.web.pages.inputs import Blank, blanks_of, given
from one.web.pages.visit import Form, Page, Visit, refused
from one.workshop import deploy, preview, studio
from one.workshop.preview import Simulated
from one.workshop.studio import Inspected, Part

TABS = {
    "understood": "Understood",
    "questions": "Questions",
    "flow": "Flow",
    "rights": "May do",
    "code": "Code",
    "try": "Try",
}
_PARTS: Mapping[str, list[Part]] = {"flow": ["flow"], "rights": ["rights"], "code": ["code"]}
_WEIGHT = {"error": 0, "question": 1, "warning": 2, "info": 3}
_SHARES = [("", "Everybody at once"), *((str(n), f"{n} % of the calls first") for n in (1, 10, 50))]
_DONE = {
    "taken": "It is yours to read and change. Its text is all that it brings: no data, no keys, no"
    " code. Read what it may do before you deploy it.",
    "fixed": "Mended.",
    "kept": "Your text is kept.",
}


@dataclass(frozen=True, slots=True)
class Offered:
    """A fix as a button: `key` says which it is, `edits` what it does, as JSON."""

    key: str
    title: str
    edits: str
    filled: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said of a line, with its fixes."""

    said: Said
    fixes: Sequence[Offered]


async def _show(visit: Visit, form: Form) -> Response:
    draft = await _draft(visit)
    if form.name == "draft" and form.values:
        draft = draft.model_copy(update={"text": form.values.get("text", draft.text)})
    return await _editing(visit, draft, form=form, tab=visit.query.get("tab", ""))


async def _editing(
    visit: Visit,
    draft: DraftShown,
    *,
    form: Form,
    tab: str,
    tried: Simulated | None = None,
) -> Response:
    tab = tab if tab in TABS else "understood"
    found = await inspected(visit, draft.text, parts=_PARTS.get(tab, []))
    remarks = [*_remarks(found)]
    chosen = _chosen(found, form.values.get("feature", "") or visit.query.get("feature", ""))
    return visit.page(
        "studio/draft.html",
        style_nonce=new_secret(),
        form=form,
        draft=draft,
        tabs=TABS,
        tab=tab,
        features=found,
        chosen=chosen,
        remarks=remarks,
        outcome=_outcome(found),
        mistakes=sum(one.said["severity"] == "error" for one in remarks),
        questions=sum(one.said["severity"] == "question" for one in remarks),
        files={name: painted(name, text) for name, text in chosen.files.items()} if chosen else {},
        blanks=_blanks(chosen),
        sentences={one.line: one.says.strip() for one in reversed(chosen.understood)}
        if chosen
        else {},
        tried=tried,
        done=_DONE.get(visit.query.get("done", ""), ""),
    )


def _chosen(found: Sequence[Inspected], name: str) -> Inspected | None:
    named = [one for one in found if one.name == name]
    return (named or [*found] or [None])[0]


def _blanks(chosen: Inspected | None) -> list[Blank]:
    """Fields for a trial, where everything may be left out: it is made up then."""
    found = blanks_of(chosen.input) if chosen else []
    return [replace(one, needed=False) for one in found]


def _outcome(found: Sequence[Inspected]) -> str:
    """The worst of them."""
    order = ("error", "draft", "assumptions", "compiled")
    return min((one.outcome for one in found), key=order.index, default="error")


async def inspected(visit: Visit, text: str, *, parts: Sequence[Part] = ()) -> list[Inspected]:
    wanted: list[JSON] = [*parts]
    found = await visit.call(studio.inspect_features, text=text or "\n", parts=wanted)
    return found.result.items


def _remarks(found: Sequence[Inspected]) -> Iterator[Remark]:
    said = [one for feature in found for one in feature.diagnostics]
    for one in sorted(said, key=lambda one: (_WEIGHT[one["severity"]], one["start"]["line"])):
        yield Remark(
            one,
            [
                Offered(
                    key=_key(one, n),
                    title=fix["title"],
                    edits=orjson.dumps(fix["edits"]).decode(),
                    filled=fix["applicability"] != "has-placeholder",
                )
                for n, fix in enumerate(one["fixes"])
            ],
        )


def _key(said: Said, number: int) -> str:
    start = said["start"]
    return f"{said['code']}:{start['line']}:{start['column']}:{number}"


async def _draft(visit: Visit) -> DraftShown:
    return (await visit.call(features.get_draft, id=visit.path["id"])).result


async def _act(visit: Visit) -> Response:
    """Saves the text, then does what the button says."""
    try:
        draft = await _saved(visit, visit.form.get("text", ""))
    except DraftChanged as parted:
        return await _parted(visit, parted)
    here = f"/studio/drafts/{draft.id}"
    if fix := visit.form.get("fix"):
        await _saved(visit, await _mended(visit, draft.text, fix), version=draft.version)
        return visit.go(f"{here}?tab=questions&done=fixed")
    if visit.form.get("do") == "deploy":
        return visit.go(f"{here}/deploy")
    if visit.form.get("do") == "try":
        return await _try(visit, draft)
    tab = visit.form.get("tab", "")
    return visit.go(f"{here}?tab={tab}" if tab in TABS else here)


async def _saved(visit: Visit, text: str, *, version: int | None = None) -> DraftShown:
    """Raises DraftChanged where it was saved since from somewhere else."""
    # A form says its lines as a browser does, with a return before each new one.
    plain = text.replace("\r\n", "\n") or "\n"
    saved = await visit.seen(version).call(features.save_draft, id=visit.path["id"], text=plain)
    return saved.result


async def _mended(visit: Visit, text: str, key: str) -> str:
    """The text with one of its fixes made. Raises Invalid where it isn't offered any more."""
    for remark in _remarks(await inspected(visit, text)):
        for number, fix in enumerate(remark.said["fixes"]):
            if _key(remark.said, number) == key:
                return mended(text, fix)
    raise Invalid("The text has changed: that fix isn't offered any more.", cure="Look again.")


def mended(text: str, fix: FixOffered) -> str:
    return apply_edits(text, [_edit(one) for one in fix["edits"]])


def _edit(edit: TextEdit) -> Edit:
    start, end = edit["start"], edit["end"]
    span = Span(start["line"], start["column"], end["column"], end["line"])
    return Edit(span, edit["text"])


async def _parted(visit: Visit, parted: DraftChanged) -> Response:
    """Both texts, and the choice between them."""
    other = await _draft(visit)
    mine = visit.form.get("text", "").replace("\r\n", "\n")
    answer = visit.page("studio/parted.html", draft=other, mine=mine, problem=parted)
    answer.status_code = parted.status
    return answer


async def _try(visit: Visit, draft: DraftShown) -> Response:
    """A run of the text in a space of its own; what came of it is the answer, and kept nowhere."""
    found = await inspected(visit, draft.text)
    chosen = _chosen(found, visit.form.get("feature", ""))
    try:
        filled = given(_blanks(chosen), visit.form)
        tried = await visit.call(
            preview.simulate_features,
            text=draft.text,
            feature=chosen.name if chosen else "",
            input=filled,
        )
    except OneError as error:
        form = refused(error, visit.form, name="try")
        answer = await _editing(visit, draft, form=form, tab="try")
        answer.status_code = error.status
        return answer
    form = Form("try", visit.form)
    return await _editing(visit, draft, form=form, tab="try", tried=tried.result)


async def _discard(visit: Visit) -> Response:
    await visit.call(features.discard_draft, id=visit.path["id"])
    return visit.go("/studio?done=discarded")


# --- deploying


async def _show_deploy(visit: Visit, form: Form) -> Response:
    """What would change, and what may be ticked."""
    draft = await _draft(visit)
    facts: dict[str, object] = {"draft": draft, "form": form, "shares": _SHARES}
    try:
        plan = (await visit.call(deploy.plan_deploy, text=draft.text or "\n")).result
    except OneError as error:
        shown = form if form.problem else refused(error, {}, name="deploy")
        answer = visit.page("studio/deploy.html", **{**facts, "form": shown}, plan=[], moved=False)
        answer.status_code = error.status
        return answer
    moved = any(one.slug == draft.feature and one.revision != draft.revision for one in plan.items)
    return visit.page("studio/deploy.html", **facts, plan=plan.items, moved=moved)


async def _deploy(visit: Visit) -> Response:
    draft, form = await _draft(visit), visit.form
    if form.get("draft", str(draft.version)) != str(draft.version):
        raise Conflict(
            "The text was changed since you looked at what a deploy would do.",
            cure="Look at it as it is now, then deploy.",
        )
    shown = [name.removeprefix("line.") for name in form if name.startswith("line.")]
    yes: list[JSON] = [line for line in shown if form.get(f"yes.{line}")]
    no: list[JSON] = [line for line in shown if not form.get(f"yes.{line}")]
    share = form.get("canary", "")
    done = await visit.seen().call(
        deploy.deploy_features,
        text=draft.text,
        yes=yes or None,
        no=no or None,
        canary=int(share) if share.isdecimal() and len(share) < 3 else None,
    )
    await visit.call(features.discard_draft, id=draft.id)
    live = done.result.items
    said = "canary" if share else "deployed"
    return visit.go(
        f"/studio/{live[0].slug}?done={said}" if len(live) == 1 else f"/studio?done={said}"
    )


PAGES = (
    Page("/studio/drafts/{id:uuid}", _show, _act, form="draft"),
    Page("/studio/drafts/{id:uuid}/discard", _show, _discard, form="discard", read=False),
    Page("/studio/drafts/{id:uuid}/deploy", _show_deploy, _deploy, form="deploy"),
)
