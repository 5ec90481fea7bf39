"""The pages of a rater."""

from collections import Counter

import pytest

from iea.recipe.study.plan import plan_pages
from iea.recipe.study.study import DAMAGED, QUESTIONS, Item, Study

SYSTEMS = ("a", "b", "c")


@pytest.fixture
def study() -> Study:
    items = tuple(
        Item(
            name=f"{number}",
            requests={"en": "brighter"},
            original="o",
            results=dict.fromkeys(SYSTEMS, "r"),
            damaged="d" if number < 2 else None,
        )
        for number in range(8)
    )
    return Study(title="t", systems=SYSTEMS, items=items, consent={"en": "yes"}, seed=3, repeats=2)


def test_every_item_is_asked_about_twice_and_pages_are_the_same_again(study: Study) -> None:
    pages = plan_pages(study, 1)
    assert pages == plan_pages(study, 1) != plan_pages(study, 2)
    assert Counter(page.kind for page in pages) == {"item": 16, "check": 4, "repeat": 4}
    asked = Counter((page.item, page.question) for page in pages if page.kind == "item")
    assert set(asked.values()) == {1} and len(asked) == 8 * len(QUESTIONS)


def test_another_seed_gives_another_order(study: Study) -> None:
    assert plan_pages(study, 1) != plan_pages(study.model_copy(update={"seed": 4}), 1)


def test_questions_about_an_item_follow_each_other_with_the_same_places(study: Study) -> None:
    pages = plan_pages(study, 5)
    for first, second in zip(pages[::2], pages[1::2], strict=True):
        assert (first.item, first.kind, first.shown) == (second.item, second.kind, second.shown)
    assert len({(first.question, second.question) for first, second in zip(pages[::2], pages[1::2], strict=True)}) == 1


def test_repeats_are_the_first_items_at_the_end(study: Study) -> None:
    items = [page.item for page in plan_pages(study, 2) if page.kind != "check"][::2]
    assert items[8:] == items[:2] and plan_pages(study, 2)[-1].kind == "repeat"


def test_a_check_shows_the_damaged_image_in_the_place_of_one_system(study: Study) -> None:
    checks = [page for page in plan_pages(study, 7) if page.kind == "check"]
    assert all(Counter(page.shown)[DAMAGED] == 1 and len(set(page.shown)) == 3 for page in checks)
    assert {page.item for page in checks} == {0, 1}
    assert not [page for page in plan_pages(study, 7) if page.kind != "check" and DAMAGED in page.shown]


def test_systems_and_questions_have_no_usual_place(study: Study) -> None:
    plans = [plan_pages(study, rater) for rater in range(1, 201)]
    shown = [page.shown for pages in plans for page in pages if page.kind == "item"]
    places = Counter((system, place) for order in shown for place, system in enumerate(order))
    assert all(abs(count / len(shown) - 1 / 3) < 0.03 for count in places.values()) and len(places) == 9
    assert 60 < sum(pages[0].question == "quality" for pages in plans) < 140
