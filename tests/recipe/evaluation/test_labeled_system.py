"""Systems of the command line: labels, values, options, and digests of what they name."""

from pathlib import Path

import pytest

from iea.recipe.evaluation.labeled_system import read_labeled_system, read_labeled_systems
from iea.recipe.evaluation.systems.endpoint import EndpointSettings


def test_a_value_is_the_systems_own_option_and_others_are_named() -> None:
    labeled = read_labeled_system(
        "gpt:endpoint=https://api.openai.com/v1,model=gpt-4.1,key_env=A_KEY,budget_tokens=9,partial=true"
    )
    assert (labeled.label, labeled.system.name) == ("gpt", "endpoint")
    expected = EndpointSettings(
        url="https://api.openai.com/v1", model="gpt-4.1", key_env="A_KEY", budget_tokens=9, partial=True
    )
    assert labeled.options == expected
    assert read_labeled_system("checkpoint=a/b:c").options.model == Path("a/b:c")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be .LABEL:.NAME"),
        ("nobody", "one of checkpoint"),
        ("untouched=3", "without a value"),
        ("untouched,", "must be .LABEL:.NAME"),
        ("noisy_labels=much", "noise: Input should be a valid number"),
        ("noisy_labels,noises=1", "an option of noisy_labels must be one of model"),
        ("pictures", "folder: Field required; give pictures=FOLDER"),
        ("pictures=/nowhere", "pictures must be a folder of images"),
        ("endpoint=ftp://x,model=m", "url must be an address"),
        ("endpoint=http://h:1/v1,model=m,style=long", "style must be one of"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_labeled_system(text)


def test_labels_must_differ() -> None:
    assert [one.label for one in read_labeled_systems(["noisy_labels", "half:noisy_labels=0.5"])] == [
        "noisy_labels",
        "half",
    ]
    with pytest.raises(ValueError, match="different labels, got 'untouched' twice"):
        read_labeled_systems(["untouched", "untouched"])


def test_a_changed_file_or_folder_is_another_system(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]")
    (tmp_path / "made").mkdir()
    texts = (f"programs={tmp_path / 'a.json'}", f"pictures={tmp_path / 'made'}")
    first = [read_labeled_system(text).described() for text in texts]
    assert first == [read_labeled_system(text).described() for text in texts]
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "made/0.png").touch()
    for before, after in zip(first, (read_labeled_system(text).described() for text in texts), strict=True):
        assert before != after
    assert read_labeled_system("noisy_labels=0.5").described() == {"system": "noisy_labels", "options": {"noise": 0.5}}
