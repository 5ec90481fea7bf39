"""The doctor's findings in this environment and in faulty ones."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from iea.recipe import doctor
from iea.recipe.config import recipe_names

RunScript = Callable[..., "CompletedProcess[str]"]


@pytest.mark.slow
def test_doctor_finds_no_problem_here(script: RunScript) -> None:
    done = script("doctor")
    assert "Nothing to fix." in done.stdout
    assert all(f" {name}" in done.stdout for name in recipe_names())


@pytest.mark.slow
def test_doctor_explains_a_plugin_that_verl_skips(script: RunScript) -> None:
    done = script("doctor", check=False, VERL_USE_EXTERNAL_PLUGINS="none")
    assert done.returncode == 1
    assert "VERL_USE_EXTERNAL_PLUGINS=none keeps verl from loading the plugin" in done.stdout
    assert "fix: unset the variable" in done.stdout


@pytest.mark.parametrize(
    ("package", "newer", "cap"), [("transformers", "5.11.0", "<5.11"), ("tensordict", "0.11.0", "<=0.10.0")]
)
def test_doctor_names_a_version_newer_than_verl_allows(
    package: str, newer: str, cap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = doctor.installed
    monkeypatch.setattr(doctor, "installed", lambda name: newer if name == package else installed(name))
    (finding,) = [finding for finding in doctor._verls_requirements() if not finding.fine]
    assert finding.text.startswith(f"{package} is {newer}, but verl")
    assert cap in finding.fix


def test_doctor_reports_a_check_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def _broken() -> None:
        raise OSError("disk full")

    monkeypatch.setattr(doctor, "CHECKS", (_broken,))
    assert [finding.text for finding in doctor.diagnose()] == ["broken: OSError: disk full"]
