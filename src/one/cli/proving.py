"""What `one build --full` says of the tests that it wrote."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

import click

from one import app
from one.compiler import FeatureReport
from one.compiler.vocabulary import Vocabulary
from one.settings import read_settings
from one.workshop.proof import Proof, prove

_ENOUGH = 0.85


def tell(features: Sequence[FeatureReport], known: Vocabulary) -> bool:
    """Prints a paragraph for each feature; whether all is as it should be."""
    return asyncio.run(_tell(features, known))


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
