"""Fixes over sound programs of strangers: none where nothing is wrong, none that changes them."""

from __future__ import annotations

import ast
import json
import os
import re
import warnings
from pathlib import Path

import pytest
from rules_evidence import linted, source

from validator.facts import split_lines
from validator.rules import judge
from validator.rules.syntax_fixes import syntax_fix

CORPUS = Path(os.environ.get("VALIDATOR_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="needs the folder VALIDATOR_CORPUS names"),
]
REALLY_WRONG = {"geekcomputers/Python/Pomodoro (tkinter).py": ["RV207"]}
"""A function sets a variable of the module without `global`, and ends there when it is called."""
_HEADER = re.compile(r"(?m)^(\s*(?:def|if|for|while|class|else|elif|try|with)\b.*):[ \t]*$")
_KEYWORD = re.compile(r"(?m)^(\s*)(?:return|import|while)\b")
_SWAPPED = {"return": "retrun", "import": "improt", "while": "whlie"}


def programs() -> list[tuple[str, str]]:
    rows = (
        json.loads(line)
        for name in ("programs", "humaneval")
        for line in (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    )
    return [(row["id"], row["code"]) for row in rows]


def test_nothing_is_mended_where_nothing_is_wrong() -> None:
    offered = {}
    for name, text in programs():
        codes = [each.code for each in judge(linted(text)).findings if each.fix]
        if codes:
            offered[name] = codes

    assert offered == REALLY_WRONG


def broken(text: str) -> list[str]:
    """Return the program without the colon of its first header, and with a slip in a keyword."""
    found = [_HEADER.sub(r"\1", text, count=1)]
    match = _KEYWORD.search(text)
    if match is not None:
        word = match[0].strip()
        found.append(f"{text[: match.end() - len(word)]}{_SWAPPED[word]}{text[match.end() :]}")
    return [each for each in found if each != text and len(each) < 30_000 and not _parses(each)]


def _parses(text: str) -> bool:
    try:
        return bool(_tree(text))
    except SyntaxError:
        return False


def _tree(text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.dump(ast.parse(text))


def test_what_is_mended_for_sure_is_the_program_it_was() -> None:
    mended, others = 0, []
    for name, text in programs():
        for each in broken(text):
            fix = syntax_fix(source(each))
            if fix is None or not fix.safe:
                continue
            lines = split_lines(each)
            for edit in fix.edits:
                lines[edit.span.first - 1 : edit.span.last] = edit.replacement
            mended += 1
            if _tree("\n".join(lines) + "\n") != _tree(text):
                others.append(name)

    assert others == []
    assert mended > 400
