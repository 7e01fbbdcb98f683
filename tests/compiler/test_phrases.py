"""Every phrase has its meaning and is found by its words."""

import pytest

from one.compiler.grammar import CLAUSES, HEADS
from one.compiler.phrases import CALLED, phrases, search
from one.compiler.verbs import grammar
from tests.compiler.world import flow, problems, vocabulary


def test_every_phrase_of_the_grammar_is_listed_with_a_meaning() -> None:
    known = [one for one in phrases(vocabulary()) if one.kind in {"part", "command", "clause"}]
    spelt = {words for one in known for words in one.spellings}
    assert set(grammar().spellings()) == spelt
    assert {*HEADS, *grammar().verbs} <= spelt
    assert {one.words for one in known if not one.meaning} == set()
    assert len([one for one in known if one.kind == "clause"]) == len(CLAUSES)


def test_types_services_and_tags_are_listed() -> None:
    kinds = {one.kind for one in phrases(vocabulary())}
    assert kinds == {
        *("part", "command", "clause", "type", "relation"),
        *("event", "service", "action", "tag"),
    }


@pytest.mark.parametrize(
    ("wanted", "first"),
    [("save as", "SAVE AS"), ("comm", "community"), ("communnity", "community")],
)
def test_phrases_are_found_by_beginnings_and_by_likeness(wanted: str, first: str) -> None:
    assert first in [one.words for one in search(vocabulary(), wanted)][:4]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("seats", "enrolled in"),
        ("points", "token"),
        ("split", "owns"),
        ("every monday", "EVERY"),
        ("reminders", "NOTIFY"),
        ("unfollow", "DISCONNECT"),
        ("tell", "NOTIFY"),
        ("wait for a payment", "WAIT"),
    ],
)
def test_phrases_are_found_by_what_people_call_them(wanted: str, found: str) -> None:
    assert found in [one.words for one in search(vocabulary(), wanted)][:8]


def test_what_people_call_a_phrase_is_said_of_phrases_that_there_are() -> None:
    known = {(one.kind, one.words) for one in phrases(vocabulary())}
    assert CALLED.keys() - known == set()


def test_what_is_like_nothing_is_not_found() -> None:
    assert list(search(vocabulary(), "zzqqxx")) == []


def test_the_first_of_a_list_in_scope_needs_no_name_of_its_list() -> None:
    text = "FEATURE: x\nGET all members of my community SAVE AS crew\nGET all my courses\n"
    assert problems(text + "SET eldest to the first course\nGIVE eldest") == []
    assert flow(text + "SET eldest to the last course")[-1] == {
        "set": {"eldest": "$(last($courses))"}
    }
    assert problems(text + "SET eldest to the first banana") == ["E305"]


def test_what_was_found_goes_by_its_noun_alone() -> None:
    text = "FEATURE: x\nGET all members of my community\nFOR EACH member IN members NOTIFY member"
    assert sum("query" in step for step in flow(text) if isinstance(step, dict)) == 2
