"""The addresses of pages: none stands where the page of something that has a name of its own is."""

import importlib
import pkgutil
from collections.abc import Iterator
from itertools import permutations
from uuid import UUID

import pytest

from one.ontology import load
from one.web import pages
from one.web.pages.visit import Page
from tests.web.pages.browsing import address, browser_in, fill, leads_to, sign_up, text_of
from tests.world import World

pytestmark = pytest.mark.anyio


def paths() -> Iterator[str]:
    """Those of every page that there is."""
    for found in pkgutil.iter_modules(pages.__path__):
        module = importlib.import_module(f"{pages.__name__}.{found.name}")
        known: tuple[Page, ...] = getattr(module, "PAGES", ())
        yield from (page.path for page in known)


def may_be(parameter: str, word: str) -> bool:
    """Whether something's place in an address may say this word."""
    match parameter.strip("{}").partition(":")[0]:
        case "id":
            try:
                return bool(UUID(word))
            except ValueError:
                return False
        case "type":
            return word in load().entities
        case _:
            return True


def shadowed(path: str, other: str) -> bool:
    """Whether an address of the first may be one of the second, which is another page."""
    pairs = [*zip(path.split("/"), other.split("/"), strict=False)]
    if path.count("/") != other.count("/") or path == other:
        return False
    return all(
        mine == theirs
        or (mine.startswith("{") and (theirs.startswith("{") or may_be(mine, theirs)))
        or (theirs.startswith("{") and may_be(theirs, mine))
        for mine, theirs in pairs
    )


def test_no_name_of_a_thing_leads_to_another_page() -> None:
    found = [*dict.fromkeys(paths())]
    assert len(found) > 60
    clashes = [
        f"{one} and {other}" for one, other in permutations(found, 2) if shadowed(one, other)
    ]
    assert clashes == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("/studio/{slug}", "/studio/new"), ("/explore/{type}", "/explore/course")],
)
def test_a_name_that_would_is_found(one: str, other: str) -> None:
    assert shadowed(one, other)
    assert not shadowed(one, "/explore/map")


@pytest.mark.parametrize("title", ["New", "Drafts", "Features", "Package", "Edit"])
async def test_a_feature_called_as_a_page_has_its_own(world: World, title: str) -> None:
    async with browser_in(world) as browser:
        await sign_up(browser, address())
        text = f'FEATURE: {title}\nOUTPUT:\n  - answer: what to say\nGIVE answer is "Hi"\n'
        made = leads_to(await fill(browser, "/studio/new", text=text))
        there = leads_to(await fill(browser, f"{made}/deploy"))
        page = await browser.get(there)
        assert page.status_code == 200
        assert "It is live" in text_of(page)
        assert f"<h1>{title}</h1>" in page.text
