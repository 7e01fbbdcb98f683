"""The tests that are written for a feature find out what is wrong with its code."""

from itertools import groupby
from operator import itemgetter

import pytest

from one.compiler.program import Program
from one.store import Desk
from one.workshop.mutants import mutants_of
from one.workshop.proof import hunt, prove, trial_of
from tests.compiler.golden import golden
from tests.compiler.world import one, vocabulary

pytestmark = pytest.mark.anyio
EVERY = 9
WORDS = vocabulary()
SOLD = "buy_tokens_with_a_safe_refund"


async def test_most_wrong_programs_are_found_out(desk: Desk) -> None:
    wrong = [(slug, mutant) for slug in golden() for mutant in mutants_of(_program(slug), WORDS)]
    killed = alive = 0
    for slug, some in groupby(wrong[::EVERY], key=itemgetter(0)):
        trial = trial_of(_program(slug), WORDS, database=desk.database)
        found, missed = await hunt(trial, (mutant for _, mutant in some))
        killed, alive = killed + len(found), alive + len(missed)
    assert killed > 100
    assert killed / (killed + alive) >= 0.85


def _program(slug: str) -> Program:
    return golden()[slug].program


def test_a_mutant_differs_in_one_place_and_compiles() -> None:
    program = golden()[SOLD].program
    found = list(mutants_of(program, vocabulary()))
    assert len({each.program.encoded() for each in found} - {program.encoded()}) == len(found)
    whats = " ".join(each.what for each in found)
    assert all(
        what in whats for what in ("left out: service", "failure not handled", "longer: 24h")
    )


TIDY = """\
FEATURE: Tidy up
GET blog posts with status draft SAVE AS drafts
FOR EACH post IN drafts
    ARCHIVE post
GIVE drafts is number of drafts
"""


async def test_every_way_of_a_plain_feature_is_tried(desk: Desk) -> None:
    found = await prove(one(TIDY).program, vocabulary(), database=desk.database)
    assert found.wrong == found.untried == []
    assert found.share == 1


async def test_what_no_test_tries_is_told(desk: Desk) -> None:
    program = golden()["the_charts_of_our_choir"].program
    found = await prove(program, vocabulary(), database=desk.database)
    assert found.untried
    assert found.alive
