"""A deployment's own types: the documented example works, and every mistake is told."""

import re
from pathlib import Path

import pytest

from one.errors import Invalid
from one.ontology import describe, json_schema, load

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return written(tmp_path, found[1])


def written(folder: Path, text: str) -> Path:
    path = folder / "ontology.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / "ontology.toml").digest == load().digest


def test_the_documented_example_is_a_type_like_any_other(example: Path) -> None:
    ontology = load(example)
    assert (len(ontology.entities), len(ontology.connections), len(ontology.events)) == (51, 25, 39)
    assert ontology.digest != load().digest
    recipe = ontology.entity("recipe")
    kept: dict[str, object] = {
        "servings": 4,
        "cookingTime": "45m",
        "difficulty": "easy",
        "ingredients": ["salt"],
        "story": "Once.",
        "summary": "From the base.",
    }
    assert recipe.validate(kept) == kept
    assert recipe.extension
    assert recipe.doc == "How a dish is made."
    assert recipe.initial == "draft"
    assert recipe.searchable["story"] == "C"
    assert ontology.words.entity_word("dishes") == "recipe"
    assert "entity.recipe" in str(json_schema(ontology))
    assert "### recipe" in describe(ontology)


def test_its_values_are_checked(example: Path) -> None:
    ontology = load(example)
    with pytest.raises(Invalid) as refused:
        ontology.entity("recipe").validate({"servings": "4", "difficulty": "odd", "stry": 1})
    assert refused.value.faults[0].pointer == "/properties/stry"
    with pytest.raises(Invalid):
        ontology.event("recipe_tried").validate({})


def test_it_stands_where_its_base_stands(example: Path) -> None:
    ontology = load(example)
    ontology.connection("authored").check_ends("creator", "recipe")
    ontology.connection("cooked").check_ends("audience_member", "recipe")
    ontology.event("recipe_tried").check_subject("recipe")
    with pytest.raises(Invalid):
        ontology.connection("cooked").check_ends("audience_member", "course")
    with pytest.raises(Invalid):
        ontology.event("recipe_tried").check_subject("course")


def test_a_type_may_extend_one_of_the_file_before_it(tmp_path: Path) -> None:
    ontology = load(
        written(
            tmp_path,
            "[entities.show]\nextends = 'livestream'\n[entities.quiz_show]\nextends = 'show'\n",
        )
    )
    ontology.connection("enrolled_in").check_ends("creator", "quiz_show")
    assert ontology.words.entity_word("quiz shows") == "quiz_show"


@pytest.mark.parametrize(
    ("text", "pointer", "says"),
    [
        ("[entities", "", "is not TOML"),
        ("[entities.course]", "/entities/course", "taken"),
        ("[entities.content]", "/entities/content", "taken"),
        ("[connections.owns]\nfrom=['person']\nto=['thing']", "/connections/owns", "taken"),
        ("[events.ai_generated]", "/events/ai_generated", "taken"),
        ("[entities.dish]\nextends='creator'", "/entities/dish/extends", "extended"),
        ("[entities.dish]\nextends='contant'", "/entities/dish/extends", "extended"),
        ("[entities.dish]\nsynonyms=['class']", "/entities/dish", "means course"),
        ("[entities.dish]\nplural='courses'", "/entities/dish", "means course"),
        ("[entities.dish]\nunique=['nam']", "/entities/dish/unique", "no key"),
        ("[entities.dish]\nindexed=['a.b']", "/entities/dish/indexed", "no key"),
        ("[entities.dish]\nvisibility='all'", "/entities/dish/visibility", "one of"),
        ("[entities.dish]\ncolour='red'", "/entities/dish/colour", "not known"),
        ("[entities.dish.properties]\nsize='hug'", "/entities/dish/properties/size", "kind"),
        ("[entities.dish.properties]\nsize=5", "/entities/dish/properties/size", "text"),
        (
            "[entities.dish.properties]\ndescription='text'",
            "/entities/dish/properties/description",
            "already",
        ),
        ("[connections.eats]\nfrom=['person']", "/connections/eats/to", "required"),
        ("[connections.eats]\nfrom=['persn']\nto=['thing']", "/connections/eats/from", "group"),
        ("[events.eaten]\nsubjects=['dsh']", "/events/eaten/subjects", "group"),
        ("[events.eaten]\nwritten_by='system'", "/events/eaten/written_by", "one of"),
    ],
)
def test_mistakes_are_told_with_their_place(
    tmp_path: Path, text: str, pointer: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        load(written(tmp_path, text))
    assert "ontology.toml" in refused.value.message
    assert any(
        fault.pointer == pointer and says in fault.message for fault in refused.value.faults
    ), refused.value.faults


def test_names_have_one_form(tmp_path: Path) -> None:
    for text in ("[entities.Dish]", "[entities.dish.properties]\nBig_Key='text'"):
        with pytest.raises(Invalid):
            load(written(tmp_path, text))


def test_indexes_are_few(tmp_path: Path) -> None:
    keys = "\n".join(f"k{n}='text'" for n in range(5))
    indexed = "indexed=['k0','k1','k2','k3','k4']"
    with pytest.raises(Invalid) as refused:
        load(written(tmp_path, f"[entities.dish]\n{indexed}\n[entities.dish.properties]\n{keys}"))
    assert refused.value.faults[0].pointer == "/entities/dish/indexed"
