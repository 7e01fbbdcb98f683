"""What features find: sentences that people write, over rows that are there."""

from pydantic import JsonValue

from one.store import Happening, Patch, Proof
from tests.sdk.written import Players
from tests.world import id_of


async def found(players: Players, what: str) -> object:
    """The number of what a sentence asks for."""
    answer = await players.run(f"FEATURE: Ask\nGET number of {what} SAVE AS many\nGIVE many")
    return answer["many"]


async def test_a_stretch_that_only_ends_leaves_out_what_came_after(players: Players) -> None:
    await players.world.connect("following", id_of(players.runner), id_of(players.author))
    assert await found(players, "my followers") == 1
    assert await found(players, "my followers who followed me more than 1 year ago") == 0
    assert await found(players, "my followers who followed me less than 1 year ago") == 1
    assert await found(players, "people who followed me before 2020-01-01") == 0
    assert await found(players, "people who followed me after 2020-01-01") == 1
    assert await found(players, "people who followed me until 2100-01-01") == 1
    assert await found(players, "people who followed me on 2020-01-01") == 0


async def test_lengths_are_of_texts_and_of_what_plays(players: Players) -> None:
    thing, me, status = players.world.thing, players.author, "published"
    await thing("video", by=me, status=status, durationSeconds=240)
    await thing("video", by=me, status=status, durationSeconds=900)
    await thing("course", by=me, status=status, durationMinutes=45)
    await thing("blog_post", by=me, status=status, content="short")
    assert await found(players, "my videos longer than 10 minutes") == 1
    assert await found(players, "my videos under 15 minutes") == 1
    assert await found(players, "my courses of at least half an hour") == 1
    assert await found(players, "my posts shorter than 5 characters") == 0
    assert await found(players, "my posts of at most 5 characters") == 1


async def test_a_text_that_is_missing_has_no_length(players: Players) -> None:
    post = await players.world.thing("blog_post", by=players.author, status="published")
    text = """
FEATURE: Long enough
INPUT:
  - post: which post
IF post is longer than 10 characters
  GIVE answer "long"
GIVE answer "short"
"""
    assert await players.run(text, post=str(post.id)) == {"answer": "short"}


async def test_what_somebody_did_is_counted_in_its_stretch_of_time(players: Players) -> None:
    post = await players.world.thing("blog_post", by=players.author, status="published")
    text = """
FEATURE: Regulars
INPUT:
  - fan: who asks
  - post: which post
IF fan has shared post at least twice this week and fan has not commented on post this week
  GIVE answer "yes"
GIVE answer "no"
"""
    happening = Happening("content_interacted", post.id, {"interactionType": "shared"})
    answers: list[object] = []
    for _ in range(3):
        answers.append((await players.run(text, post=str(post.id)))["answer"])
        async with players.world.write(players.runner) as store:
            await store.record(happening)
    assert answers == ["no", "no", "yes"]


async def test_who_joined_long_ago_is_known_at_a_check(players: Players) -> None:
    club = await players.world.thing("community", by=players.author, status="active")
    await players.world.connect("member_of", id_of(players.runner), club.id)
    text = """
FEATURE: How long
INPUT:
  - fan: who asks
  - club: which community
IF fan is in club and fan joined club less than 30 days ago
  GIVE answer "new"
IF fan has been a member of club for more than 30 days
  GIVE answer "old"
"""
    assert await players.run(text, club=str(club.id)) == {"answer": "new"}


async def test_what_is_published_has_its_moment(players: Players) -> None:
    draft = await players.world.thing("blog_post", by=players.author, status="draft")
    assert await found(players, "posts published this week") == 0
    async with players.world.write(players.author) as store:
        await store.update(draft.id, Patch(status="published"))
    assert await found(players, "posts published this week") == 1
    assert await found(players, "posts published before last month") == 0


async def test_who_never_bought_has_bought_nothing(players: Players) -> None:
    await players.world.connect("following", id_of(players.runner), id_of(players.author))
    assert await found(players, "my followers who never bought anything") == 1
    assert await found(players, "my followers who bought something this month") == 0
    assert await found(players, "my followers who joined this week") == 1
    assert await found(players, "my followers who joined before last month") == 0


async def test_what_somebody_spent_is_what_they_paid(players: Players) -> None:
    course = await players.world.thing("course", by=players.author, status="published")
    text = """
FEATURE: Spenders
INPUT:
  - fan: who asks
  - course: which course
GET number of payments for course this month SAVE AS many
IF fan has spent more than $50 this month
  GIVE answer "much", many
GIVE answer "little", many
"""
    answers: list[object] = [await players.run(text, course=str(course.id))]
    for n in range(2):
        proof = Proof("stripe", "sandbox", f"ch_{n}")
        amount: JsonValue = {"amount": 3000, "currency": "usd"}
        paid: dict[str, JsonValue] = {"status": "completed", "amount": amount}
        async with players.world.write() as store:
            said = Happening("payment_processed", course.id, paid)
            await store.record_fact(said, proof, actor=id_of(players.runner))
        answers.append(await players.run(text, course=str(course.id)))
    assert answers == [
        {"answer": "little", "many": 0},
        {"answer": "little", "many": 1},
        {"answer": "much", "many": 2},
    ]


async def test_rows_are_chosen_by_how_many_they_have(players: Players) -> None:
    world, ana, bo = players.world, players.author, players.runner
    courses = [await world.thing("course", by=ana, status="published") for _ in range(3)]
    for n, course in enumerate(courses):
        lessons = [await world.thing("lesson", by=ana, status="published") for _ in range(n)]
        for lesson in lessons:
            await world.connect("part_of", lesson.id, course.id)
        if n:
            await world.connect("completed", id_of(bo), lessons[0].id)
            await world.connect("enrolled_in", id_of(bo), course.id)
    assert await found(players, "my courses with more than 1 lesson") == 1
    assert await found(players, "my courses with fewer than 2 lessons") == 2
    assert await found(players, "my courses with no students") == 1
    assert await found(players, "my courses WHERE number of students is at least 1") == 2
    assert await found(players, "lessons nobody finished") == 1
    assert await found(players, "lessons that at least one person completed") == 2
    assert await found(players, "people who completed at least 2 lessons this week") == 1
    assert await found(players, "people who completed more than 2 lessons") == 0
    assert await found(players, "people who have completed between 1 and 2 lessons") == 1


async def test_who_owns_has_what_was_bought_as_well(players: Players) -> None:
    world, ana, bo = players.world, players.author, players.runner
    courses = [await world.thing("course", by=ana, status="published") for _ in range(2)]
    for course in courses:
        sold = {"transactionType": "purchase", "amount": 5, "currency": "usd"}
        await world.connect("transacted", id_of(bo), course.id, **sold)
    text = """
FEATURE: Two of them
INPUT:
  - fan: who asks
  - course: which course
GET people who own the course SAVE AS owners
CHECK fan owns at least 2 courses
  OTHERWISE say "Two first"
IF more than 1 person bought the course or nobody likes the course
  GIVE number of owners
GIVE number of fan's courses
"""
    assert await players.run(text, course=str(courses[0].id)) == {"numberOfOwners": 2}
    assert await found(players, "people who own at least 2 courses") == 2
    assert await found(players, "people who own more than 2 courses") == 0


MINE = """
FEATURE: Whose they are
INPUT:
  - fan: who asks
SET answer to "nobody of mine"
IF fan is my customer
  SET answer to "customer"
IF fan is one of my students
  SET answer to "student"
IF fan is a subscriber of mine
  SET answer to "subscriber"
GIVE answer
"""


async def test_a_person_is_mine_by_what_is_mine(players: Players) -> None:
    world, fan = players.world, id_of(players.runner)
    course = await world.course(by=players.author)
    other = await world.course(by=await world.person(name="Otto"))
    await world.connect("enrolled_in", fan, other.id)
    assert await players.run(MINE, fan=str(fan)) == {"answer": "nobody of mine"}
    sold = {"transactionType": "purchase", "amount": 5, "currency": "usd"}
    await world.connect("transacted", fan, course.id, **sold)
    assert await players.run(MINE, fan=str(fan)) == {"answer": "customer"}
    await world.connect("enrolled_in", fan, course.id)
    assert await players.run(MINE, fan=str(fan)) == {"answer": "student"}
    await world.connect("following", fan, id_of(players.author))
    assert await players.run(MINE, fan=str(fan)) == {"answer": "subscriber"}


async def test_each_of_several_is_asked_whether_they_own_it(players: Players) -> None:
    world, ana, bo = players.world, players.author, players.runner
    game = await world.course(by=ana)
    text = """
FEATURE: Each of them
INPUT:
  - crew: list of people
  - game: which course
IF crew own game
  GIVE answer "each"
GIVE answer "not each"
"""
    both: list[JsonValue] = [str(id_of(ana)), str(id_of(bo))]
    assert await players.run(text, crew=both, game=str(game.id)) == {"answer": "not each"}
    sold = {"transactionType": "purchase", "amount": 5, "currency": "usd"}
    await world.connect("transacted", id_of(bo), game.id, **sold)
    assert await players.run(text, crew=both, game=str(game.id)) == {"answer": "each"}
