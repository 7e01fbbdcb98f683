"""Deploying: a text is checked, its features are built and held at the gate, and they go live.

All of a text goes live in one transaction, or nothing of it.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from one.compiler import FeatureReport, FileReport, check_text
from one.compiler.diagnosis import Severity
from one.compiler.emit.cases import Cases, cases_of
from one.compiler.program import Program, kinds_of_slots, steps_of
from one.compiler.sheet import (
    Budget,
    Sheet,
    sheet_of,
    sheet_words,
    ticks_of,
    with_budgets,
    with_ticks,
)
from one.compiler.vocabulary import FeatureFace, Vocabulary
from one.domains.features import (
    FeatureShown,
    Owner,
    check_version,
    go_live,
    owner_of,
    program_of,
    put_canary,
)
from one.domains.features import sheet_of as sheet_kept
from one.domains.features.difference import Difference, differences
from one.domains.features.handles import settle_handle
from one.domains.language import Filename, Text
from one.errors import Conflict, Denied, Invalid, NotFound
from one.runtime import Context, operation, signed_in
from one.store import PLATFORM, Row, revisions
from one.store.revisions import Compiled, Feature
from one.workshop.gate import EMITTER, Built, build, digest_of
from one.workshop.project import mentions_features
from one.workshop.rehearsal.running import Rehearsed, cases_in, own_pool, rehearse
from one.workshop.shelf import vocabulary_of

_NO_MODEL = "E804"
_LONGEST_REHEARSAL = 30.0  # seconds; the transaction of the deploy is open meanwhile
_ONE_BY_ONE = asyncio.Semaphore(1)


Often = Annotated[int, Field(ge=0, le=1_000_000)]
Lines = Annotated[
    list[Annotated[str, Field(pattern=r"^([0-9a-f]{12}|all)$")]] | None, Field(max_length=200)
]


class DoesNotCompile(Invalid):
    """The text has mistakes; nothing was deployed."""


class HasHoles(Invalid):
    """The text leaves questions open; nothing was deployed."""


class TitleTaken(Conflict):
    """Another feature of the same owner has this name in its address; nothing was deployed."""


class RehearsalFailed(Invalid):
    """A feature didn't do in a rehearsal what its text says; nothing was deployed."""


class Allowed(Row):
    """A line of a feature's sheet that its author may allow more of; `ticked` when they do."""

    slug: str
    line: str
    part: str
    says: str
    allows: str
    ticked: bool


class Untried(Row):
    """A way through a feature that was not tried before it went live, and why; `line` is that of
    its text, where it is known.
    """

    slug: str
    line: int | None
    says: str


class Deployed(Row):
    """The features of a text, as they stand now, what may be ticked of what they do, and what of
    them was not tried beforehand.
    """

    items: list[FeatureShown]
    allowed: list[Allowed]
    untried: list[Untried]


class Numbers(Row):
    """How often a day something is done at most; as it was, or 20, 3, 200 and 1,000."""

    of: Literal["paidCalls", "gifts"]
    person: Often | None = None
    guest: Often | None = None
    guests: Often | None = None
    everyone: Often | None = None


class Planned(Row):
    """How a feature of a text would go live: `revision` is the one that it would take the place of,
    `changes` what its callers would meet otherwise, `rights` all that it may do, `allowed` what of
    that may be ticked.
    """

    slug: str
    title: str
    revision: int | None
    version: int | None
    retired: bool
    same: bool
    changes: list[Difference]
    rights: list[str]
    allowed: list[Allowed]


class Plan(Row):
    """The features of a text, as they would go live."""

    items: list[Planned]


@dataclass(frozen=True, slots=True)
class _Made:
    """A feature of a text, compiled and built."""

    compiled: Compiled
    built: Built
    cases: Cases
    sheet: Sheet


@operation(
    kind="write",
    room="features",
    allow=signed_in,
    raises=(Denied, NotFound, DoesNotCompile, HasHoles, RehearsalFailed, TitleTaken, Conflict),
    route="POST /api/features",
    mcp=True,
)
async def deploy_features(
    ctx: Context,
    *,
    text: Text,
    filename: Filename = "",
    words: Text = "",
    canary: Annotated[int, Field(ge=1, le=99, description="Per cent of the calls.")] | None = None,
    owner: Owner | None = None,
    yes: Lines = None,
    no: Lines = None,
    budgets: Annotated[list[Numbers], Field(max_length=2)] | None = None,
) -> Deployed:
    """Make the features of a text live, each as a new revision; all of them, or none.

    The text compiles without open questions; `words` are DEFINEs that it stands on. From the
    answer on every call meets the new revision; with `canary` that share of the calls does, and
    what sets the feature off stays with the live one. Runs that have begun end as they began.

    To deploy is the author's yes to the sheet as it stands. What it allows beyond that is ticked
    by line (`yes`, `no`: digests, or `all`); a line that still asks the same keeps its tick.
    """
    whose = owner_of(ctx, owner)
    faces = await live_faces(ctx, whose) if mentions_features(text) else ()
    vocabulary = vocabulary_of(ctx.ontology, uncharged=ctx.settings.uncharged).knowing(
        faces, words=words
    )
    report = await asyncio.to_thread(check_text, text, vocabulary, filename=filename)
    _refuse(report, production=ctx.settings.mode == "production")
    if ctx.if_match is not None and len(report.features) > 1:
        raise Invalid("`If-Match` speaks of one feature.", cure="Deploy it alone.")
    made = await asyncio.to_thread(_made, report, vocabulary)
    ticks = Ticks(frozenset(yes or ()), frozenset(no or ()), budgets or [])
    ticks.check([each.sheet for each in made])
    made = [await _allowed(ctx, whose, each, ticks=ticks) for each in made]
    await _rehearse(ctx, made)
    await settle_handle(ctx, whose)
    return Deployed(
        items=[await _live(ctx, whose, each, canary=canary) for each in made],
        allowed=[one for each in made for one in _allowing(each.compiled.slug, each.sheet)],
        untried=[one for each in made for one in _untried(each)],
    )


@operation(
    kind="read",
    room="features",
    allow=signed_in,
    raises=(DoesNotCompile, HasHoles, TitleTaken),
    route="POST /api/deploy-plan",
)
async def plan_deploy(ctx: Context, *, text: Text, filename: Filename = "") -> Plan:
    """Say what a deploy of a text would change, and what its features may do then.

    Nothing is rehearsed and nothing goes live.
    """
    faces = await live_faces(ctx, ctx.me) if mentions_features(text) else ()
    vocabulary = vocabulary_of(ctx.ontology, uncharged=ctx.settings.uncharged).knowing(faces)
    report = await asyncio.to_thread(check_text, text, vocabulary, filename=filename)
    _refuse(report, production=ctx.settings.mode == "production")
    return Plan(
        items=[
            await _planned(ctx, each.title, each.program, sheet=sheet_of(each.program, vocabulary))
            for each in report.features
        ]
    )


async def _planned(ctx: Context, title: str, program: Program, *, sheet: Sheet) -> Planned:
    """Raises TitleTaken."""
    session, slug = ctx.store.session, program.feature
    title = title or program.title
    there = await revisions.feature(session, ctx.me, slug)
    live = await revisions.revision(session, ctx.me, slug, number=there.number) if there else None
    if there is not None:
        _check_title(there, title)
    before = sheet_kept(live) if live else None
    sheet = Ticks(frozenset(), frozenset(), []).on(sheet, before=before)
    changes = (
        differences(program_of(live), program, sheets=(before, sheet)) if live and before else []
    )
    return Planned(
        slug=slug,
        title=title,
        revision=there.number if there else None,
        version=there.version if there else None,
        retired=there is not None and there.retired_at is not None,
        same=live is not None and not changes,
        changes=changes,
        rights=[*sheet_words(sheet)],
        allowed=_allowing(slug, sheet),
    )


def _allowing(slug: str, sheet: Sheet) -> list[Allowed]:
    return [Allowed(slug=slug, **asdict(tick)) for tick in ticks_of(sheet)]


def _untried(made: _Made) -> Iterable[Untried]:
    for one in made.cases.missed:
        says = re.sub(r"what step [\w.]+ looks for", "what it looks for", one.says)
        yield Untried(slug=made.compiled.slug, line=made.compiled.lines.get(one.path), says=says)


@dataclass(frozen=True, slots=True)
class Ticks:
    """What a deploy allows and no longer allows, by line, and its numbers."""

    yes: frozenset[str]
    no: frozenset[str]
    budgets: Sequence[Numbers]

    def check(self, sheets: Sequence[Sheet]) -> None:
        """Raises Invalid for a line that none of the features has."""
        known = [tick for sheet in sheets for tick in ticks_of(sheet)]
        unknown = sorted((self.yes | self.no) - {tick.line for tick in known} - {"all"})
        if unknown:
            raise Invalid(
                f"No line of a sheet is {unknown[0]}; nothing was deployed.",
                cure="It may ask for something else now. These may be ticked: "
                + ("; ".join(f"{tick.line} ({tick.says})" for tick in known) or "none."),
                details={"lines": [tick.line for tick in known]},
            )

    def on(self, sheet: Sheet, *, before: Sheet | None) -> Sheet:
        """The sheet with these ticks, and those that it had before."""
        held = {tick.line for tick in ticks_of(before) if tick.ticked} if before else set[str]()
        known = {tick.line for tick in ticks_of(sheet)}
        yes = known if "all" in self.yes else self.yes
        no = known if "all" in self.no else self.no
        numbers = {one.of: one for one in before.budgets} if before else dict[str, Budget]()
        for asked in self.budgets:
            known_ = numbers.get(asked.of, Budget(of=asked.of))
            changed = asked.model_dump(exclude={"of"}, exclude_none=True)
            numbers[asked.of] = known_.model_copy(update=changed)
        return with_budgets(with_ticks(sheet, (held | yes) - no), list(numbers.values()))


async def _allowed(ctx: Context, owner: UUID, made: _Made, *, ticks: Ticks) -> _Made:
    session, slug = ctx.store.session, made.compiled.slug
    there = await revisions.feature(session, owner, slug)
    live = await revisions.revision(session, owner, slug, number=there.number) if there else None
    sheet = ticks.on(made.sheet, before=sheet_kept(live) if live else None)
    return replace(made, sheet=sheet, compiled=replace(made.compiled, sheet=sheet.as_json()))


async def live_faces(ctx: Context, owner: UUID) -> tuple[FeatureFace, ...]:
    """The features that an owner's may use: their own, and the platform's, of which each use is
    of the revision that is live now.
    """
    owners = dict.fromkeys((owner, PLATFORM))
    known = [await revisions.live_revisions(ctx.store.session, each) for each in owners]
    found = {kept.slug: kept for some in reversed(known) for kept in some}
    return tuple(
        replace(face_of(program_of(kept)), revision="" if kept.owner == owner else kept.digest)
        for kept in found.values()
    )


def _refuse(report: FileReport, *, production: bool) -> None:
    """Raises DoesNotCompile, HasHoles."""
    found = [one for feature in report.features for one in feature.diagnostics]
    errors = [one for one in found if one.severity is Severity.ERROR]
    errors += [one for one in found if production and one.code == _NO_MODEL]
    holes = [one for one in found if one.severity is Severity.QUESTION]
    if not errors and not holes:
        return
    first = (errors or holes)[0]
    details: dict[str, JsonValue] = {"files": [report.as_json()]}
    words = f"Line {first.span.line}: {first.message}"
    if errors:
        more = f" ({len(errors)} mistakes in all)" if len(errors) > 1 else ""
        raise DoesNotCompile(
            f"This does not compile yet. {words}{more}",
            cure="Mend the text; `one check` shows every mistake with its fixes.",
            details=details,
        )
    more = f" ({len(holes)} questions in all)" if len(holes) > 1 else ""
    raise HasHoles(
        f"This is a draft: a question is open. {words}{more}",
        cure="Answer it in the text; a draft can be simulated, but not deployed.",
        details=details,
    )


def _made(report: FileReport, words: Vocabulary) -> list[_Made]:
    return [_build(report.text, each, words) for each in report.features]


def _build(text: str, report: FeatureReport, words: Vocabulary) -> _Made:
    program = report.program
    built, sheet = build(program, words, text=text, lines=report.lines), sheet_of(program, words)
    compiled = Compiled(
        slug=report.name,
        title=report.title or program.title,
        text=text,
        digest=digest_of(program),
        program=program.encoded(),
        lines=report.lines,
        sheet=sheet.as_json(),
        vocabulary=words.ontology.digest,
        errors=built.errors,
    )
    return _Made(compiled, built, cases_of(program, words, emitted=built.emitted), sheet)


async def _rehearse(ctx: Context, made: Sequence[_Made]) -> None:
    """Runs the tests of what was never let in here before, in spaces that are removed after.

    Raises RehearsalFailed, Conflict.
    """
    new = [each for each in made if not await _is_known(ctx, each)]
    if not new:
        return
    async with _ONE_BY_ONE, own_pool(ctx.deployment.desk.database) as database:
        for each in new:
            name = each.compiled.slug
            try:
                async with asyncio.timeout(_LONGEST_REHEARSAL):
                    came = await rehearse(
                        each.built.feature,
                        cases_in(name, each.cases.module),
                        database=database,
                        ontology=ctx.ontology,
                        until_wrong=True,
                    )
            except TimeoutError:
                raise Conflict(
                    f"The rehearsal of {name} takes too long now.", cure="Try again in a while."
                ) from None
            for one in came:
                if one.wrong:
                    raise _failed(each, one)


async def _is_known(ctx: Context, made: _Made) -> bool:
    digest = made.compiled.digest
    return await revisions.emitted(ctx.store.session, digest, EMITTER) is not None


def _failed(made: _Made, one: Rehearsed) -> RehearsalFailed:
    way = one.name.removeprefix("test_").replace("_", " ")
    return RehearsalFailed(
        f"“{made.compiled.title}” was rehearsed and did not do what it says ({way}): {one.wrong}",
        cure="Say it in another way, or tell us: this may be a mistake of ONE's.",
        details={"slug": made.compiled.slug, "way": way},
    )


async def _live(ctx: Context, owner: UUID, made: _Made, *, canary: int | None) -> FeatureShown:
    """Raises TitleTaken, Conflict, Invalid."""
    session, compiled = ctx.store.session, made.compiled
    there = await revisions.feature(session, owner, compiled.slug, lock=True)
    if there is not None:
        _check_title(there, compiled.title)
        check_version(ctx, there)
    kept = await revisions.keep_revision(session, owner, compiled)
    await revisions.keep_emitted(session, kept.digest, EMITTER, module=made.built.module)
    if canary is None:
        return await go_live(ctx, kept, act="deployed")
    if there is None or there.retired_at is not None:
        raise Conflict(
            f"{compiled.slug} isn't live, so there are no calls to share.",
            cure="Deploy it without `canary`.",
        )
    return await put_canary(ctx, there, kept, percent=canary)


def _check_title(there: Feature, title: str) -> None:
    """Raises TitleTaken. A retired feature leaves its name free."""
    if there.title == title or there.retired_at is not None:
        return
    raise TitleTaken(
        f"“{title}” would have the address of “{there.title}”: {there.slug}.",
        cure=f"Give it another title, or retire the other: `one retire {there.slug}`.",
        details={"slug": there.slug, "title": there.title},
    )


def face_of(program: Program) -> FeatureFace:
    """A live feature as others may use it."""
    return FeatureFace(
        program.feature,
        program.title,
        kinds_of_slots(program.input),
        kinds_of_slots(program.output),
        tuple(_used(program)),
    )


def _used(program: Program) -> Iterable[str]:
    return dict.fromkeys(
        step.call.feature for step in steps_of(program.flow) if step.call is not None
    )
