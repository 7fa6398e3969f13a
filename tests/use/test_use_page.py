"""docs/ci.md beside what it speaks of; what it has for shells and pipelines is run elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from markdown_it import MarkdownIt
from scratch import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]

PAGE = (ROOT / "docs/ci.md").read_text()


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(title: str, language: str) -> Iterator[str]:
    for token in MarkdownIt().parse(section(title)):
        if token.type == "fence" and token.info == language:
            yield token.content


def test_every_input_and_output_of_the_action_is_told_with_its_default() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    rows = re.findall(r"^\| `([\w-]+)` \| (?:`(.*?)`)? ?\|", section("GitHub"), re.MULTILINE)
    assert dict(rows) == {name: each["default"] for name, each in action["inputs"].items()}
    (told,) = re.findall(r"^Outputs: (.*?)\.", section("GitHub"), re.MULTILINE)
    assert re.findall(r"`([\w-]+)`", told) == list(action["outputs"])


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (workflow,) = map(yaml.safe_load, blocks("GitHub", "yaml"))
    given = workflow["steps"][-1]["with"]
    assert set(given) <= set(action["inputs"])
    assert given["paths"].splitlines() == ["replies", "answers/**/*.md"]


def test_the_hooks_it_names_are_there() -> None:
    (read,) = map(yaml.safe_load, blocks("pre-commit", "yaml"))
    hooks: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    named = [hook["id"] for hook in read["repos"][0]["hooks"]]
    assert named == [hook["id"] for hook in hooks]


@pytest.mark.bubblewrap
def test_its_test_of_an_assistant_passes(
    pytester: pytest.Pytester, sandboxes: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    monkeypatch.setenv("VALIDATOR_SANDBOX", "bubblewrap")
    (code,) = blocks("pytest", "python")
    pytester.makepyfile(code)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
