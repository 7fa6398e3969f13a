"""Settings that hold for some paths only."""

from __future__ import annotations

from pathlib import Path

import pytest

from validator.errors import UsageError
from validator.findings import Severity
from validator.settings import Settings, load


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str, **flags: object) -> Settings:
    Path("pyproject.toml").write_text(text, encoding="utf-8")
    return load(flags, environ={})


def table(paths: str, more: str = "ignore = ['RV209']") -> str:
    everywhere = "[tool.validator]\nignore = ['RV105']\n"
    return f"{everywhere}[[tool.validator.per-path]]\npaths = {paths}\n{more}\n"


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("docs/**", {"docs/a.md", "docs/b/c.md", "./docs/a.md", "x/../docs/a.md"}),
        ("docs/", {"docs/a.md", "docs/b/c.md", "./docs/a.md", "x/../docs/a.md"}),
        ("**/c.md", {"docs/b/c.md"}),
        ("*.md", {"top.md"}),
        ("docs/*.md", {"docs/a.md", "./docs/a.md", "x/../docs/a.md"}),
        ("doc?/a.md", {"docs/a.md", "./docs/a.md", "x/../docs/a.md"}),
        ("ocs/**", set()),
    ],
)
def test_a_pattern_covers(pattern: str, covered: set[str]) -> None:
    settings = written(table(f"['{pattern}']"))
    names = {
        "docs/a.md", "docs/b/c.md", "./docs/a.md", "x/../docs/a.md", "top.md", "../docs/a.md", "-",
    }  # fmt: skip
    assert {each for each in names if "RV209" in settings.for_reply(each).ignore} == covered


def test_what_is_ignored_adds_up_and_else_the_last_table_holds() -> None:
    more = (
        "fail-on = 'warning'\nsuppressions = true\n"
        "[[tool.validator.per-path]]\npaths = ['docs/old/**']\nfail-on = 'error'\nignore = 'rv2'"
    )
    settings = written(table("['docs']", more))
    docs, old = settings.for_reply("docs/a.md"), settings.for_reply("docs/old/a.md")
    assert (docs.fail_on, docs.suppressions) == (Severity.WARNING, True)
    assert (old.fail_on, old.suppressions) == (Severity.ERROR, True)
    assert old.ignore == ("RV105", "RV2")
    elsewhere = settings.for_reply("a.md")
    assert (elsewhere.fail_on, elsewhere.suppressions) == (Severity.ERROR, False)


def test_a_flag_is_stronger_than_a_table() -> None:
    more = "fail-on = 'warning'\nsuppressions = true"
    settings = written(table("['docs']", more), fail_on="error", suppressions=False)
    docs = settings.for_reply("docs/a.md")
    assert (docs.fail_on, docs.suppressions) == (Severity.ERROR, False)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("seconds = 3", "has no setting 'seconds'; it has: paths, ignore, fail-on, suppressions"),
        ("fail-on = 'note'", "fail-on is one of error, warning, not 'note'"),
        ("fail-on = ['error']", "fail-on is one of error, warning, not ['error']"),
        ("ignore = 3", "ignore is a list of strings, not 3"),
        ("suppressions = 'yes'", "suppressions is true or false, not 'yes'"),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(more: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        written(table("['docs']", more))
    assert str(refused.value).endswith(said)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["[tool.validator.per-path]\npaths = ['a']\n", "[tool.validator]\nper-path = 3\n"],
)
def test_a_single_table_is_pointed_to_the_right_heading(text: str) -> None:
    with pytest.raises(UsageError, match=r"\[\[tool\.validator\.per-path\]\]"):
        written(text)


def test_a_table_without_paths_is_refused() -> None:
    with pytest.raises(UsageError, match="needs paths"):
        written("[[tool.validator.per-path]]\nignore = ['RV2']\n")
