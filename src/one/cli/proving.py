"""What `one build --full` says of the tests that it wrote."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import click
import orjson

from one import app
from one.compiler import FeatureReport
from one.compiler.vocabulary import Vocabulary
from one.settings import read_settings
from one.workshop.proof import Proof, prove

_ENOUGH = 0.85


def tell(features: Sequence[FeatureReport], known: Vocabulary, *, out: Path) -> bool:
    """Prints what the tools say of the modules in a folder, and a paragraph for each feature;
    whether all is as it should be.
    """
    files = [(out / one.name / f"{one.name}.py").absolute() for one in features]
    sound = [_asked(tool, files) for tool in ("basedpyright", "ruff")]
    return asyncio.run(_tell(features, known)) and all(sound)


def _asked(tool: str, files: Sequence[Path]) -> bool:
    """Whether a tool finds nothing in files, or isn't there to look."""
    if find_spec(tool) is None:
        click.echo(f"{tool}: not installed, so not asked")
        return True
    with tempfile.TemporaryDirectory(prefix="one-proof-") as folder:
        options = {"typeCheckingMode": "strict", "include": [str(one) for one in files]}
        (Path(folder) / "pyrightconfig.json").write_bytes(orjson.dumps(options))
        python = ["--pythonpath", sys.executable]
        ask = ["-p", folder, *python] if tool == "basedpyright" else ["check", *map(str, files)]
        done = subprocess.run(  # noqa: S603 # a tool of this environment, on what was just written
            [sys.executable, "-m", tool, *ask], capture_output=True, text=True, check=False
        )
    if done.returncode:
        click.echo(f"{tool}: {done.stdout}{done.stderr}".rstrip())
    else:
        click.echo(f"{tool}: nothing to say of {_many(len(files), 'module')}")
    return not done.returncode


async def _tell(features: Iterable[FeatureReport], known: Vocabulary) -> bool:
    good = True
    async with app.build(read_settings()) as built:
        for feature in features:
            proof = await prove(feature.program, known, database=built.desk.database)
            click.echo("\n".join(_lines(feature.name, proof)))
            good = good and _holds(proof)
    return good


def _holds(proof: Proof) -> bool:
    return not proof.wrong and not proof.untried and proof.share >= _ENOUGH


def _lines(name: str, proof: Proof) -> Iterator[str]:
    every = len(proof.killed) + len(proof.alive)
    yield (
        f"{name}: {_many(len(proof.tests), 'test')}, {len(proof.wrong)} failed;"
        f" {len(proof.killed)} of {_many(every, 'wrong program')} found out"
    )
    yield from (f"  failed: {one.name}: {one.wrong}" for one in proof.wrong)
    yield from (f"  not found out: {one.where}: {one.what}" for one in proof.alive)
    for line, other in proof.untried:
        onward = (
            "" if line == other else f", going on to line {other}" if other > 0 else ", its end"
        )
        yield f"  not tried: line {line} of {name}.py{onward}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
