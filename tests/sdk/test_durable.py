"""Features that call and wait: sagas, sleeps, tries, parts that go their own way."""

from one.store import ConnectionAsk
from tests.sdk.written import Players
from tests.world import id_of

SELL = """
FEATURE: Sell my sample pack
INPUT:
  - buyer: who is buying
  - pack: the product
OUTPUT:
  - message: what we say
CHECK buyer exists
  OTHERWISE say "Please sign in"
DO TOGETHER:
  - CALL Stripe to charge payment WITH amount pack's price, customer buyer SAVE AS payment
  - CALL blockchain to mint tokens WITH amount 3, to buyer SAVE AS minted
  - CONNECT buyer to pack as buyer
IF ANY FAIL:
  - CALL Stripe to refund payment
  - CALL blockchain to burn tokens WITH amount 3
GIVE message "Enjoy [pack]"
"""


async def test_a_sale_charges_mints_and_connects(players: Players) -> None:
    pack = await players.world.thing(
        "digital_product",
        by=players.author,
        status="published",
        price={"amount": 2500, "currency": "usd"},
    )
    async with players.working(SELL) as working:
        run = await working.run(pack=str(pack.id))
    assert run.status == "done", run.reason
    assert run.output == {"message": "Enjoy A thing"}
    async with players.world.read() as store:
        ask = ConnectionAsk(types=("transacted",), from_id=id_of(players.runner), to_id=pack.id)
        assert len((await store.connections(ask)).items) == 1


ALL = """
FEATURE: Teach over a week
INPUT:
  - student: who learns
  - topics: list of texts
SET count to 0
FOR EACH topic IN topics
  CALL OpenAI to write a short lesson WITH topic SAVE AS lesson
  NOTIFY student ABOUT lesson
TRY:
  CALL youtube to read metrics SAVE AS stats
IF IT FAILS:
  NOTIFY me ABOUT "No numbers"
ALWAYS DO:
  NOTIFY me ABOUT "Looked"
DO AT SAME TIME:
  - CALL OpenAI to summarize topics SAVE AS summary
  - GET number of followers SAVE AS fans
WAIT FOR ALL TO FINISH
ADD TO QUEUE:
  NOTIFY me ABOUT summary
WAIT 2 days
GIVE summary, fans, lesson
"""


async def test_loops_tries_branches_and_parts_run_and_wake(players: Players) -> None:
    async with players.working(ALL) as working:
        id = await working.begin(topics=["breath", "rest"])
        await working.shelf.become(id, "waiting")
        kept = await working.shelf.kept(id)
        assert "sleeps until" in kept.reason, kept.reason
        steps = [step.path for step in await working.shelf.journal(id)]
    assert "flow.1[item=2].do.0" in steps
    assert any(path.startswith("flow.3.") for path in steps)
