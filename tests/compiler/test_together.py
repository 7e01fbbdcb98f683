"""What can be undone, with a service that doesn't say how."""

from dataclasses import replace

from one.compiler import check_text
from one.ontology.services import Action, Service
from tests.compiler.world import vocabulary

KILN = Service(
    "kiln",
    "Kiln",
    ("kiln",),
    (
        Action("fire", ("fire a pot",), effect="reversible"),
        Action("cool", ("cool the kiln",), effect="reversible", inverse="warm"),
        Action("warm", ("warm the kiln",), effect="reversible", inverse="cool"),
    ),
)
FIRING = 'FEATURE: Fire\nDO TOGETHER:\n  CALL Kiln to {}\n  NOTIFY me ABOUT "Hot"\n'


def codes(text: str) -> list[str]:
    known = replace(vocabulary(), services=(*vocabulary().services, KILN))
    return [one.code for one in check_text(text, known).features[0].diagnostics]


def test_a_call_that_nothing_is_known_to_undo_is_refused() -> None:
    assert codes(FIRING.format("fire a pot")) == ["E703"]


def test_a_call_with_its_inverse_is_undone_by_itself() -> None:
    assert codes(FIRING.format("cool the kiln")) == []


def test_an_undo_must_be_the_inverse_of_a_call_before_it() -> None:
    undo = "IF ANY FAIL:\n  CALL Kiln to {}\n"
    assert codes(FIRING.format("cool the kiln") + undo.format("warm the kiln")) == []
    assert codes(FIRING.format("cool the kiln") + undo.format("cool the kiln")) == ["E701"]
