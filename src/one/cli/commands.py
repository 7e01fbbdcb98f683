"""The commands of `one`. They and the rooms are loaded when used, so that help is quick."""

import ast
import gc
import importlib
import pkgutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import click
from typing_extensions import override

from one.cli import STOPPED

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("one.cli.serve", "Serve ONE over HTTP."),
    "check": ("one.cli.check", "Check features: files, folders, or - for stdin."),
    "translate": ("one.cli.translate", "Write features in the other spelling."),
    "write": ("one.cli.write", "Let the language model propose a feature."),
    "fmt": ("one.cli.fmt", "Lay out features."),
    "fix": ("one.cli.fix", "Apply fixes to features."),
    "explain": ("one.cli.explain", "Say what a code means and how to mend it."),
    "words": ("one.cli.words", "List the words of the language."),
    "build": ("one.cli.building", "Write features as Python, tests, docs and JSON."),
    "simulate": ("one.cli.simulating", "Try a feature, or a draft, where nothing is kept."),
    "deploy": ("one.cli.features:deploy", "Make features live: files, folders, or - for stdin."),
    "features": ("one.cli.features", "List the features that are live."),
    "diff": ("one.cli.features:diff", "Say what changed between two revisions."),
    "rollback": ("one.cli.features:rollback", "Make an earlier revision live again."),
    "retire": ("one.cli.features:retire", "Take a feature down."),
    "run": ("one.cli.calling", "Run a live feature and print what it gives."),
    "asks": ("one.cli.asking", "List what features ask somebody's yes for."),
    "answer": ("one.cli.asking:answer", "Say yes or no to what was asked."),
    "worker": ("one.cli.worker", "Work at runs beside the server, in one more process."),
    "runs": ("one.cli.runs", "List runs, or tell one's timeline."),
    "cancel": ("one.cli.runs:cancel", "Stop a run; what is to be taken back is."),
    "retry": ("one.cli.runs:retry", "Take up a run that stopped or was given up."),
    "signal": ("one.cli.runs:signal", "Tell a run what it waits for."),
    "lsp": ("one.cli.editor", "Serve an editor over stdio."),
    "mcp": ("one.cli.assistant", "Serve an assistant over stdio."),
    "import": ("one.cli.importing", "Take in an export, an NDJSON file or a Convex snapshot."),
    "export": ("one.cli.exporting", "Write a space to a folder of NDJSON files."),
    "tokens": ("one.cli.tokens", "Tokens: issued, given, spent, staked; do they add up?"),
    "audit": ("one.cli.audit", "The audit log: whether it is as it was written."),
    "money": ("one.cli.money", "Money: statements, and whether its journal holds."),
    "keys": ("one.cli.keys", "The keys that secrets are sealed with."),
    "db": ("one.cli.db", "The database: how it is, its spaces, its indexed keys."),
    "services": ("one.cli.services", "List services outside: live, local or a stand-in."),
    "sandbox": ("one.cli.sandbox", "The stand-in for Stripe: serve it, pay, dispute, go wrong."),
    "docs": ("one.cli.docs", "Write the generated pages of docs/."),
}
"""Of each command: the module that has it, as `command` or as it says; its line of help."""


class _Commands(click.Group):
    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [*dict.fromkeys([*COMMANDS, *_rooms()])]

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name in COMMANDS:
            place, _, name = COMMANDS[cmd_name][0].partition(":")
            found = getattr(importlib.import_module(place), name or "command")
        elif cmd_name in _rooms():
            found = importlib.import_module("one.cli.rooms").group(cmd_name)
        else:
            found = None
        if "structlog" in sys.modules:  # else the command has nothing to log
            importlib.import_module("one.cli.log").say_on_stderr()
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        return cast("click.Command | None", found)

    @override
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            ctx.exit(STOPPED)
        except Exception as error:
            explain = importlib.import_module("one.cli.faults").explain
            code = cast("int | None", explain(error))
            if code is None:
                raise
            ctx.exit(code)

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])
        if rooms := _rooms():
            with formatter.section("Rooms, each with its operations"):
                formatter.write_dl([(name, _first_line(path)) for name, path in rooms.items()])


def _rooms() -> dict[str, Path]:
    """The files of the rooms by name, without loading any."""
    found = find_spec("one.domains")
    if found is None or found.submodule_search_locations is None:
        return {}
    places = list(found.submodule_search_locations)
    rooms: dict[str, Path] = {}
    for room in pkgutil.iter_modules(places):
        place = Path(places[0]) / room.name
        rooms[room.name] = place / "__init__.py" if room.ispkg else place.with_suffix(".py")
    return rooms


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="one")
def one() -> None:
    """Features written in plain English, checked, compiled and run durably."""
