"""The sheet: what a feature may do and for whom, rule by rule."""

import json
from pathlib import Path

import pytest

from one.compiler import check_text
from one.compiler.program import walk
from one.compiler.sheet import Sheet, differences, sheet_of, sheet_words
from tests.compiler.world import one, vocabulary

GOOD = sorted((Path(__file__).parent.parent / "cases" / "good").glob("*.one"))
BUYER = "FEATURE: Shop\nINPUT:\n  - buyer: who buys\n"
BUYS_COURSE = BUYER + "  - course: which course\n"
SPOKEN = {
    *("entity", "connect", "event", "update", "tag", "delete", "restore", "archive", "publish"),
    *("disconnect", "service", "notify", "query", "call"),
}


def sheet(text: str) -> Sheet:
    return sheet_of(one(text).program, vocabulary())


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_every_effect_has_its_line_and_json_brings_the_sheet_back(path: Path) -> None:
    for feature in check_text(path.read_text(), vocabulary()).features:
        written = sheet_of(feature.program, vocabulary())
        said = {step for line in written.lines() for step in line.steps}
        effects = {at for at, step in walk(feature.program.flow) if step.kind in SPOKEN}
        assert effects <= said
        assert said <= {at for at, _ in walk(feature.program.flow)}
        assert Sheet.model_validate(json.loads(json.dumps(written.as_json()))) == written
        assert sheet_of(feature.program, vocabulary()) == written
        assert all(line.says.endswith(".") for line in written.lines())


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("WHEN a fan follows a creator\nNOTIFY fan ABOUT course", "nobody"),
        ("EVERY DAY at 9am\nNOTIFY me ABOUT \"Up\"", "nobody"),
        ("GET my courses SAVE AS shelf\nGIVE shelf", "everybody"),
        ("CREATE course called \"New\"", "managers"),
        ("INPUT:\n - fan\n - course\nCONNECT fan to course as completed", "managers"),
        ("INPUT:\n - pupil: who learns\n - email address\nNOTIFY pupil ABOUT \"Hi\"", "guests"),
        ("INPUT:\n - pupil: who learns\nNOTIFY pupil ABOUT \"Hi\"", "signedIn"),
    ],
)  # fmt: skip
def test_who_may_run_it_follows_from_what_it_does(text: str, who: str) -> None:
    assert sheet(f"FEATURE: A\n{text}\n").runs.who == who


def test_certifying_after_a_review_is_open_to_all() -> None:
    text = (
        "FEATURE: A\nINPUT:\n - pupil: who learns\n - course\n"
        "WAIT until pupil completes course TIMEOUT after 7 days SAVE AS done\n"
        "IF done\n  RECORD certificate earned BY pupil FOR course\n"
    )
    assert sheet(text).runs.who == "signedIn"


def test_the_first_person_input_is_the_runner_and_further_ones_are_others() -> None:
    runs = sheet("FEATURE: A\nINPUT:\n - fan\n - friend: who is told\nNOTIFY friend ABOUT fan").runs
    assert (runs.runner, runs.others) == ("fan", ("friend",))


def test_people_who_are_picked_are_told_with_what_they_get() -> None:
    found = sheet(
        "FEATURE: A\nINPUT:\n - buyer\n - teacher: who teaches\n"
        "CALL Stripe to charge $50 WITH customer buyer\n"
        "CALL Stripe to pay out WITH to teacher, amount $40"
    )
    assert [pick.says for pick in found.picks] == [
        "The teacher is picked by whoever runs it; they get money."
    ]
    assert [one.to for one in found.consents if one.asks_author] == [
        "to give the teacher $40, which is paid for"
    ]


@pytest.mark.parametrize(
    ("people", "waits", "runner"),
    [
        (" - reviewer: who looks at it\n", "reviewer approves post", ""),
        (" - editor: who says\n", "editor approves post", ""),
        (" - reviewer: who looks at it\n - writer\n", "signal approved", "writer"),
        (" - writer\n - reviewer: who approves\n", "signal approved", "writer"),
        (" - reviewer: who buys\n", "payment completed", "reviewer"),
        (" - fan\n", "fan confirms", "fan"),
    ],
)
def test_whose_word_is_waited_for_is_not_whoever_runs_it(
    people: str, waits: str, runner: str
) -> None:
    text = f"FEATURE: A\nINPUT:\n{people} - post: which blog post\n"
    runs = sheet(f"{text}WAIT until {waits} TIMEOUT after 3 days\nGIVE post\n").runs
    assert (runs.runner, runs.who) == (runner, "signedIn")


def test_following_in_anothers_name_asks_them_and_ones_own_is_said_by_running() -> None:
    people = "FEATURE: A\nINPUT:\n - fan\n - friend: who joins\n - creator\n"
    (own,) = sheet(people + "CONNECT fan to creator as follower").consents
    (others,) = sheet(people + "CONNECT friend to creator as follower").consents
    assert (own.how, own.pending) == ("running", False)
    assert (others.how, others.pending, others.of.name) == ("asked", True, "friend")


def test_paying_is_said_on_the_pay_page_each_time() -> None:
    text = BUYS_COURSE + "CALL Stripe to charge WITH amount course's price, customer buyer"
    (price,), (yes,) = sheet(text).takes, sheet(text).consents
    assert (price.payer.who, price.sells, yes.how) == ("runner", ("course",), "payPage")


def test_a_sent_price_is_held_to_the_thing_that_is_sold() -> None:
    text = BUYS_COURSE.replace("course\n", "course\n  - price: the price\n") + (
        "CALL Stripe to charge WITH amount price, customer buyer\n"
        "CONNECT buyer to course as enrolled\n"
    )
    (price,) = sheet(text).takes
    assert (price.inputs, price.sells, price.cheaper) == (("price",), ("course",), False)
    assert "must be the price of the course" in price.says


def test_access_is_a_gift_unless_it_was_paid_for() -> None:
    enrol = "CONNECT buyer to course as enrolled\n"
    charge = "CALL Stripe to charge WITH amount course's price, customer buyer\n"
    (free,) = sheet(BUYS_COURSE + enrol).gifts
    (bought,) = sheet(BUYS_COURSE + charge + enrol).gifts
    assert (free.what, free.picks, free.limit, free.per) == ("access", ("course",), 1, "ever")
    assert (bought.sold, bought.limit) == (True, 0)
    (branch,) = sheet(BUYS_COURSE + f"IF course's price is more than $5\n  {charge}{enrol}").gifts
    assert not branch.sold


def test_what_waits_for_a_payment_is_sold_only_where_it_came() -> None:
    wait = "WAIT until payment is completed TIMEOUT after 2 days SAVE AS paid\n"
    text = BUYS_COURSE + wait + "IF paid\n  CONNECT buyer to course as enrolled\n{}\n"
    (gift,) = sheet(text.format("")).gifts
    assert gift.sold
    given = sheet(text.format("ELSE\n  REWARD buyer WITH 5 tokens")).gifts
    assert [one.sold for one in given] == [True, False]


def test_handing_over_what_is_sold_gives_access_to_it() -> None:
    text = BUYER + "  - pack: the digital product\nSEND pack's file URL TO buyer\nGIVE pack\n"
    (gift,) = sheet(text).gifts
    assert (gift.what, gift.picks, gift.sold) == ("access", ("pack",), False)
    charge = "CALL Stripe to charge WITH amount pack's price, customer buyer\nSEND"
    assert sheet(text.replace("SEND", charge)).gifts[0].sold


def test_gifts_by_when_are_ten_a_day() -> None:
    (gift,) = sheet("FEATURE: A\nWHEN a fan follows a creator\nREWARD fan WITH 3 tokens").gifts
    assert (gift.limit, gift.per, gift.amount) == (10, "day", 3)


def test_as_many_tokens_as_the_runner_likes_ask_the_author() -> None:
    text = BUYER + "  - many: how many tokens\nREWARD buyer WITH many tokens\n"
    written = sheet(text)
    assert written.gifts[0].inputs == ("many",)
    assert [(one.of.who, one.how) for one in written.consents] == [("author", "asked")]


def test_changing_the_life_of_a_pick_needs_ones_own() -> None:
    written = sheet(BUYS_COURSE + 'ARCHIVE course\nNOTIFY buyer ABOUT "Gone"')
    assert written.picks[0].needs_own
    assert written.changes[0].needs_own
    assert not sheet(BUYS_COURSE + "NOTIFY buyer ABOUT course").picks[0].needs_own


def test_messages_to_strangers_need_a_tie_and_typed_addresses_lose_typed_words() -> None:
    text = (
        "FEATURE: A\nINPUT:\n - fan\n - friend: who is told\n"
        " - email address\n - note: what to say\n"
        'NOTIFY fan ABOUT "Hi"\nNOTIFY friend ABOUT "Hi"\nNOTIFY me ABOUT "Hi"\n'
        "CALL email to send WITH to email address, subject note\n"
    )
    found = {one.to.who: (one.needs_tie, one.words) for one in sheet(text).reaches}
    assert found == {
        "runner": (False, ()),
        "other": (True, ()),
        "author": (False, ()),
        "typed": (False, ("note",)),
    }


def test_mail_to_many_asks_the_author_only_when_a_runner_sets_it_off() -> None:
    mail = 'NOTIFY my followers ABOUT "News"\n'
    called = sheet(BUYER + 'NOTIFY buyer ABOUT "Hi"\n' + mail)
    assert [(one.of.who, one.how) for one in called.consents] == [("author", "asked")]
    assert sheet("FEATURE: A\nEVERY DAY at 9am\n" + mail).consents == ()


def test_a_look_up_is_seen_with_the_eyes_of_who_gets_it() -> None:
    looks = "GET my leads SAVE AS leads\n"
    ask = "CALL OpenAI to summarize WITH leads SAVE AS digest\n"
    ways = ("GIVE digest\n", "NOTIFY me ABOUT digest\n", "IF leads is empty\n  GIVE buyer\n")
    eyes = [
        [party.who for party in read.eyes]
        for given in ways
        for read in sheet(BUYER + looks + ask + given).reads
    ]
    assert eyes == [["runner"], [], []]


def test_what_is_read_of_a_person_lies_between_them_and_the_author() -> None:
    (read,) = sheet(BUYER + "GIVE buyer's token balance").reads
    assert [party.name for party in read.about] == ["buyer"]


def test_what_leaves_is_named_with_where_it_goes() -> None:
    text = BUYER + 'CALL webhook to post WITH url "https://choir.example/in", body buyer\n'
    (leaving,) = sheet(text).leaves
    assert (leaving.address, leaving.sends) == ("https://choir.example/in", ("the buyer",))


def test_paid_calls_and_gifts_have_budgets_and_undos_do_not() -> None:
    text = BUYER + (
        "CALL OpenAI to write a poem SAVE AS poem\nREWARD buyer WITH 1 token\n"
        "NOTIFY buyer ABOUT poem\n"
    )
    assert [(one.of, one.steps, one.person) for one in sheet(text).budgets] == [
        ("paidCalls", ("flow.0",), 20),
        ("gifts", ("flow.1",), 20),
    ]


def test_another_person_is_changed_as_a_private_note() -> None:
    (change,) = sheet(BUYER + "TAG buyer WITH skill:singing").changes
    assert (change.note, change.of) == (True, "person")


def test_a_step_finds_its_lines_and_the_words_say_them() -> None:
    written = sheet(BUYS_COURSE + "CONNECT buyer to course as enrolled")
    assert {type(line).__name__ for line in written.at("flow.0")} == {
        *("Change", "Gift", "Pick", "Budget")
    }
    assert all(line.says in "\n".join(sheet_words(written)) for line in written.lines())


def test_a_difference_says_what_is_asked_for_more_wherever_it_stands() -> None:
    old = sheet(BUYER + 'NOTIFY buyer ABOUT "Hi"\n')
    new = sheet(BUYER + 'REWARD buyer WITH 5 tokens\nNOTIFY buyer ABOUT "Hi"\n')
    assert [type(line).__name__ for line in differences(old, new).more] == ["Gift", "Budget"]
    assert differences(old, new).less == ()
    assert (
        differences(old, new).words()[0] == "New: Gives the buyer 5 tokens, once for each person."
    )
    assert differences(new, new).words() == []


def test_the_author_is_asked_who_gets_a_say_over_what_is_theirs() -> None:
    text = (
        "FEATURE: A\nINPUT:\n - fan\n - friend: who helps\n"
        "GET my newest community SAVE AS club\nCHECK club exists\n"
    )
    for done in ("CONNECT friend to club as moderator", "CONNECT fan to club as manager"):
        (asks,) = [one.to for one in sheet(f"{text}{done}").consents if one.asks_author]
        assert asks.endswith("a say over the club")
    made = 'CREATE course called "Mine" SAVE AS mine\nCONNECT fan to mine as owner'
    assert not [one for one in sheet(f"{text}{made}").consents if one.asks_author]
