"""Nouns, aliases and role words mean what they say, and only one thing."""

import pytest

from one.ontology.words import CONNECTION_ALIASES, EVENT_ALIASES, PERSON_WORDS, nouns_of, spelling
from tests.ontology.drawn import ontology

words = ontology.words


def test_no_word_means_two_entity_types() -> None:
    meant: dict[str, str] = {}
    for entity in ontology.entities.values():
        for noun in nouns_of(entity):
            assert meant.setdefault(noun, entity.name) == entity.name, noun


@pytest.mark.parametrize(
    ("word", "entity"),
    [
        ("class", "course"),
        ("Classes", "course"),
        ("AI clones", "ai_clone"),
        ("aiClone", "ai_clone"),
        ("blog-post", "blog_post"),
        ("communities", "community"),
        ("fan", "audience_member"),
        ("people", "audience_member"),
        ("NFTs", "nft"),
        ("weather", None),
        ("", None),
    ],
)
def test_nouns_are_found_in_any_spelling(word: str, entity: str | None) -> None:
    assert words.entity_word(word) == entity


def test_every_connection_alias_is_a_type_with_valid_metadata() -> None:
    assert len({alias.name for alias in CONNECTION_ALIASES}) == len(CONNECTION_ALIASES)
    for alias in CONNECTION_ALIASES:
        assert alias.name not in ontology.connections
        assert ontology.connection(alias.type).validate(alias.metadata, partial=True) is not None


def test_every_event_alias_is_a_type_with_valid_metadata() -> None:
    assert len({alias.name for alias in EVENT_ALIASES}) == len(EVENT_ALIASES)
    for alias in EVENT_ALIASES:
        assert alias.name == spelling(alias.name)
        assert alias.name not in ontology.events
        kept = ontology.event(alias.type).validate(alias.metadata, partial=True)
        assert kept == dict(alias.metadata)
        if alias.connection:
            ontology.connection(alias.connection)


@pytest.mark.parametrize(
    ("name", "event", "metadata"),
    [
        ("clone_created", "entity_created", {"entityType": "ai_clone"}),
        ("blog post created", "entity_created", {"entityType": "blog_post"}),
        ("course published", "entity_published", {}),
        ("tokens purchased", "token_transacted", {"action": "purchased"}),
        ("payment failed", "payment_processed", {"status": "failed"}),
        ("invitation_created", "referral_created", {"channel": "invitation"}),
        ("lesson completed", "progress_updated", {"progress": 1.0}),
        ("content liked", "content_interacted", {"interactionType": "liked"}),
        ("message sent", "entity_created", {"entityType": "message"}),
        ("agent_failed", "agent_executed", {"status": "failed"}),
        ("paymentProcessed", "payment_processed", {}),
    ],
)
def test_old_names_of_events_are_understood(
    name: str, event: str, metadata: dict[str, object]
) -> None:
    alias = words.event_alias(name)
    assert alias is not None
    assert (alias.type, dict(alias.metadata)) == (event, metadata)


def test_an_enrolment_tells_of_the_connection_that_makes_it() -> None:
    alias = words.event_alias("student enrolled")
    assert alias is not None
    assert (alias.type, alias.connection) == ("course_enrolled", "enrolled_in")


@pytest.mark.parametrize(
    ("name", "connection", "metadata"),
    [
        ("follows", "following", {}),
        ("holds_tokens", "holds", {"assetType": "tokens"}),
        ("purchased", "transacted", {"transactionType": "purchase"}),
        ("liked", "engaged_with", {"engagementType": "liked"}),
        ("moderates", "member_of", {"role": "moderator"}),
        ("teaching", "manages", {}),
        ("generated_by", "created_by", {}),
        ("part_of", "part_of", {}),
    ],
)
def test_old_names_of_connections_are_understood(
    name: str, connection: str, metadata: dict[str, object]
) -> None:
    alias = words.connection_alias(name)
    assert alias is not None
    assert (alias.type, dict(alias.metadata)) == (connection, metadata)


def test_a_name_that_means_nothing_is_none() -> None:
    assert words.event_alias("weather changed") is None
    assert words.event_alias("created") is None
    assert words.connection_alias("weathers") is None


@pytest.mark.parametrize(
    ("word", "connection", "flipped"),
    [
        ("owner", "owns", False),
        ("holder", "holds", False),
        ("belongs to", "owns", True),
        ("teaching", "manages", False),
        ("Invited by", "referred_by", False),
        ("buyer", "transacted", False),
    ],
)
def test_role_words_have_a_direction(word: str, connection: str, flipped: bool) -> None:
    assert [(name, role.flipped) for name, role in words.role_word(word)] == [(connection, flipped)]


def test_person_words_are_people() -> None:
    for word in (*PERSON_WORDS, "creators", "fans", "students"):
        assert words.is_person(word), word
    assert not words.is_person("course")
    for relations in PERSON_WORDS.values():
        for connection, end in relations:
            ontology.connection(connection)
            assert end in ("from", "to")
