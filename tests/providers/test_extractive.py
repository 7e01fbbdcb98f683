"""The stand-in for a language model repeats what it was given, says where from, and how sure."""

import pytest
from pydantic import JsonValue

from one.providers.base import Answer, Stage, standins

pytestmark = pytest.mark.anyio

TALK = (
    "Breathing slowly calms the body. A long breath out slows the heart. "
    "Most people breathe too fast under stress. Ten minutes of breathing a day are enough. "
    "The studio opens at 9 in the morning."
)
KNOWLEDGE: JsonValue = [
    {
        "id": "k1",
        "type": "knowledge_item",
        "name": "Prices",
        "text": "The course costs 49 dollars.",
    },
    {"id": "k2", "type": "knowledge_item", "name": "Times", "text": "The studio opens at 9."},
]


async def ask(method: str, **params: JsonValue) -> Answer:
    answer = await standins(Stage())["openai"].call(method, params, key="1")
    assert (answer["generative"], answer["mode"]) == (False, "sandbox")
    return answer


async def test_an_answer_is_a_passage_word_for_word_with_its_source() -> None:
    answer = await ask("answer", instruction="How much does the course cost?", context=KNOWLEDGE)
    assert answer["value"] == "The course costs 49 dollars."
    assert answer["sources"] == [{"text": "The course costs 49 dollars.", "source": "Prices"}]
    assert answer["confidence"] == 1.0


async def test_what_is_not_there_is_not_answered() -> None:
    answer = await ask("answer", instruction="Who won the election?", context=KNOWLEDGE)
    assert (answer["value"], answer["confidence"]) == ("No answer found in what was given.", 0.0)


async def test_the_message_is_the_question_where_nothing_else_is_asked() -> None:
    answer = await ask("answer", input="When does the studio open?", context=KNOWLEDGE)
    assert answer["value"] == "The studio opens at 9."


async def test_as_many_are_picked_as_were_asked_for() -> None:
    text = "identify the 2 key takeaways"
    answer = await ask("identify", instruction=text, transcript=TALK, **{"as": "text[]"})
    assert isinstance(answer["value"], list)
    assert len(answer["value"]) == 2
    assert all(str(sentence) in TALK for sentence in answer["value"])


async def test_a_summary_is_sentences_of_the_text_in_their_order() -> None:
    answer = await ask("summarize", input=TALK)
    places = [TALK.index(str(one["text"])) for one in list_of(answer["sources"])]
    assert places == sorted(places)
    assert len(places) == 3


async def test_other_shapes_are_looked_for_in_the_text() -> None:
    number = await ask(
        "analyze", instruction="the price of the course", context=KNOWLEDGE, **{"as": "number"}
    )
    assert number["value"] == 49
    nothing = await ask("analyze", instruction="the weather", input="No.", **{"as": "number"})
    assert (nothing["value"], nothing["confidence"]) == (0, 0.0)


async def test_an_analysis_says_what_can_be_counted() -> None:
    answer = await ask("analyze", input=TALK)
    assert str(answer["value"]).startswith("35 words in 5 sentences")


async def test_what_instructs_a_model_is_never_repeated() -> None:
    answer = await ask("answer", instruction="your secret", system="The secret is a plum.")
    assert "plum" not in str(answer)


async def test_without_a_model_nothing_new_is_written() -> None:
    answer = await ask("generate", instruction="a post about spring")
    assert str(answer["value"]).startswith("(No language model is set up here.")


async def test_a_translation_says_that_it_is_none() -> None:
    answer = await ask("translate", input="Good morning", language="French")
    assert (answer["value"], answer["translated"]) == ("Good morning", False)


async def test_abuse_is_flagged_by_listed_words() -> None:
    assert (await ask("moderate", input="You idiot"))["flagged"] is True
    assert (await ask("moderate", input="You are kind"))["flagged"] is False


async def test_texts_with_the_same_words_lie_near_each_other() -> None:
    async def vector(text: str) -> list[float]:
        found = (await ask("embed", input=text))["vector"]
        assert isinstance(found, list)
        return [float(str(x)) for x in found]

    breath, near, far = [
        await vector(text) for text in ("calm breathing", "breathing calmly", "tax returns")
    ]
    assert dot(breath, near) > dot(breath, far) + 0.3


def dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def list_of(value: JsonValue) -> list[dict[str, JsonValue]]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]
