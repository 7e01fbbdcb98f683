"""What an editor is told: what may come here, what stands here, names, parts and colours.

`|` marks the place in a text.
"""

import pytest

from one.compiler import check_text
from one.compiler.editing.completing import Completion, completions_at
from one.compiler.editing.hovering import Hover, hover_at
from one.compiler.editing.naming import references, rename_at
from one.compiler.editing.outlining import COLOURS, colours_of, parts_of
from one.compiler.editing.scene import Place
from one.compiler.editing.tidying import tidied
from one.compiler.mending import apply_edits
from one.compiler.reader import split_lines
from one.compiler.verbs import grammar
from tests.compiler.world import vocabulary

JOIN = """FEATURE: Join a choir
INPUT:
  - singer: who joins
CREATE community called "Morning choir"
  SAVE AS choir
CONNECT singer to choir as member
NOTIFY singer ABOUT "Welcome to [choir]"
GIVE choir
"""


def placed(text: str) -> tuple[str, Place]:
    before, _, after = text.partition("|")
    lines = split_lines(before)
    return before + after, Place(len(lines), len(lines[-1]) + 1)


def completed(text: str) -> list[Completion]:
    source, place = placed(text)
    return list(completions_at(source, place, vocabulary=vocabulary()).items)


def labels(text: str) -> list[str]:
    return [one.label for one in completed(text)]


def hovered(text: str) -> Hover:
    source, place = placed(text)
    found = hover_at(source, place, vocabulary=vocabulary())
    assert found is not None
    return found


def renamed(text: str, new: str) -> str | None:
    source, place = placed(text)
    edits = rename_at(source, place, new=new, vocabulary=vocabulary())
    return None if edits is None else apply_edits(source, edits)


HEAD = "FEATURE: A\nINPUT:\n  - singer: who joins\n  - course: which course\n"


def test_a_line_begins_with_a_command_a_part_or_a_clause_of_the_one_above() -> None:
    found = completed(HEAD + "CREATE community called x\n|")
    assert {"WITH", "SAVE AS"} == {one.label for one in found if one.kind == "clause"}
    assert {one.label for one in found if one.kind == "command"} == {*grammar().verbs}
    assert {"WHEN", "INPUT:"} <= {one.label for one in found if one.kind == "part"}


def test_an_open_block_offers_its_next_head() -> None:
    offered = labels(HEAD + "DO TOGETHER:\n  CONNECT singer to course as enrolled\n|")
    assert "IF ANY FAIL" in offered
    assert "ELSE" not in offered


def test_only_what_begins_like_the_word_is_offered_in_its_place() -> None:
    source, place = placed(HEAD + "CRE|")
    found = completions_at(source, place, vocabulary=vocabulary())
    assert [one.label for one in found.items] == ["CREATE"]
    assert (found.span.start, found.span.end) == (1, 4)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("CREATE |", {"community", "course", "AI clone"}),
        ("CREATE community WITH |", {"summary", "singer"}),
        ("CREATE community\n  WITH |", {"summary", "singer"}),
        ("CREATE community\n  WITH:\n    - |", {"summary"}),
        ("CALL |", {"OpenAI", "Stripe"}),
        ("CALL Stripe to |", {"charge payment", "refund payment"}),
        ("CALL Stripe to charge WITH |", {"amount", "customer", "singer"}),
        ("CONNECT |", {"singer", "course", "me"}),
        ("CONNECT singer to course as |", {"enrolled", "owner"}),
        ("NOTIFY |", {"singer"}),
        ('NOTIFY singer ABOUT "x" VIA |', {"email", "push", "sms", "app"}),
        ('NOTIFY singer ABOUT "Hello [|', {"singer", "course"}),
        ("GIVE the course's |", {"price", "lessons"}),
        ("RECORD |", {"course enrolled", "content viewed"}),
        ("TAG course WITH |", {"industry:", "topic:"}),
        ("CHECK singer exists |", {"OTHERWISE"}),
        ("FOR EACH fan IN my followers\n  NOTIFY |", {"fan", "singer"}),
        ("GET my courses\n  SAVE AS mine\nSHOW |", {"mine"}),
    ],
)
def test_what_fits_is_offered(text: str, offered: set[str]) -> None:
    assert offered - set(labels(HEAD + text)) == set()


def test_nothing_is_offered_in_texts_and_remarks() -> None:
    assert labels(HEAD + 'NOTIFY singer ABOUT "Hel|') == []
    assert labels(HEAD + "# NOTI|") == []


def test_a_name_is_not_offered_where_it_is_not_known() -> None:
    text = HEAD + "FOR EACH fan IN my followers\n  NOTIFY fan ABOUT course\nNOTIFY |"
    assert "fan" not in labels(text)
    assert "choir" not in labels(JOIN.replace("CREATE", "NOTIFY |\nCREATE"))


def test_slots_and_triggers_offer_how_to_say_them() -> None:
    assert "who is asking" in labels("FEATURE: A\nINPUT:\n  - fan: |")
    assert "a fan completes a course" in labels("FEATURE: A\nWHEN |")
    assert "DAY at 9am" in labels("FEATURE: A\nEVERY |")


def test_outputs_that_are_promised_are_offered_to_save_as() -> None:
    assert labels("FEATURE: A\nOUTPUT:\n  - badge: text\nGET my courses\n  SAVE AS |") == ["badge"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (JOIN.replace("CREATE", "CRE|ATE"), '"type": "community"'),
        (JOIN.replace("SAVE AS", "SAVE| AS"), "Gives the result a name"),
        (JOIN.replace("INPUT", "IN|PUT"), "Lists what the caller gives"),
        (
            JOIN.replace("CONNECT singer", "CONNECT sin|ger"),
            "**singer** a person, an input; line 3",
        ),
        (JOIN.replace("GIVE choir", "GIVE cho|ir"), "**choir** a community, saved before; line 5"),
        (JOIN.replace("CONNECT singer", "CONNECT sin|ger"), '"type": "member_of"'),
        (HEAD + "CREATE commu|nity called x\n", "**community** (type)"),
        (HEAD + "CALL Str|ipe to charge WITH amount $5, customer singer\n", "**Stripe** (service)"),
    ],
)
def test_the_meaning_of_a_word_and_its_step_are_told(text: str, said: str) -> None:
    assert said in hovered(text).text


def test_between_words_and_outside_of_features_nothing_is_told() -> None:
    for text in ("|", "\n|\n" + JOIN, JOIN + "|", '{"feature|": "x"}'):
        source, place = placed(text)
        assert hover_at(source, place, vocabulary=vocabulary()) is None


def test_every_use_of_a_name_is_found_and_where_it_is_bound_first() -> None:
    source, place = placed(JOIN.replace("GIVE choir", "GIVE cho|ir"))
    lines = split_lines(source)
    spans = references(source, place, vocabulary=vocabulary())
    assert [lines[span.line - 1][span.start - 1 : span.end - 1] for span in spans] == ["choir"] * 4
    assert [span.line for span in spans] == [5, 6, 7, 8]


def test_a_name_is_renamed_wherever_it_is_used() -> None:
    assert renamed(JOIN.replace("GIVE choir", "GIVE cho|ir"), "evening group") == JOIN.replace(
        "AS choir", "AS evening group"
    ).replace("to choir as", "to evening group as").replace("[choir]", "[evening group]").replace(
        "GIVE choir", "GIVE evening group"
    )


def test_a_type_a_gloss_and_a_title_keep_their_words() -> None:
    text = "FEATURE: My course\nINPUT:\n  - cour|se: which course\n"
    text += "CREATE course called Two\n  SAVE AS two\nPUBLISH course\n"
    after = renamed(text, "first one")
    assert after is not None
    assert "FEATURE: My course\n" in after
    assert "- first one: which course\nCREATE course called Two\n" in after


@pytest.mark.parametrize("new", ["choir", "", "a\nb", "[x]", "!!"])
def test_a_name_that_is_taken_or_none_is_refused(new: str) -> None:
    assert renamed(JOIN.replace("CONNECT singer", "CONNECT sin|ger"), new) is None


def test_every_name_of_the_examples_can_be_renamed_without_changing_what_is_meant() -> None:
    tried = 0
    for verb in grammar().verbs.values():
        for number, line in enumerate(split_lines(verb.example), 1):
            for column in range(1, len(line) + 1, 3):
                place = Place(number, column)
                edits = rename_at(verb.example, place, new="zebra", vocabulary=vocabulary())
                if edits:
                    tried += 1
                    after = check_text(apply_edits(verb.example, edits), vocabulary())
                    before = check_text(verb.example, vocabulary())
                    assert [f.outcome for f in after.features] == [
                        f.outcome for f in before.features
                    ]
    assert tried > 50


def test_the_parts_of_a_text_are_its_features_slots_and_commands() -> None:
    (feature,) = parts_of(JOIN + "IF singer follows me THEN\n  NOTIFY singer ABOUT x\n")
    assert (feature.name, feature.span.line, feature.last) == ("Join a choir", 1, 10)
    assert [(part.kind, part.name) for part in feature.inside][:2] == [
        ("input", "singer"),
        ("command", 'CREATE community called "Morning choir"'),
    ]
    assert feature.inside[1].last == 5
    assert [part.name for part in feature.inside[-1].inside] == ["NOTIFY singer ABOUT x"] or [
        part.name for part in feature.inside[-1].inside
    ] == ["NOTIFY singer"]


def test_words_have_colours_that_never_overlap() -> None:
    text = JOIN + "# a remark\nCALL Stripe to charge WITH amount $5, customer singer\n"
    lines = split_lines(text)
    found = [
        (lines[one.span.line - 1][one.span.start - 1 : one.span.end - 1], one.colour)
        for one in colours_of(text, vocabulary())
    ]
    assert {colour for _, colour in found} <= set(COLOURS)
    for expected in (
        *(("FEATURE", "keyword"), ("Join a choir", "function"), ("singer", "parameter")),
        *(("community", "type"), ("choir", "variable"), ('"Morning choir"', "string")),
        *(("SAVE AS", "keyword"), ("# a remark", "comment"), ("Stripe", "namespace")),
        ("$5", "number"),
    ):
        assert expected in found
    cells = [
        (one.span.line, column)
        for one in colours_of(text, vocabulary())
        for column in range(one.span.start, one.span.end)
    ]
    assert len(cells) == len(set(cells))


def test_what_the_text_defines_is_known_to_questions() -> None:
    text = "FEATURE: A\nDEFINE loyal ones AS my followers\n"
    text += "GET loyal ones\n  SAVE AS fans\nSHOW fa|ns\n"
    assert "a list of" in hovered(text).text


def test_a_text_is_laid_out_with_its_own_line_ends() -> None:
    assert tidied("feature: x\r\nwait 5 minutes\r\n") == "FEATURE: x\r\nWAIT 5 minutes\r\n"
    for text in ("", "\n", '{"feature": "x"}'):
        assert tidied(text) == text


def test_words_that_only_look_like_the_name_stay() -> None:
    text = "FEATURE: A\nINPUT:\n  - notes: text of the notes\n"
    text += "CALL OpenAI to write a short review WITH notes SAVE AS rev|iew\nGIVE review\n"
    after = renamed(text, "opinion")
    assert after is not None
    assert after.endswith("write a short review WITH notes SAVE AS opinion\nGIVE opinion\n")
