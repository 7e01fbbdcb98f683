"""`one words`: every phrase that the compiler knows."""

from collections.abc import Sequence

import click

from one.cli.check import paint
from one.cli.reading import here
from one.compiler.phrases import KINDS, Phrase, phrases, search


@click.command("words")
@click.argument("phrase", nargs=-1)
def command(phrase: Sequence[str]) -> None:
    """List the words of the language, or those that match a phrase, with what they mean."""
    vocabulary = here().vocabulary
    wanted = " ".join(phrase)
    found = search(vocabulary, wanted) if wanted else phrases(vocabulary)
    if not found:
        raise click.UsageError(f"Nothing is called “{wanted}”. `one words` lists everything.")
    for kind, title in KINDS.items():
        group = [one for one in found if one.kind == kind]
        if group:
            click.echo(f"{paint(title, 'strong')}")
            click.echo("\n".join(line for one in group for line in _lines(one, whole=bool(wanted))))
            click.echo()


def _lines(one: Phrase, *, whole: bool) -> list[str]:
    """A phrase with its other spellings and its meaning; in the long list, the first of each."""
    also = one.also if whole else one.also[:4]
    more = f" and {len(one.also) - len(also)} more" if len(one.also) > len(also) else ""
    head = f"  {paint(one.words, 'good')}"
    told = whole or one.kind == "action"
    said = [one.meaning if told else one.meaning.split(". ")[0].rstrip(".") + "."]
    said += [f"Also: {', '.join(also)}{more}."] if also else []
    return [head, *(_wrapped(text) for text in said if text.strip("."))]


def _wrapped(text: str) -> str:
    return click.wrap_text(text, width=96, initial_indent="      ", subsequent_indent="      ")
