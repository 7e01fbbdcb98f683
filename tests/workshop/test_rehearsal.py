"""Generated tests hold for what was generated, in real spaces, and fail for what is wrong."""

import pytest

from one.compiler.emit.cases import cases_of
from one.store import Desk
from one.workshop.proof import traced
from one.workshop.rehearsal.running import Rehearsed, cases_in, feature_of, rehearse
from tests.compiler.golden import golden
from tests.compiler.world import vocabulary
from tests.world import World


async def rehearsed(desk: Desk, slug: str, *, module: str = "") -> list[Rehearsed]:
    found = golden()[slug]
    cases = cases_of(found.program, vocabulary(), emitted=found.emitted)
    feature = feature_of(slug, module or found.emitted.module)
    return await rehearse(
        feature,
        cases_in(slug, cases.module),
        database=desk.database,
        ontology=desk.ontology,
    )


@pytest.mark.parametrize("slug", golden())
async def test_every_branch_of_a_golden_feature_is_tried_and_as_its_text_says(
    desk: Desk, slug: str
) -> None:
    found = golden()[slug]
    cases = cases_of(found.program, vocabulary(), emitted=found.emitted)
    went, untried = await traced(
        slug,
        found.emitted.module,
        tests=cases_in(slug, cases.module),
        database=desk.database,
        ontology=desk.ontology,
    )
    assert [one for one in went if one.wrong] == []
    assert bool(untried) == (slug in UNTRIED), untried


UNTRIED = {
    "a_token_for_holders": "somebody who holds a hundred tokens already",
    "ask_for_it_back_in_time": "a course that was published a year ago",
    "each_has_the_game": "a course that several own",
    "it_is_old": "a video of a week ago",
    "leave_the_club": "a club that is empty once its only member has left it",
    "nudge_a_new_member": "a lesson that is gone when it is looked for again",
    "on_to_the_next_lesson": "a lesson whose order is above that of another",
    "thank_who_takes_part": "what somebody did before",
    "thanks_for_taking_part": "what somebody did before",
    "thank_whoever_brought_them": "nobody who brought them, while others were: not chosen yet",
    "the_charts_of_our_choir": "students of the author's, to go through: none is enrolled",
    "tiers_by_what_was_spent": "what somebody paid before",
    "what_was_spent": "what somebody paid before",
    "who_came_back_this_week": "drafts of months ago, and a course, which drafts are too",
    "who_has_read_it": "what somebody did before",
    "win_back_quiet_students": "courses that both they and their students are looked up by",
}
"""Golden features with a branch that no test takes: what it would need."""


WRONG = [
    ("amount=amount)", "amount=1000)"),
    ('"stripe.refund"', '"stripe.charge"'),
    ("hours(24)", "hours(25)"),
    ('"Enjoy your tokens"', '"Enjoy"'),
    ("together.undo_by(undo_charge)", "pass"),
]


@pytest.mark.parametrize(("right", "wrong"), WRONG)
async def test_wrong_code_is_found_out(desk: Desk, right: str, wrong: str) -> None:
    slug = "buy_tokens_with_a_safe_refund"
    module = golden()[slug].emitted.module
    assert right in module
    found = await rehearsed(desk, slug, module=module.replace(right, wrong))
    assert any(one.wrong for one in found)


async def test_nothing_of_a_rehearsal_stays(desk: Desk, world: World) -> None:
    async with desk.database.read() as tx:
        before = await tx.row("SELECT count(*) FROM entities")
        spaces = await tx.rows("SELECT id FROM spaces")
    await rehearsed(desk, "let_veterans_into_the_clan")
    async with desk.database.read() as tx:
        assert await tx.row("SELECT count(*) FROM entities") == before
        assert await tx.rows("SELECT id FROM spaces") == spaces
