"""The Technical DSL: the looser literal, its shapes, its faults."""

import pytest

from one.compiler import check_text, write_english
from one.compiler.expression import (
    BadExpression,
    Lit,
    Ref,
    Template,
    parse,
    read_condition,
    read_value,
    write_value,
)
from one.compiler.mending import apply_edits
from tests.compiler.world import flow, one, problems, vocabulary

CLONE = """
const make = {
  feature: "MakeClone", // bare keys, comments, single quotes, trailing commas
  input: { creatorId: "Id<entities>", clips: 'string[]', },
  output: { cloneId: "Id<entities>" },
  flow: [
    { validate: { creatorId: { exists: true, type: "creator" }, clips: { minLength: 2 } },
      onError: { return: { error: "TooFew" } } },
    { service: { provider: "elevenlabs", method: "cloneVoice", params: { samples: "$clips" },
                 output: "voiceId", retry: { times: 2, delay: "5s" } } },
    { entity: { type: "ai_clone", name: "$creator.name + ' twin'",
                properties: { voiceId: "$voiceId" } }, output: "cloneId" },
    { return: { cloneId: "$cloneId" } },
  ],
};
"""


def test_a_checked_id_binds_the_thing_itself() -> None:
    report = one(CLONE)
    assert report.outcome in {"compiled", "assumptions"}
    assert report.program.errors == ["TooFew"]


def test_output_inside_the_primitive_stands_beside_it_in_the_program() -> None:
    flow = one(CLONE).program.canonical()["flow"]
    assert isinstance(flow, list)
    assert isinstance(flow[1], dict)
    assert flow[1]["output"] == "voiceId"


def test_a_name_that_nothing_binds_is_reported_at_its_place() -> None:
    report = one('{feature: "x", flow: [\n{wait: "5s"},\n{set: {a: "$nothing"}}]}')
    found = [(each.code, each.span.line) for each in report.diagnostics]
    assert ("E301", 3) in found


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{entitty: {}}", "E901"),
        ('{wait: "5s", set: {a: 1}}', "E902"),
        ('{connect: {from: "$a", type: "owns"}}', "E903"),
        ('{service: {provider: "stripe", method: "refund", output: "a"}, output: "b"}', "E904"),
        ('{wait: "soon"}', "E905"),
        ('{query: {from: "entities", where: [{field: "a", operator: "like", value: 1}]}}', "E906"),
        ('{set: {a: "$(1 +)"}}', "E907"),
        ('{wait: "5s", onError: {panic: true}}', "E908"),
    ],
)
def test_a_misshapen_step_is_told_its_fault(step: str, code: str) -> None:
    assert code in problems('{feature: "x", flow: [' + step + "]}")


def test_what_is_no_json_is_reported_once() -> None:
    assert problems('{feature: "x" flow: []}') == ["E910"]


@pytest.mark.parametrize(
    "text",
    [
        "$a.b",
        "$(1 + 2 * $x)",
        "$(not $a and $b or $c)",
        "plain",
        "{$a}'s {$b.c}",
        "$($a ? 1 : 2)",
        "5 $$",
    ],
)
def test_values_come_back_as_themselves(text: str) -> None:
    tree = read_value(text)
    assert read_value(write_value(tree)) == tree


@pytest.mark.parametrize("text", ["__import__('os')", "$a.__class__", "1 +", "a(", "$" + "(" * 40])
def test_what_is_outside_the_language_is_refused(text: str) -> None:
    with pytest.raises(BadExpression):
        parse(text)


@pytest.mark.parametrize(
    "condition", ["!$done", "not $done", "length($name) > 3 && $n != 0", "now() > $day + 2d"]
)
def test_a_condition_is_an_expression_also_where_no_dollar_begins_it(condition: str) -> None:
    text = """{feature: "x", input: {done: "boolean", name: "text", n: "number", day: "datetime"},
      flow: [{if: {condition: "%s", then: [{notify: {to: "$me", about: "yes"}}]}}]}"""
    (step,) = one(text % condition).program.flow
    assert step.if_ is not None
    assert step.if_.condition == read_condition(condition)
    assert "E501" not in problems(text % condition)


def test_what_is_no_condition_is_told_and_never_taken_as_a_text() -> None:
    text = '{feature: "x", flow: [{if: {condition: "fan is nice", then: []}}]}'
    assert problems(text) == ["E907"]


def test_a_text_takes_values_as_javascript_writes_them() -> None:
    assert read_value("Hi ${fan.name}, ${n} left") == read_value("Hi {fan.name}, {n} left")
    assert read_value("$${n}") == Template(("$", Ref("n")))


def test_me_and_now_go_by_a_dollar_as_names_do() -> None:
    assert read_value("$me") == read_value("$(me())")
    assert read_value("$now - 7d") == read_value("$(now() - '7d')")


def test_a_query_takes_its_type_operators_and_order_as_they_are_written_elsewhere() -> None:
    short = """{feature: "x", flow: [{query: {from: "entities", type: "course",
      where: {price: {gte: 5, lt: 9}, status: ["active", "draft"], name: "A"},
      orderBy: "createdAt desc", limit: 5}, output: "found"}]}"""
    long = """{feature: "x", flow: [{query: {from: "entities", where: [
      {field: "type", operator: "eq", value: "course"},
      {field: "price", operator: "gte", value: 5}, {field: "price", operator: "lt", value: 9},
      {field: "status", operator: "in", value: ["active", "draft"]},
      {field: "name", operator: "eq", value: "A"}],
      orderBy: [{field: "createdAt", descending: true}], limit: 5}, output: "found"}]}"""
    assert flow(short) == flow(long)
    assert flow(short.replace("createdAt desc", "-createdAt")) == flow(long)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('{tag: {target: "$a", add: ["calm"]}}', '"names"'),
        ('{notify: {to: "$a", message: "Hi"}}', '"about"'),
        ('{forEach: {items: "$a", as: "b", do: []}}', '"in"'),
        ('{service: {provider: "openai", action: "generate", params: {}}}', '"method"'),
        ('{if: {test: "$a", then: []}}', '"condition"'),
        ("{retry: {attempts: 3, do: []}}", '"times"'),
        ('{entity: {type: "course", name: "A", propertys: {}}}', '"properties"'),
        ('{event: {type: "course_enroled", entity: "$a"}}', '"course_enrolled"'),
        ('{connect: {from: "$me", to: "$a", type: "enroled_in"}}', '"enrolled_in"'),
        ('{query: {from: "entities", type: "corse"}, output: "b"}', '"course"'),
        ('{query: {from: "events", type: "course_enroled"}, output: "b"}', '"course_enrolled"'),
        ('{service: {provider: "stripes", method: "charge", params: {}}}', '"stripe"'),
    ],
)
def test_a_key_or_a_word_of_the_ontology_that_is_another_is_told_once_with_the_right_one(
    wrong: str, right: str
) -> None:
    text = '{feature: "x", input: {a: "Id<course>"}, flow: [\n' + wrong + "\n]}"
    (told,) = [each for each in one(text).diagnostics if each.open]
    assert told.span.line == 2
    (edit,) = told.fixes[0].edits
    assert edit.text == right
    assert told.code not in problems(apply_edits(text, told.fixes[0].edits))


def test_a_key_of_the_feature_itself_is_told_as_those_of_its_steps_are() -> None:
    (told,) = one('{feature: "x", inputs: {a: "text"}, flow: [{wait: "1d"}]}').diagnostics
    assert (told.code, told.fixes[0].edits[0].text) == ("E909", '"input"')


def test_types_that_nobody_declared_are_told_wherever_they_stand() -> None:
    text = """{feature: "x", trigger: {event: "course_enroled"}, input: {a: "Id<cours>"},
      flow: [{query: {from: "entities", where: [{connected: {type: "ownz", to: "$a"}}]},
      output: "b"}]}"""
    assert sorted(problems(text)) == ["E401", "E402", "E410"]


def test_texts_joined_with_plus_are_told_how_they_are_one() -> None:
    (told,) = one('{feature: "x", flow: [{return: {a: "Hi " + "$b"}}]}').diagnostics
    assert told.code == "E910"
    assert "Write one text" in told.message


def test_a_program_with_short_names_of_its_inputs_comes_back_from_english_as_it_was() -> None:
    text = """{feature: "greet", input: {fanId: "Id<person>", note: "string?"}, flow: [
      {if: {condition: "$fan.status == 'active'", then: [
        {notify: {to: "$fan", about: "Hi {$fan.name}"}}]}},
      {notify: {to: "$fanId", about: "$note"}}]}"""
    program = one(text).program
    assert one(write_english(program, vocabulary())).program.canonical() == program.canonical()


def test_each_feature_of_a_list_is_told_its_own_faults() -> None:
    text = """[{feature: "a", flow: [{wait: "1d"}]},
      {feature: "b", trigger: {schedule: "0 9 * * 1"}, flow: [{wait: "1d"}]}]"""
    first, second = check_text(text, vocabulary()).features
    assert (first.outcome, second.outcome) == ("compiled", "error")


def test_happenings_go_by_the_names_that_they_are_known_by() -> None:
    heard = '{feature: "x", trigger: {event: "%s"}, flow: [{wait: "1d"}]}'
    completed = one(heard % "course_completed").program.trigger
    assert completed is not None
    assert (completed.event, completed.connection) == (None, "completed")
    registered = one(heard % "user_registered").program.trigger
    assert registered is not None
    assert registered.event == "entity_created"
    assert registered.where == {"entityType": Lit("audience_member")}
    short = '{feature: "x", flow: [{query: {from: "events", type: "%s"%s}, output: "found"}]}'
    beside = ', where: {"metadata.progress": 1.0}'
    assert flow(short % ("lesson_completed", "")) == flow(short % ("progress_updated", beside))


def test_types_are_taken_as_programmers_spell_them_and_a_fault_of_one_is_told_once() -> None:
    text = """{feature: "x", trigger: {every: "week"}, input: {n: "int", ok: "bool", day: "date",
      who: "person"}, flow: [{set: {a: "$n", b: "$ok", c: "$day", d: "$who"}}]}"""
    assert problems(text) == ["E909"]
    kinds = {name: slot.type for name, slot in one(text).program.input.items()}
    assert kinds == {"n": "integer", "ok": "boolean", "day": "datetime", "who": "json"}
