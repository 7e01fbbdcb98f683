"""`one features`, `one deploy`, `one diff`, `one rollback`, `one retire`: what is live."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from one.cli import rooms
from one.cli.acting import acting, in_space, somebody
from one.cli.check import paint
from one.cli.reading import here, read_texts
from one.cli.telling import tell
from one.compiler import FileReport
from one.compiler.program import steps_of
from one.compiler.sheet import sheet_of, sheet_words, ticks_of
from one.compiler.vocabulary import FeatureFace
from one.domains import features as room
from one.domains.features import FeatureShown
from one.runtime import Context
from one.store import PLATFORM, revisions
from one.workshop import deploy as workshop
from one.workshop.project import Project, mentions_features

_as_whom = click.option(
    "--as", "who", help="Whose feature: a handle or an id; else the platform's."
)


@click.command("list")
@click.option("--retired", is_flag=True, help="Those that were taken down too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_as_whom
@in_space
def listed(*, retired: bool, as_json: bool, who: str | None, space: UUID) -> None:
    """List the features that are live, last changed first."""

    async def read(ctx: Context) -> room.Features:
        owner = await somebody(ctx.store, who) if who else None
        return await room.list_features(ctx, owner=owner, retired=retired)

    found = acting(read, space=space)
    nothing = "There are no features. `one deploy FILE` makes some live."
    rooms.show_lines(found, [line(each) for each in found.items], as_json=as_json, nothing=nothing)


command = rooms.Listing("features", listed)


@click.command("deploy")
@click.argument("paths", nargs=-1, required=True, metavar="FILE…")
@click.option("--canary", type=click.IntRange(1, 99), help="To this share of the calls alone.")
@click.option("--yes", multiple=True, metavar="LINE", help="Tick a line of a sheet, or `all`.")
@click.option("--no", multiple=True, metavar="LINE", help="Take a tick back.")
@click.option("--quiet", "-q", is_flag=True, help="Leave out what they may do.")
@_as_whom
@in_space
def deploy(paths: Sequence[str], *, quiet: bool, who: str | None, space: UUID, **how: Any) -> None:
    """Make the features of files or folders live: all of them, or, if one can't be, none.

    Exits with 1, and says why, when they don't compile.
    """
    texts = read_texts(paths)
    project = _knowing_live(here(), texts, who=who, space=space)
    reports = project.check(texts)
    if not all(report.clean for report in reports):
        for report in reports:
            click.echo("\n".join(tell(report, paint, quiet=True)), err=True)
        raise click.exceptions.Exit(1)
    words = project.vocabulary.words

    async def act(ctx: Context) -> list[tuple[FeatureShown, list[str]]]:
        owner = await somebody(ctx.store, who) if who else None
        told: list[tuple[FeatureShown, list[str]]] = []
        for report in in_order(reports):
            done = await workshop.deploy_features(
                ctx,
                text=report.text,
                filename=Path(report.file).name,
                words=words,
                owner=owner,
                canary=how["canary"],
                yes=_meant(how["yes"], report, reports),
                no=_meant(how["no"], report, reports),
            )
            for shown in done.items:
                untried = [_not_tried(one) for one in done.untried if one.slug == shown.slug]
                told.append((shown, [*await _news(ctx, shown), *untried]))
        return told

    for shown, news in acting(act, space=space):
        click.echo(line(shown))
        for said in [] if quiet else news:
            click.echo(f"    {said}")


def _knowing_live(
    project: Project, texts: Mapping[str, str], *, who: str | None, space: UUID
) -> Project:
    """The project with what is live, where texts may use it."""
    if not any(map(mentions_features, texts.values())):
        return project

    async def read(ctx: Context) -> Iterable[FeatureFace]:
        return await workshop.live_faces(ctx, await somebody(ctx.store, who) if who else PLATFORM)

    return replace(project, vocabulary=project.vocabulary.knowing(acting(read, space=space)))


async def _news(ctx: Context, shown: FeatureShown) -> list[str]:
    """What changed since the revision before; of a new feature, what it may do."""
    session = ctx.store.session
    number = shown.canary.revision if shown.canary else shown.revision
    kept = await revisions.revision(session, shown.owner, shown.slug, number=number)
    assert kept is not None, "what has just been deployed is there"
    sheet = room.sheet_of(kept)
    asks = [
        f"{tick.says} `--yes {tick.line}` lets it go {tick.allows}."
        for tick in ticks_of(sheet)
        if tick.part == "consents" and not tick.ticked
    ]
    if number == 1:
        return [*sheet_words(sheet), *asks]
    compared = await room.compare_revisions(
        ctx, slug=shown.slug, before=number - 1, after=number, owner=shown.owner
    )
    return [*(change.says for change in compared.changes), *asks]


def _not_tried(one: workshop.Untried) -> str:
    at = f" (line {one.line})" if one.line else ""
    return f"Not tried before it went live{at}: {one.says}."


def _meant(lines: Sequence[str], report: FileReport, reports: Sequence[FileReport]) -> list[str]:
    """Of the lines that are named those of one file, and those that no file has."""
    known = {each.file: {*_lines(each)} for each in reports}
    others = set[str]().union(*(found for file, found in known.items() if file != report.file))
    return [one for one in lines if one in known[report.file] or one not in others]


def _lines(report: FileReport) -> Iterable[str]:
    words = here().vocabulary
    for feature in report.features:
        yield from (tick.line for tick in ticks_of(sheet_of(feature.program, words)))


def in_order(reports: Sequence[FileReport]) -> list[FileReport]:
    """Files such that each comes after those whose features it uses."""
    home = {feature.name: report.file for report in reports for feature in report.features}
    needs: Mapping[str, set[str]] = {
        report.file: {home[slug] for slug in _used(report) if slug in home} - {report.file}
        for report in reports
    }
    left, found = list(reports), list[FileReport]()
    while left:
        done = {report.file for report in found}
        following = next((one for one in left if needs[one.file] <= done), left[0])
        left.remove(following)
        found.append(following)
    return found


def _used(report: FileReport) -> Iterable[str]:
    for feature in report.features:
        for step in steps_of(feature.program.flow):
            if step.call is not None:
                yield step.call.feature


@click.command("diff")
@click.argument("slug", metavar="[HANDLE/]SLUG")
@click.argument("before", type=click.IntRange(1))
@click.argument("after", type=click.IntRange(1), required=False)
@_as_whom
@in_space
def diff(*, slug: str, before: int, after: int | None, who: str | None, space: UUID) -> None:
    """Say in English what changed in SLUG from revision BEFORE to AFTER, or to the live one."""

    async def read(ctx: Context) -> room.Compared:
        name, owner = await _named(ctx, slug, who)
        return await room.compare_revisions(ctx, slug=name, before=before, after=after, owner=owner)

    found = acting(read, space=space)
    if found.same:
        click.echo("They say the same.")
    for change in found.changes:
        click.echo(change.says)


@click.command("rollback")
@click.argument("slug", metavar="[HANDLE/]SLUG")
@click.argument("revision", type=click.IntRange(1), required=False)
@_as_whom
@in_space
def rollback(*, slug: str, revision: int | None, who: str | None, space: UUID) -> None:
    """Make the revision of SLUG live that was before, or the one named."""

    async def act(ctx: Context) -> FeatureShown:
        name, owner = await _named(ctx, slug, who)
        return await room.roll_back_feature(ctx, slug=name, to=revision, owner=owner)

    click.echo(line(acting(act, space=space)))


@click.command("retire")
@click.argument("slug", metavar="[HANDLE/]SLUG")
@_as_whom
@in_space
def retire(*, slug: str, who: str | None, space: UUID) -> None:
    """Take SLUG down; runs that have begun go on."""

    async def act(ctx: Context) -> FeatureShown:
        name, owner = await _named(ctx, slug, who)
        return await room.retire_feature(ctx, slug=name, owner=owner)

    click.echo(line(acting(act, space=space)))


async def _named(ctx: Context, slug: str, who: str | None) -> tuple[str, UUID | None]:
    """A feature's name and whose it is: `ana/greet_a_fan`, or `greet_a_fan` with `--as ana`."""
    handle, _, name = slug.rpartition("/")
    owner = who or handle
    return name, await somebody(ctx.store, owner) if owner else None


def line(shown: FeatureShown) -> str:
    """A feature in a line."""
    state = f"revision {shown.revision}"
    if shown.canary is not None:
        state += f", {shown.canary.percent} % to revision {shown.canary.revision}"
    if shown.retired_at is not None:
        state += f", retired {shown.retired_at:%Y-%m-%d %H:%M}"
    return f"{shown.title}  {state}  {shown.address}"
