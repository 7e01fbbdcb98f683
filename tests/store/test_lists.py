"""Lists are filtered by declared keys, walked by cursor without gap or repeat, and cheap."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from itertools import islice

import pytest

from one.errors import Invalid
from one.store import ConnectionAsk, Draft, Entity, EntityAsk, Patch, Viewer, parse_filter
from one.store.lists import listing_of
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


def where(*texts: str) -> EntityAsk:
    filters = tuple(parse_filter(text, f"/where/{at}") for at, text in enumerate(texts))
    return EntityAsk(types=("course",), filters=filters)


async def walk(world: World, ask: EntityAsk, *, limit: int) -> list[str]:
    names: list[str] = []
    cursor: str | None = None
    while True:
        async with world.read() as store:
            page = await store.entities(ask, limit=limit, cursor=cursor)
        names += [entity.name for entity in page.items]
        cursor = page.next
        if cursor is None:
            return names
        assert len(page.items) == limit


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("properties.language eq en", {"a", "b"}),
        ("properties.language ne en", {"c", "d"}),
        ("properties.language in en,de", {"a", "b", "c"}),
        ("properties.language exists false", {"d"}),
        ("properties.language startsWith e", {"a", "b"}),
        ("properties.price.amount gt 1000", {"b", "c"}),
        ("properties.price.amount lte 1000", {"a"}),
        ("properties.price.amount between 1000,2000", {"a", "b"}),
        ("properties.price.amount eq 1000.0", {"a"}),
        ("properties.price.amount in 1e3,3000", {"a", "c"}),
        ("name eq b", {"b"}),
        ("name eq B", {"b"}),
        ("name in A,C,a", {"a", "c"}),
        ("name ne B", {"a", "c", "d"}),
        ("name startsWith D", {"d"}),
        ("name between B,C", {"b", "c"}),
        ("createdAt gt 2020-01-01", {"a", "b", "c", "d"}),
        ("createdAt lt 2020-01-01T00:00:00Z", set[str]()),
    ],
)
async def test_every_comparison(world: World, text: str, names: set[str]) -> None:
    for name, language, amount in (("a", "en", 1000), ("b", "en", 2000), ("c", "de", 3000)):
        await world.thing(
            "course", name=name, language=language, price={"amount": amount, "currency": "usd"}
        )
    await world.thing("course", name="d")
    async with world.read() as store:
        found = [e.name for e in (await store.entities(where(text))).items]
        assert sorted(found) == sorted(names)
        assert (await store.count(where(text))).count == len(names)


@pytest.mark.parametrize("name", ["1.50", "1e3", "007", "true", "12", "9" * 40, "Ärzte & Özil"])
async def test_a_name_that_looks_like_a_number_is_found_as_written(world: World, name: str) -> None:
    await world.thing("course", name=name)
    async with world.read() as store:
        for text in (f"name eq {name}", f"name in x,{name}", f"name startsWith {name}"):
            assert [e.name for e in (await store.entities(where(text))).items] == [name]


@pytest.mark.parametrize("order", ["name", "-name", "createdAt", "-createdAt", "-updatedAt", ""])
@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_a_list_is_walked_in_its_order(world: World, order: str, limit: int) -> None:
    made = [(await world.thing("course", name=f"c{at:02}")).name for at in range(10)]
    expected = made if order in ("name", "createdAt") else made[::-1]
    assert await walk(world, EntityAsk(types=("course",), order=order), limit=limit) == expected


@pytest.mark.parametrize("order", ["", "name"])
async def test_walking_while_1000_rows_come_and_go_neither_skips_nor_repeats(
    world: World, order: str
) -> None:
    kept = {course.name for course in await courses(world, "kept", 60)}
    passing = await courses(world, "passing", 500)
    coming, going = iter(range(500)), iter(passing)
    names: list[str] = []
    cursor: str | None = None
    while True:
        async with world.read() as store:
            ask = EntityAsk(types=("course",), order=order)
            page = await store.entities(ask, limit=5, cursor=cursor)
        names += [entity.name for entity in page.items]
        cursor = page.next
        if cursor is None:
            break
        async with world.write() as store:
            for at in islice(coming, 25):
                await store.create(Draft("course", f"{at % 7}coming{at}", {}))
            for one in islice(going, 25):
                await store.delete(one.id)
    assert (next(coming, None), next(going, None)) == (None, None)
    assert len(names) == len(set(names))
    assert kept <= set(names)


async def courses(world: World, name: str, many: int) -> list[Entity]:
    """Courses whose names lie all over the alphabet."""
    async with world.write() as store:
        return [await store.create(Draft("course", f"{n % 7}{name}{n}", {})) for n in range(many)]


async def test_a_page_is_full_though_others_own_what_lies_between(world: World) -> None:
    ana = await world.person()
    for at in range(20):
        await world.thing("course", by=ana if at % 4 == 0 else STAFF, name=f"c{at}")
    async with world.read(ana) as store:
        page = await store.entities(EntityAsk(types=("course",)), limit=5)
        assert [entity.name for entity in page.items] == ["c16", "c12", "c8", "c4", "c0"]
        assert (await store.entities(EntityAsk(status="draft", types=("course",)))).items
    async with world.read(Viewer()) as store:
        assert (await store.entities(EntityAsk(types=("course",)))).items == []


async def test_a_cursor_tells_nothing_of_the_unseen_row_where_a_page_ended(world: World) -> None:
    for number in range(12):
        await world.thing("course", name=f"merger with acme {number}", status="draft")
    async with world.read(await world.person()) as store:
        listing = listing_of(store.session, EntityAsk(("course",), order="name"))
        listing.budget = 20
        items, cursor = await listing.page(store.session, limit=5, cursor=None)
    assert items == []
    assert cursor is not None
    assert b"merger" not in urlsafe_b64decode(cursor + "===")


async def test_a_cursor_of_another_list_viewer_or_hand_is_refused(world: World) -> None:
    ana = await world.person()
    for at in range(3):
        await world.thing("course", name=f"c{at}", status="published")
    async with world.read() as store:
        cursor = (await store.entities(EntityAsk(types=("course",)), limit=1)).next
        assert cursor is not None
        tampered = cursor[:-2] + ("AA" if not cursor.endswith("AA") else "BB")
        for ask, given in (
            (EntityAsk(types=("course",), status="draft"), cursor),
            (EntityAsk(types=("course",), order="name"), cursor),
            (EntityAsk(types=("course",)), tampered),
            (EntityAsk(types=("course",)), "nonsense"),
            (EntityAsk(types=("course",)), "é"),
        ):
            with pytest.raises(Invalid):
                await store.entities(ask, limit=1, cursor=given)
    async with world.read(ana) as store:
        with pytest.raises(Invalid):
            await store.entities(EntityAsk(types=("course",)), limit=1, cursor=cursor)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("properties.summary eq x", "properties.language"),
        ("properties.language like x", "startsWith"),
        ("properties.price.amount gt lots", "number"),
        ("createdAt gt soon", "time"),
        ("properties.language contains x", "text"),
        ("nonsense", "path operator value"),
        ("properties.price.amount between 1", "two values"),
    ],
)
async def test_filters_that_can_not_be_read_say_why(world: World, text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        async with world.read() as store:
            await store.entities(where(text))
    fault = refused.value.faults[0]
    assert fault.pointer.startswith("/where")
    assert said in fault.message + " ".join(fault.allowed)


@pytest.mark.parametrize("text", ["name eq b", "name startsWith b", "updatedAt gt 2026-01-01"])
async def test_what_is_indexed_by_type_is_asked_for_with_a_type(world: World, text: str) -> None:
    async with world.read() as store:
        with pytest.raises(Invalid, match="say of which type") as refused:
            await store.entities(replace(where(text), types=()))
    assert refused.value.faults[0].pointer == "/where/0"


async def test_words_are_found_in_text_with_a_type(world: World) -> None:
    await world.thing("course", name="Breathing for runners", description="Calm lungs")
    await world.thing("course", name="Cooking")
    async with world.read() as store:
        for words in ("breath", "lungs calm", "RUNNERS"):
            page = await store.entities(EntityAsk(types=("course",), text=words))
            assert [entity.name for entity in page.items] == ["Breathing for runners"]
        for ask in (EntityAsk(text="x"), EntityAsk(types=("course",), text=" ?! ")):
            with pytest.raises(Invalid):
                await store.entities(ask)


async def test_lists_tell_nothing_of_deleted_ends(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    await world.connect("following", id_of(ana), id_of(bo))
    async with world.write() as store:
        await store.delete(id_of(bo))
        assert (await store.connections(ConnectionAsk(from_id=ana.id))).items == []


async def test_owners_find_what_they_deleted(world: World) -> None:
    ana = await world.person()
    made = await world.course(by=ana)
    async with world.write(ana) as store:
        await store.delete(made.id)
    for viewer, count in ((ana, 1), (STAFF, 1), (await world.person(), 0), (Viewer(), 0)):
        async with world.read(viewer) as store:
            gone = EntityAsk(types=("course",), deleted=True)
            assert len((await store.entities(gone)).items) == count


async def test_members_see_what_is_for_members(world: World) -> None:
    ana, fan = await world.person(), await world.person("audience_member")
    course = await world.course(by=ana)
    lesson = await world.thing("lesson", by=ana, status="published")
    await world.connect("part_of", lesson.id, course.id)
    seen: list[bool] = []
    for enrolled in (False, True):
        if enrolled:
            await world.connect("enrolled_in", id_of(fan), course.id)
        async with world.read(fan) as store:
            page = await store.entities(EntityAsk(types=("lesson",)))
            seen.append(lesson.id in {entity.id for entity in page.items})
    assert seen == [False, True]


async def test_archiving_hides_it_from_all_but_its_owners(world: World) -> None:
    ana = await world.person()
    course = await world.course(by=ana)
    async with world.write(ana) as store:
        await store.update(course.id, Patch(status="archived"))
    for viewer, count in ((ana, 1), (Viewer(), 0)):
        async with world.read(viewer) as store:
            assert len((await store.entities(EntityAsk(types=("course",)))).items) == count
