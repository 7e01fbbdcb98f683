"""What is kept of what is given: settled, strict, and never anything but Invalid in return."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import cast
from uuid import UUID

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from one.errors import JSON, Invalid
from one.ontology.types import Type
from tests.ontology.drawn import defined, document, kinds, ontology

course = ontology.entity("course")
every_kind = pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.name)
calm = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def refused(kind: Type, wrong: dict[str, object]) -> dict[str, str]:
    """Pointer → message of a refusal."""
    with pytest.raises(Invalid) as error:
        kind.read(wrong)
    assert error.value.faults
    assert all(fault.pointer.startswith(kind.at) for fault in error.value.faults)
    return {fault.pointer: fault.message for fault in error.value.faults}


@every_kind
@calm
@given(data=st.data())
def test_what_was_read_reads_again_as_itself(kind: Type, data: st.DataObject) -> None:
    name = f"{kind.noun}.{kind.name}"
    stored = kind.read(cast("dict[str, object]", data.draw(defined(name))))
    assert kind.read(stored) == stored
    assert kind.read(stored, partial=True) == stored
    schema = {"$ref": f"#/$defs/{name}", "$defs": document["$defs"]}
    jsonschema_rs.validate(schema, stored)


HOSTILE: list[object] = [
    None,
    True,
    -1,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\0",
    "\ud800",
    [],
    {},
    [[[[[[[[[[[]]]]]]]]]]],
    {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}},
    {1: 2},
    object(),
    b"bytes",
    {"amount": float("nan"), "currency": "\0"},
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
]


@every_kind
def test_hostile_values_are_refused_or_kept_as_json(kind: Type) -> None:
    for key in [*kind.keys, "x_free", "X_", "", "constructor", "a/b~c"]:
        for value in HOSTILE:
            with suppress(Invalid):
                stored = kind.read({key: value}, partial=True)
                assert kind.read(stored, partial=True) == stored


def test_a_text_that_is_too_long_is_refused() -> None:
    assert (
        "1000000 characters" in refused(course, {"content": "a" * 3_000_000})["/properties/content"]
    )


def test_a_wrong_kind_of_value_is_never_coerced() -> None:
    assert refused(course, {"durationMinutes": "5"}) == {
        "/properties/durationMinutes": "must be a whole number"
    }
    assert refused(course, {"featured": 1}) == {
        "/properties/featured": "must be yes or no (true or false)"
    }
    assert refused(course, {"summary": 5}) == {"/properties/summary": "must be text"}


def test_every_fault_is_told_at_once_with_its_pointer() -> None:
    wrong: dict[str, object] = {
        "price": {"amount": "5", "currency": "xxx"},
        "level": "expert",
        "objectives": ["a", 2],
    }
    assert refused(course, wrong) == {
        "/properties/price/amount": "must be a whole number",
        "/properties/price/currency": "must be a currency code of three letters, like usd or eur",
        "/properties/level": "must be one of beginner, intermediate, advanced, all",
        "/properties/objectives/1": "must be text",
    }


def test_a_choice_that_is_none_names_those_that_are() -> None:
    with pytest.raises(Invalid) as error:
        course.validate({"level": "expert"})
    assert error.value.faults[0].allowed == ("beginner", "intermediate", "advanced", "all")


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid) as error:
        course.validate({"pric/e": 1})
    (fault,) = error.value.faults
    assert fault.pointer == "/properties/pric~1e"
    assert fault.allowed[0] == "price"


def test_an_unknown_key_inside_a_value_is_refused_too() -> None:
    price: dict[str, object] = {"price": {"amount": 1, "currency": "eur", "note": 1}}
    assert refused(course, price) == {"/properties/price/note": "is not known here"}


def test_free_keys_take_any_json_within_bounds() -> None:
    kept: dict[str, object] = {"x_colours": {"sky": [1, None, "blue"]}, "x_größe": 1.5}
    assert course.validate(kept) == kept
    deep: object = 1
    for _ in range(9):
        deep = [deep]
    assert "8 levels" in refused(course, {"x_deep": deep})["/properties/x_deep"]
    assert "32,768" in refused(course, {"x_big": "a" * 40_000})["/properties/x_big"]
    assert "64 free" in refused(course, {f"x_{n}": n for n in range(65)})["/properties"]
    assert refused(course, {"x_": 1})
    assert refused(course, {"x_a b": 1})


def test_values_are_settled_to_one_spelling() -> None:
    creator = ontology.entity("creator")
    assert creator.validate(
        {"handle": " @Anna_B", "email": "Anna@Example.COM ", "headline": "  Sings  "}
    ) == {"handle": "anna_b", "email": "anna@example.com", "headline": "Sings"}
    assert course.validate(
        {"startsAt": "2026-03-01T10:00:00+01:00", "price": {"amount": 5, "currency": "EUR"}}
    ) == {"startsAt": "2026-03-01T09:00:00Z", "price": {"amount": 5, "currency": "eur"}}


def test_python_moments_and_ids_are_taken() -> None:
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert course.validate({"startsAt": moment}) == {"startsAt": "2026-03-01T09:00:00Z"}
    ident = UUID(int=7)
    progress = ontology.event("progress_updated")
    assert progress.validate({"entityId": ident}) == {"entityId": str(ident)}


def test_a_moment_without_a_zone_is_refused() -> None:
    for wrong in ("2026-03-01T10:00:00", "2026-03-01", "yesterday", 1_767_000_000):
        assert refused(course, {"startsAt": wrong})


def test_a_deadline_may_be_a_day_or_a_moment() -> None:
    assigned = ontology.connection("assigned_to")
    for given_, kept in {
        "2026-03-01": "2026-03-01",
        "2026-03-01T10:30:00Z": "2026-03-01T10:30:00Z",
    }.items():
        assert assigned.validate({"deadline": given_}) == {"deadline": kept}


def test_measured_lengths_of_time_are_seconds_and_planned_ones_text() -> None:
    viewed = ontology.event("content_viewed")
    assert viewed.validate({"duration": "5m"}) == {"duration": 300.0}
    assert viewed.validate({"duration": 12.5}) == {"duration": 12.5}
    consultation = ontology.entity("consultation")
    assert consultation.validate({"duration": "45M"}) == {"duration": "45m"}
    assert refused(consultation, {"duration": "soon"})


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//evil.example",
        "https://user:pw@x.example",
        "/\\evil",
        "http://",
        "x",
    ],
)
def test_only_web_addresses_and_own_paths_are_urls(url: str) -> None:
    assert refused(course, {"cover": url})


def test_a_null_is_left_out_of_a_whole_and_kept_in_a_part() -> None:
    assert course.validate({"summary": None, "language": "en"}) == {"language": "en"}
    assert course.validate({"summary": None}, partial=True) == {"summary": None}
    assert course.validate({"x_a": None}, partial=True) == {"x_a": None}


def test_required_keys_must_be_in_a_whole_and_stay_in_a_part() -> None:
    liked = ontology.connection("engaged_with")
    assert refused(liked, {}) == {"/metadata/engagementType": "is required"}
    assert liked.validate({"rating": 5}, partial=True) == {"rating": 5}
    with pytest.raises(Invalid):
        liked.validate({"engagementType": None}, partial=True)


def test_defaults_fill_a_whole_only() -> None:
    holds = ontology.connection("holds")
    assert holds.validate({"amount": 3}) == {"assetType": "tokens", "amount": 3}
    assert holds.validate({"amount": 3}, partial=True) == {"amount": 3}


def test_other_names_of_keys_are_rewritten() -> None:
    engaged = ontology.connection("engaged_with")
    assert engaged.validate({"interactionType": "liked"}) == {"engagementType": "liked"}
    interacted = ontology.event("content_interacted")
    assert interacted.validate({"engagementType": "rated"}) == {"interactionType": "rated"}
    paid = ontology.event("payment_processed")
    kept: dict[str, JSON] = {"status": "completed", "checkoutSessionId": "cs_1"}
    assert paid.validate({"status": "completed", "sessionId": "cs_1"}) == kept


def test_money_keeps_every_minor_unit() -> None:
    money = {"amount": 2**53 - 1, "currency": "jpy"}
    assert course.validate({"price": money}) == {"price": money}
    assert refused(course, {"price": {"amount": 2**53, "currency": "jpy"}})
    assert refused(course, {"price": {"amount": 9.99, "currency": "usd"}})
    assert refused(course, {"price": {"amount": -1, "currency": "usd"}})


@pytest.mark.parametrize("phone", ["+645 ", "+6451 ", "+353 1 234 5678", "12 3", "1 2 "])
def test_the_schema_takes_the_phone_numbers_that_reading_takes(phone: str) -> None:
    name = "entity.audience_member"
    schema = {"$ref": f"#/$defs/{name}", "$defs": document["$defs"]}
    taken = True
    try:
        ontology.entity("audience_member").read({"phone": phone})
    except Invalid:
        taken = False
    assert jsonschema_rs.is_valid(schema, {"phone": phone}) is taken
