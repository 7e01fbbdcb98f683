"""`one explain`: the page of a code."""

import click

from one.cli.check import paint
from one.compiler.codes import CODES, FAMILIES, Page
from one.compiler.diagnosis import listed, nearest


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Say what a code means and how to mend it; without one, list them all."""
    if code is None:
        click.echo("\n".join(_all()))
        return
    wanted = code.upper() if code[:1].upper() == "E" else f"E{code}"
    page = CODES.get(wanted)
    if page is None:
        close = nearest(wanted, CODES)
        near = f" There is {listed(close)}." if close else " `one explain` lists all codes."
        raise click.UsageError(f"There is no code {code}.{near}")
    click.echo("\n".join(_page(page)))


def _all() -> list[str]:
    lines: list[str] = []
    for title, beginning in FAMILIES.items():
        lines += ["", paint(title, "strong")]
        lines += [
            f"  {page.code}  {page.title}" for page in CODES.values() if page.code[:2] == beginning
        ]
    return lines[1:]


def _page(page: Page) -> list[str]:
    lines = [f"{paint(page.code, 'error')}  {paint(page.title, 'strong')}", ""]
    lines += [*click.wrap_text(page.why, width=88).split("\n")]
    for label, role, text in (("Not so", "error", page.bad), ("But so", "good", page.good)):
        if text:
            lines += ["", paint(label, role), ""]
            lines += [f"    {line[:100]}" for line in text.strip().split("\n")]
    return lines
