"""A feature's page and picture tell it to a person, whatever its text says."""

from xml.etree import ElementTree

import pytest

from one.compiler.emit.docs import docs_of
from one.compiler.emit.flowchart import flowchart
from one.compiler.sheet import sheet_of
from tests.compiler.golden import golden
from tests.compiler.world import one as report_of
from tests.compiler.world import vocabulary

SVG = "{http://www.w3.org/2000/svg}"


def page(slug: str) -> str:
    found = golden()[slug]
    sheet = sheet_of(found.program, vocabulary())
    return docs_of(found.program, sheet, emitted=found.emitted)


@pytest.mark.parametrize("slug", golden())
def test_every_feature_has_a_picture_that_says_itself(slug: str) -> None:
    picture = ElementTree.fromstring(flowchart(golden()[slug].program))
    names = [one.tag.removeprefix(SVG) for one in picture.iter()]
    assert names[1:3] == ["title", "desc"]
    assert "script" not in names
    assert {one.get("role") for one in picture.iter(f"{SVG}svg")} == {"img"}


@pytest.mark.parametrize("slug", golden())
def test_every_box_lies_in_the_picture_and_beside_the_others(slug: str) -> None:
    picture = ElementTree.fromstring(flowchart(golden()[slug].program))
    width, height = (float(str(picture.get(key))) for key in ("width", "height"))
    boxes = [
        tuple(float(str(one.get(key))) for key in ("x", "y", "width", "height"))
        for one in picture.iter(f"{SVG}rect")
        if str(one.get("class")).startswith("box")
    ]
    assert boxes
    for n, (x, y, wide, high) in enumerate(boxes):
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + high <= height
        for x2, y2, wide2, high2 in boxes[n + 1 :]:
            apart = x + wide <= x2 or x2 + wide2 <= x or y + high <= y2 or y2 + high2 <= y
            assert apart, (slug, (x, y), (x2, y2))


HOSTILE = """FEATURE: Say </text><script>alert(1)</script> | *all* [of](it)
INPUT:
  - fan: who <b>asks</b> | and "how"
SEND "<script>& ]]> {fan}" to fan
GIVE "done"
"""


def test_no_text_breaks_out_of_a_page_or_a_picture() -> None:
    report = report_of(HOSTILE)
    picture = flowchart(report.program)
    assert "<script" not in picture
    ElementTree.fromstring(picture)


def test_a_page_tells_what_is_needed_given_refused_and_allowed() -> None:
    said = page("sell_my_drum_kit")
    for part in (
        "# Sell my drum kit",
        "## What it does",
        "![The flow, step by step, as above.](sell_my_drum_kit.svg)",
        "| `buyer` | a person |",
        "## When it refuses",
        "## What it may do",
        "`stripe.charge`",
    ):
        assert part in said
