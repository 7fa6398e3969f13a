"""The library: the names it promises, and every example of docs/api.md as it is printed there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import validator

API = Path(__file__).parents[2] / "docs/api.md"


def examples() -> list[tuple[int, str, str | None]]:
    """Return each example with its line, and what is said to come of it where that is said."""
    blocks = [token for token in MarkdownIt().parse(API.read_text()) if token.type == "fence"]
    found: list[tuple[int, str, str | None]] = []
    for block in blocks:
        assert block.map
        if block.info == "python":
            found.append((block.map[0] + 1, block.content, None))
        else:
            line, code, _ = found.pop()
            found.append((line, code, block.content))
    return found


@pytest.mark.bubblewrap
@pytest.mark.parametrize(
    ("code", "printed"), [pytest.param(*rest, id=f"line-{line}") for line, *rest in examples()]
)
def test_examples_do_what_the_page_says(
    code: str,
    printed: str | None,
    sandboxes: frozenset[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    monkeypatch.setenv("VALIDATOR_SANDBOX", "bubblewrap")
    program = tmp_path / "example.py"
    program.write_text(code)
    done = subprocess.run(
        [sys.executable, program], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    if printed is not None:
        assert done.stdout == printed


def test_every_name_is_there_and_the_page_names_it() -> None:
    for name in validator.__all__:
        assert getattr(validator, name) is not None
    table = API.read_text().partition("## Every name")[2]
    assert sorted(re.findall(r"`([A-Za-z_]+)`", table)) == sorted(validator.__all__)
    assert set(validator.__all__) <= set(dir(validator))


def test_what_is_not_there_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'validator' has no attribute 'Validate'"):
        validator.Validate  # noqa: B018
    assert not hasattr(validator, "__path_of_nothing__")


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = (
        "import sys, validator; before = {m for m in sys.modules if m.startswith('validator.')};"
        "from validator import read; print(sorted(before), 'validator.reading' in sys.modules,"
        " 'validator.pipeline' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] True False\n"


def test_the_names_have_types(tmp_path: Path) -> None:
    program = tmp_path / "typed.py"
    program.write_text(
        "from validator import Report, Verdict, validate\n"
        "def passed(text: str) -> bool:\n"
        "    report: Report = validate(text)\n"
        "    return report.verdict is Verdict.PASSED\n"
        "validate(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=API.parents[1],
    )
    assert "typed.py:5" in done.stdout
    assert done.stdout.count("error:") == 1, done.stdout


def test_python_m_validator_is_validate() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "validator", "--version"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, f"reply-validator {validator.__version__}\n")
