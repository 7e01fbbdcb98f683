"""What the vocabulary holds, and how it is asked."""

import pytest

from one.errors import Invalid
from one.ontology import Ontology, load

ontology: Ontology = load()


def test_counts_are_those_of_the_seed() -> None:
    counted = (ontology.entities, ontology.connections, ontology.events, ontology.tag_categories)
    assert tuple(map(len, counted)) == (50, 24, 38, 8)


def test_an_unknown_type_is_refused_with_the_three_nearest() -> None:
    with pytest.raises(Invalid) as refused:
        ontology.entity("cours")
    (fault,) = refused.value.faults
    assert fault.pointer == "/type"
    assert len(fault.allowed) == 3
    assert fault.allowed[0] == "course"


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid) as refused:
        ontology.entity("course").validate({"pric": 1})
    (fault,) = refused.value.faults
    assert fault.pointer == "/properties/pric"
    assert fault.allowed[0] == "price"


@pytest.mark.parametrize(
    ("connection", "ends"),
    [("owns", ("creator", "course")), ("holds", ("audience_member", "token"))],
)
def test_ends_that_fit_are_taken_and_turned_ones_refused(
    connection: str, ends: tuple[str, str]
) -> None:
    kind = ontology.connection(connection)
    kind.check_ends(*ends)
    with pytest.raises(Invalid):
        kind.check_ends(*reversed(ends))
