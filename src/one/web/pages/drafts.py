"""A draft: its text with what is understood of it, its questions, its flow; tried and deployed.

Without a script a form holds the text and every button saves it. With one, the editor saves as one
types, and asks for this same page anew.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.responses import Response

from one.clock import new_secret
from one.domains import features, language
from one.domains.features.drafts import DraftChanged, DraftShown
from one.errors import JSON, Conflict, OneError
from one.web.pages import wishing
from one.web.pages.code import painted
from one.web.pages.inputs import Blank, blanks_of, given
from one.web.pages.remarks import look_at
from one.web.pages.visit import Form, Page, Visit, refused
from one.web.pages.wishing import Proposal
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
    "change": "Change",
}
_PARTS: Mapping[str, list[Part]] = {"flow": ["flow"], "rights": ["rights"], "code": ["code"]}
_SHARES = [("", "Everybody at once"), *((str(n), f"{n} % of the calls first") for n in (1, 10, 50))]
_DONE = {
    "taken": "It is yours to read and change. Its text is all that it brings: no data, no keys, no"
    " code. Read what it may do before you deploy it.",
    "kept": "Your text is kept.",
}
_NUMBERS = re.compile(r"[0-9]{1,5}(,[0-9]{1,5}){0,199}")


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the text in a tab, and what has come of it."""

    tab: str
    tried: Simulated | None = None
    proposal: Proposal | None = None


async def _show(visit: Visit, form: Form) -> Response:
    draft = await _draft(visit)
    if form.name == "draft" and form.values:
        draft = draft.model_copy(update={"text": form.values.get("text", draft.text)})
    return await _editing(visit, draft, form=form, beside=Beside(visit.query.get("tab", "")))


async def _editing(visit: Visit, draft: DraftShown, *, form: Form, beside: Beside) -> Response:
    tab = beside.tab if beside.tab in TABS else "understood"
    looked = await look_at(visit, draft.text, parts=_PARTS.get(tab, []))
    chosen = looked.feature(form.values.get("feature", "") or visit.query.get("feature", ""))
    return visit.page(
        "studio/draft.html",
        style_nonce=new_secret(),
        form=form,
        draft=draft,
        tabs=TABS,
        tab=tab,
        looked=looked,
        chosen=chosen,
        files={name: painted(name, text) for name, text in chosen.files.items()} if chosen else {},
        blanks=_blanks(chosen),
        sentences={one.line: one.says.strip() for one in reversed(chosen.understood)}
        if chosen
        else {},
        tried=beside.tried,
        proposal=beside.proposal,
        writer=await wishing.writer(visit) if tab == "change" else None,
        done=_DONE.get(visit.query.get("done", ""), ""),
        did=_did(visit.query),
    )


def _did(query: Mapping[str, str]) -> str:
    """What a button has done to the text, in words."""
    at = query.get("at", "")
    numbers = at.split(",") if _NUMBERS.fullmatch(at) else []
    match query.get("done"):
        case "tidied" if numbers in ([], ["0"]):
            return "It is tidy already."
        case "tidied":
            return f"Tidied: {numbers[0]} {'line' if numbers[0] == '1' else 'lines'} laid out anew."
        case "mended" if not numbers:
            return "There is nothing to mend that is certain."
        case "mended":
            lines = [*dict.fromkeys(numbers)]
            *most, last = lines
            where = f"lines {', '.join(most)} and {last}" if most else f"line {last}"
            return f"Mended {len(numbers)}, in {where}." if most else f"Mended, in {where}."
        case "changed":
            return "It is in your text."
        case _:
            return ""


def _blanks(chosen: Inspected | None) -> list[Blank]:
    """Fields for a trial, where everything may be left out: it is made up then."""
    found = blanks_of(chosen.input) if chosen else []
    return [replace(one, needed=False) for one in found]


async def _draft(visit: Visit) -> DraftShown:
    return (await visit.call(features.get_draft, id=visit.path["id"])).result


async def _act(visit: Visit) -> Response:
    """Saves the text, then does what the button says."""
    try:
        draft = await _saved(visit, visit.form.get("text", ""))
    except DraftChanged as parted:
        return await _parted(visit, parted)
    if fix := visit.form.get("fix"):
        text = (await look_at(visit, draft.text)).fixed(draft.text, fix)
        await _saved(visit, text, version=draft.version)
        return _on(visit, "questions", done="mended", at=fix.split(":")[1])
    if act := _ACTS.get(visit.form.get("do", "")):
        return await act(visit, draft)
    return _on(visit, visit.form.get("tab", ""))


def _on(visit: Visit, tab: str, **more: str) -> Response:
    """On to the draft again, with this beside it."""
    said = {"tab": tab, **more} if tab in TABS else more
    query = urlencode({name: value for name, value in said.items() if value}, safe=",")
    return visit.go(f"/studio/drafts/{visit.path['id']}" + (f"?{query}" if query else ""))


async def _saved(visit: Visit, text: str, *, version: int | None = None) -> DraftShown:
    """Raises DraftChanged where it was saved since from somewhere else."""
    # A form says its lines as a browser does, with a return before each new one.
    plain = text.replace("\r\n", "\n") or "\n"
    saved = await visit.seen(version).call(features.save_draft, id=visit.path["id"], text=plain)
    return saved.result


async def _parted(visit: Visit, parted: DraftChanged) -> Response:
    """Both texts, and the choice between them."""
    other = await _draft(visit)
    mine = visit.form.get("text", "").replace("\r\n", "\n")
    answer = visit.page("studio/parted.html", draft=other, mine=mine, problem=parted)
    answer.status_code = parted.status
    return answer


async def _to_deploy(visit: Visit, draft: DraftShown) -> Response:
    return visit.go(f"/studio/drafts/{draft.id}/deploy")


async def _try(visit: Visit, draft: DraftShown) -> Response:
    """A run of the text in a space of its own; what came of it is the answer, and kept nowhere."""
    chosen = (await look_at(visit, draft.text)).feature(visit.form.get("feature", ""))
    try:
        filled = given(_blanks(chosen), visit.form)
        tried = await visit.call(
            preview.simulate_features,
            text=draft.text,
            feature=chosen.name if chosen else "",
            input=filled,
        )
    except OneError as error:
        return await _refused(visit, draft, error, beside=Beside("try"))
    form = Form("try", visit.form)
    return await _editing(visit, draft, form=form, beside=Beside("try", tried=tried.result))


async def _refused(visit: Visit, draft: DraftShown, error: OneError, *, beside: Beside) -> Response:
    """The draft, with what is wrong in the tab where it was asked for."""
    form = refused(error, visit.form, name=beside.tab)
    answer = await _editing(visit, draft, form=form, beside=beside)
    answer.status_code = error.status
    return answer


async def _tidy(visit: Visit, draft: DraftShown) -> Response:
    done = (await visit.call(language.tidy_text, text=draft.text)).result
    await _saved(visit, done["text"], version=draft.version)
    return _on(visit, visit.form.get("tab", ""), done="tidied", at=str(done["lines"]))


async def _mend(visit: Visit, draft: DraftShown) -> Response:
    """Makes every fix that is certain."""
    done = (await visit.call(studio.mend_text, text=draft.text)).result
    await _saved(visit, done.text, version=draft.version)
    at = ",".join(str(one.line) for one in done.made)
    return _on(visit, visit.form.get("tab", ""), done="mended", at=at)


async def _change(visit: Visit, draft: DraftShown) -> Response:
    """What the model would change for a wish. The text stays as it is until that is taken."""
    try:
        proposal = await wishing.proposed(visit, draft.text)
    except OneError as error:
        return await _refused(visit, draft, error, beside=Beside("change"))
    form = Form("change", visit.form)
    return await _editing(visit, draft, form=form, beside=Beside("change", proposal=proposal))


async def _take(visit: Visit, draft: DraftShown) -> Response:
    """What was proposed becomes the text; what was typed since then is never overwritten unseen."""
    text = visit.form.get("proposal", "").replace("\r\n", "\n")
    if visit.form.get("base") == wishing.name_of(draft.text) and text:
        await _saved(visit, text, version=draft.version)
        return _on(visit, "change", done="changed")
    moved = Conflict(
        "Your text has changed since this was written.",
        cure="Look at what it would change now, then take it, or ask again.",
    )
    proposal = await wishing.beside(visit, text, before=draft.text) if text else None
    return await _refused(visit, draft, moved, beside=Beside("change", proposal=proposal))


_ACTS: Mapping[str, Callable[[Visit, DraftShown], Awaitable[Response]]] = {
    "deploy": _to_deploy,
    "try": _try,
    "tidy": _tidy,
    "mend": _mend,
    "change": _change,
    "take": _take,
}


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
        f"/studio/features/{live[0].slug}?done={said}" if len(live) == 1 else f"/studio?done={said}"
    )


PAGES = (
    Page("/studio/drafts/{id:uuid}", _show, _act, form="draft"),
    Page("/studio/drafts/{id:uuid}/discard", _show, _discard, form="discard", read=False),
    Page("/studio/drafts/{id:uuid}/deploy", _show_deploy, _deploy, form="deploy"),
)
