"""Lists taken along as files and things made from files, in a browser without scripts."""

import csv
from collections.abc import Mapping
from io import StringIO

import orjson
import pytest
from httpx import AsyncClient, Response

from one.errors import JSON
from one.ontology import load
from one.web.pages import cells
from one.web.pages.fields import fields_of
from one.web.pages.importing import MOST, MOST_BYTES
from tests.web.pages.browsing import (
    address,
    attribute,
    browser_in,
    leads_to,
    sign_up,
    text_of,
)
from tests.web.pages.test_explore import made
from tests.web.pages.test_foundation import HOSTILE, check_closed
from tests.world import World

pytestmark = pytest.mark.anyio
HERE = "/explore/course/import"
NAME = '\'=Rye, "dark"'
SHEET = """\
Name;Price;objectives;Starts at;certificate;capacity;Shelf;x_row
Rye;12,50 EUR;"To knead
To bake";2030-05-07T09:00;yes;12;;3
Spelt;;;;;;;
'=Emmer;"{""amount"": 500, ""currency"": ""usd""}";"[""One""]";;no;;left;
"""


@pytest.fixture
async def ana(browser: AsyncClient) -> AsyncClient:
    await sign_up(browser, address())
    return browser


async def given(ana: AsyncClient, file: str | bytes, path: str = HERE, **more: str) -> Response:
    """Posts a file as a browser does."""
    body = file.encode() if isinstance(file, str) else file
    files = {"file": ("things.csv", body, "text/csv")}
    return await ana.post(path, files=files, data={"text": "", **more})


async def going_on(ana: AsyncClient, page: Response, text: str, **more: str) -> Response:
    """Posts the form of a page that shows what would be made."""
    said = {"text": text.replace("\n", "\r\n"), "once": attribute(page, "once"), **more}
    # each field as a part, as the form of that page is posted
    return await ana.post(HERE, files={name: (None, value) for name, value in said.items()})


async def courses(ana: AsyncClient) -> dict[str, Mapping[str, object]]:
    found = await ana.get("/api/entities", params={"type": "course", "limit": "200"})
    return {one["name"]: one["properties"] for one in found.json()["items"]}


async def test_a_sheet_is_looked_through_and_made_once_one_says_so(ana: AsyncClient) -> None:
    page = await ana.get(HERE)
    check_closed(page)
    looked = await given(ana, "\ufeff" + SHEET)
    check_closed(looked)
    assert "3 things can be made. Nothing is made yet." in text_of(looked)
    assert 'aria-label="Shelf becomes"' in looked.text
    assert await courses(ana) == {}
    for _ in range(2):
        there = leads_to(await going_on(ana, looked, SHEET, do="make"))
        assert there == "/explore/course?made=3"
        assert "3 are made." in text_of(await ana.get(there))
    assert await courses(ana) == {
        "Rye": {
            "price": {"amount": 1250, "currency": "eur"},
            "objectives": ["To knead", "To bake"],
            "startsAt": "2030-05-07T09:00:00Z",
            "certificate": True,
            "capacity": 12,
            "x_row": "3",
        },
        "Spelt": {},
        "=Emmer": {
            "price": {"amount": 500, "currency": "usd"},
            "objectives": ["One"],
            "certificate": False,
        },
    }


async def test_each_faulty_line_is_told_and_the_others_are_made(ana: AsyncClient) -> None:
    await made(ana, properties={"slug": "taken"})
    sheet = (
        "name,price,slug,status,level,capacity\n"
        "Good,,good,,,\n"
        ",,,,,\n"
        "Bare,12.50,,,,many\n"
        ",5 USD,,,,\n"
        "Late,,taken,baked,hard,\n"
        "Twice,,good,,,\n"
        "Long,,,,,,,more\n"
    )
    looked = await given(ana, sheet)
    told = text_of(looked)
    assert "1 thing can be made, 5 lines can’t." in told
    for words in (
        "4 Bare Price: Write an amount and its currency, like 12.50 USD.",
        "Capacity: Write a number, like 12 or 0.5.",
        "5 Name: A name can't be empty.",
        "6 Late Status must be one of",
        "Level must be one of",
        "7 Twice Slug",
        "8 Long Has more cells than there are columns.",
    ):
        assert words in told
    done = await going_on(ana, looked, sheet, do="make")
    assert "1 is made." in text_of(done)
    assert "6 Late" in text_of(done)
    assert "good" in [one.get("slug") for one in (await courses(ana)).values()]
    # what was taken since
    other = await given(ana, "name,slug\nOne,first\nTwo,second\n")
    await made(ana, name="Faster", properties={"slug": "second"})
    late = await going_on(ana, other, "name,slug\nOne,first\nTwo,second\n", do="make")
    assert "is taken by another course" in text_of(late)


async def test_columns_are_matched_as_somebody_chooses(ana: AsyncClient) -> None:
    sheet = "Title,Words\nRye,Dark bread\n"
    looked = await given(ana, sheet)
    assert "No column is the name." in text_of(looked)
    assert 'value="make"' not in looked.text
    chosen = {"column.0": "name", "column.1": "summary"}
    again = await going_on(ana, looked, sheet, do="look", **chosen)
    assert "1 thing can be made." in text_of(again)
    same = await going_on(ana, looked, sheet, do="make", **{**chosen, "column.1": "name"})
    assert "Two columns are to be the same" in text_of(same)
    assert leads_to(await going_on(ana, again, sheet, do="make", **chosen)).endswith("made=1")
    assert await courses(ana) == {"Rye": {"summary": "Dark bread"}}


async def test_lines_of_json_are_read_as_an_export_has_them(ana: AsyncClient) -> None:
    lines: list[JSON] = [
        {"id": "x", "type": "course", "name": "Rye", "properties": {"capacity": 3}, "version": 9},
        {"name": "Spelt", "summary": "Beside", "x_shelf": {"row": 3}},
        {"type": "lesson", "name": "Other"},
        {"name": ["No"], "properties": {}},
        {"name": "Flat", "properties": [1]},
        [1],
    ]
    text = "".join(f"{orjson.dumps(line).decode()}\n" for line in lines) + "{\n"
    looked = await given(ana, text)
    told = text_of(looked)
    assert "2 things can be made, 5 lines can’t." in told
    for words in ("Type is not course", "Name must be text", "Properties must be an object"):
        assert words in told
    assert "made" in (await going_on(ana, looked, text, do="make")).text
    assert await courses(ana) == {
        "Rye": {"capacity": 3},
        "Spelt": {"summary": "Beside", "x_shelf": {"row": 3}},
    }


async def test_what_is_no_such_file_is_told_with_its_cure(ana: AsyncClient, world: World) -> None:
    many = "name\n" + "Rye\n" * (MOST + 1)
    for file, words in (
        ("", "There is nothing in it."),
        (many, f"The file holds {MOST + 1:,} things; {MOST:,} can be made at a time."),
        ("name\n" + "x" * MOST_BYTES, "The file holds more than 500,000 bytes."),
        ('name\n"open\n', "Look at its quotation marks."),
        ("name,name\nRye,Rye\n", "Two columns are called name."),
        ("name\nR\0ye", "NUL"),
        ("name\nCaf\xe9".encode("latin-1"), "Save it as UTF-8"),
    ):
        refused = await given(ana, file)
        assert (refused.status_code, words in text_of(refused)) == (422, True), words
    wide = await given(ana, "name\nCafé".encode("utf-16"))
    assert "1 thing can be made." in text_of(wide)
    assert await courses(ana) == {}
    assert (await given(ana, "name\nCy", "/explore/creator/import")).status_code == 403
    assert (await given(ana, b"x" * 2_000_000)).status_code == 413
    async with browser_in(world) as visitor:
        assert leads_to(await visitor.get(HERE)).startswith("/sign-in")
        assert leads_to(await given(visitor, "name\nCy")).startswith("/sign-in")
    broken = {"content-type": "multipart/form-data; boundary=b"}
    for body in (b"", b"--b\r\n\r\n\r\n--b--", b"--b\r\nname", b"--b" * 600 + b"--"):
        assert (await ana.post(HERE, content=body, headers=broken)).status_code == 422
    assert (await ana.post(HERE, content=b"a", headers={"content-type": "text/csv"})).is_error


def without_time(thing: Mapping[str, dict[str, object]]) -> dict[str, object]:
    """What a thing says but when it was published."""
    return {key: value for key, value in thing["properties"].items() if key != "publishedAt"}


async def test_a_list_is_taken_along_narrowed_as_it_is_and_read_back(
    ana: AsyncClient, world: World
) -> None:
    said = {
        "price": {"amount": 1250, "currency": "eur"},
        "objectives": ["-1", "To bake"],
        "summary": f'=SUM(A1)\n{HOSTILE}";,',
        "certificate": False,
        "passingScore": 1e-07,
        "startsAt": "2030-05-07T09:00:00Z",
        "x_free": {"row": [3]},
    }
    await made(ana, name=NAME, status="published", properties=said)
    await made(ana, name="Plain")
    whole = await ana.get("/explore/course/export")
    assert whole.headers["content-type"] == "text/csv; charset=utf-8"
    assert whole.headers["content-disposition"].startswith('attachment; filename="courses-')
    assert whole.content.startswith(b"\xef\xbb\xbf")
    rows = [*csv.DictReader(StringIO(whole.content.decode("utf-8-sig"), newline=""))]
    assert [row["name"] for row in rows] == ["Plain", f"'{NAME}"]
    assert rows[1]["price"] == "12.50 EUR"
    assert rows[1]["summary"].startswith("'=SUM")
    narrowed = await ana.get("/explore/course/export?status=published&as=ndjson")
    (line,) = narrowed.text.splitlines()
    assert without_time(orjson.loads(line)) == said
    async with browser_in(world) as visitor:
        seen = await visitor.get("/explore/course/export?as=ndjson")
        assert [orjson.loads(one)["name"] for one in seen.text.splitlines()] == [NAME]
        await sign_up(visitor, address("bo"))
        assert "2 things can be made." in text_of(await given(visitor, whole.text))
        assert "1 thing can be made." in text_of(await given(visitor, narrowed.text))
        looked = await given(visitor, whole.text)
        assert leads_to(await going_on(visitor, looked, whole.text, do="make")).endswith("made=2")
        me = (await visitor.get("/api/account")).json()["entity"]
        owned = (await visitor.get(f"/api/connections?from={me}&type=owns")).json()["items"]
        copies = [(await visitor.get(f"/api/entities/{one['to']}")).json() for one in owned]
        assert without_time(next(one for one in copies if one["name"] == NAME)) == said
    assert "Export" in text_of(await ana.get("/explore/course?status=published"))
    for query in ("as=exe", "from=much", "status=baked"):
        refused = await ana.get(f"/explore/course/export?{query}")
        assert refused.status_code == 422
        assert "content-disposition" not in refused.headers


async def test_an_export_holds_what_is_private_of_ones_own_and_goes_on_page_by_page(
    ana: AsyncClient, world: World
) -> None:
    keys = {"fileUrl": "https://files.example/secret"}
    for at in range(203):
        name = f"Book {at}"
        await made(ana, "digital_product", name=name, status="published", properties=keys)
    path = "/explore/digital_product/export"
    mine = [*csv.DictReader(StringIO((await ana.get(path)).content.decode("utf-8-sig")))]
    assert len({row["id"] for row in mine}) == 203
    assert {row["fileUrl"] for row in mine} == {"https://files.example/secret"}
    async with browser_in(world) as visitor:
        for _ in range(2):
            seen = await visitor.get(path)
            assert seen.text.count("Book") == 203
            assert "secret" not in seen.text
            await sign_up(visitor, address("bo"))


def test_every_cell_is_read_back_as_it_was() -> None:
    ontology = load()
    fields = {one.key: one for one in fields_of(ontology, ontology.entity("course"))}
    said: list[tuple[str, JSON]] = [
        ("summary", "''=x"),
        ("summary", "'quoted'"),
        ("objectives", ["=a", "b"]),
        ("objectives", ["[a", "b"]),
        ("objectives", ["two\nlines"]),
        ("objectives", [" spaced"]),
        ("price", {"amount": 0, "currency": "jpy"}),
        ("certificate", True),
        ("passingScore", 0.25),
        ("capacity", 1_000_000),
    ]
    for key, value in said:
        assert cells.read(fields[key], cells.cell(value)) == value, key
