"""The Technical DSL: the looser literal, its shapes, its faults."""

import pytest

from one.compiler.expression import BadExpression, parse, read_value, write_value
from tests.compiler.world import one, problems

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
