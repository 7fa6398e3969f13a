"""RV201: what Python itself refuses to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.rules.program import Broken, broken, is_python
from validator.rules.rule import Evidence, Example, Rule, quoted, said_by
from validator.rules.syntax_fixes import syntax_fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import SourceFile
    from validator.findings import Finding

SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")


class SyntaxErrorRule(Rule):
    """Python cannot parse a file of the program.

    ## What it does
    Compiles every Python file without running it, and reports the first error of each. Code that
    only the target's Python refuses (a newer syntax on an older Python) is found by ruff.

    ## Why it matters
    Nothing of the file runs, not even the part above the error.

    ## What to do
    Mend the line. Where the message speaks of a bracket or a quote that was never closed, the line
    named is where it was opened. Where the reply was cut, have the rest written first.
    `--fix` mends what can only have been meant in one way: a colon or a bracket left out, a line
    indented by a blank too many, `print` as a statement, `else if`. Where there are several ways,
    `--fix --unsafe` takes the likeliest.
    """

    code = "RV201"
    name = "syntax-error"
    example = Example(
        bad='def greet(name)\n    print("hello", name)\n',
        good='def greet(name):\n    print("hello", name)\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each file that Python refuses."""
        for file in evidence.submission.files:
            error = broken(file) or _seen_by_ruff(evidence, file)
            if error is not None:
                yield self._finding(evidence, file, error)

    def _finding(self, evidence: Evidence, file: SourceFile, error: Broken) -> Finding:
        said = evidence.said("invalid-syntax")
        beside = [each for each in said if (each.path, each.span.first) == (file.path, error.line)]
        return self.find(
            f"{error.type_name}: {error.message}",
            evidence.at(file.path, error.line, error.column),
            evidence=tuple(said_by(each) for each in beside[:1]),
            hint=_hint(evidence, file, error),
            fix=None if _is_not_whole(evidence) else syntax_fix(file),
        )


def _is_not_whole(evidence: Evidence) -> bool:
    """Tell a reply that breaks off or leaves code out: brackets alone would not make it whole."""
    submission = evidence.submission
    open_end = any(not each.continued for each in submission.truncations)
    return open_end or any(each.kind == "elided-code" for each in submission.recoveries)


def _seen_by_ruff(evidence: Evidence, file: SourceFile) -> Broken | None:
    if not is_python(file):
        return None
    for each in evidence.said("invalid-syntax"):
        if each.path == file.path:
            return Broken("SyntaxError", each.message, each.span.first, each.column)
    return None


def _hint(evidence: Evidence, file: SourceFile, error: Broken) -> str:
    open_end = [each for each in evidence.submission.truncations if not each.continued]
    lines = split_lines(file.text)
    if open_end and error.line >= len(lines) - 1:
        return "The reply was cut off here; write the rest."
    if error.type_name == "TabError":
        return "Indent with four spaces only, never with tabs."
    if error.type_name == "IndentationError":
        return "Indent the lines of one block alike, with four spaces a level."
    if "was never closed" in error.message:
        return f"Close what line {error.line} opens: {quoted(_line(lines, error.line))}."
    if "call to 'print'" in error.message:
        return "Write it for Python 3: `print` is a function and takes parentheses."
    return ""


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if number <= len(lines) else ""
