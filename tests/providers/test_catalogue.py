"""The catalogue is whole: types exist, inverses exist, words are told apart."""

from one.compiler.kinds import read_kind
from one.providers.base import catalogue


def test_every_parameter_and_result_has_a_type_of_the_language() -> None:
    for service in catalogue():
        for action in service.actions:
            kinds = [param.type for param in action.params] + [action.result]
            assert [kind for kind in kinds if read_kind(kind) is None] == []


def test_every_inverse_is_an_action_of_the_same_service() -> None:
    for service in catalogue():
        for action in service.actions:
            assert not action.inverse or action.inverse in service.by_name


def test_what_is_reversible_names_its_inverse() -> None:
    for service in catalogue():
        for action in service.actions:
            assert (action.effect == "reversible") == bool(action.inverse)


def test_no_word_means_two_services() -> None:
    words = [word for service in catalogue() for word in {service.name, *service.words}]
    assert sorted(words) == sorted(set(words))
