"""can-ai-code's checks of a record, as Python that runs after the program in its names. Pure.

A check is an expression over `f`, the first function of the program (`f.name`, `f.args[0].name`,
`f.call(2)`), and what it has to equal: `eq`, or one of `eq-any`. As there, arguments and results
pass through JSON, and an exception that a call raises is the result `{"error", "exc_type"}`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from validator.syntax import NOT_PYTHON, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEFORE = """\
def _checks_of_can_ai_code():
    import inspect
    import json
    import types

    class Argument:
        def __init__(self, name):
            self.name = name

    class Function:
        def __init__(self, function):
            self.name = function.__name__
            self.args = [Argument(name) for name in inspect.signature(function).parameters]
            self._function = function

        def call(self, *arguments):
            try:
                result = self._function(*json.loads(json.dumps(arguments)))
            except Exception as error:
                result = {"error": str(error), "exc_type": type(error).__name__}
            return json.loads(json.dumps(result))

    functions = [
        each
        for each in list(globals().values())
        if isinstance(each, types.FunctionType)
        and each.__module__ == __name__
        and each is not _checks_of_can_ai_code
    ]
    assert functions, "the program has no function to check"
    f = Function(functions[0])
    failed = []

    def check(words, ask, wanted):
        try:
            got = ask()
        except Exception as error:
            got = str(error)
        if got not in wanted:
            known = " or ".join(map(repr, wanted))
            failed.append(f"{words} is {got!r}, not {known}")

"""
_AFTER = """\
    assert not failed, "; ".join(failed)


_checks_of_can_ai_code()
"""


class NotAChecksListError(ValueError):
    """What is in the place of the checks are none; the message says why."""


def checks_in(data: Mapping[str, Any]) -> str:
    """Return the tests that the checks of a record come to; empty where it has none for Python.

    They stand in `checks` or `expected.checks`, as its evaluation writes them, or in `Checks`, as
    its interviews have them. How they once went (`got`, `status`) and their weights are not used:
    every check has to hold.

    Raises:
        NotAChecksListError: one of them has no expression, or nothing to equal.
    """
    language = data.get("language", "python")
    checks = [each for each in _listed(data) if isinstance(each, dict) and "assert" in each]
    if not checks or language != "python":
        return ""
    return _BEFORE + "".join(map(_asked, checks)) + _AFTER


def _listed(data: Mapping[str, Any]) -> list[Any]:
    expected = data.get("expected")
    told = [data.get("checks"), data.get("Checks")]
    told += [expected.get("checks")] if isinstance(expected, dict) else []
    for each in told:
        if isinstance(each, dict):
            return list(each.values())
        if isinstance(each, list):
            return each
    return []


def _asked(check: Mapping[str, Any]) -> str:
    words = check["assert"]
    if not isinstance(words, str) or not _is_expression(words):
        raise NotAChecksListError(f"a check asserts what is no expression: {str(words)[:80]!r}")
    if "eq-any" in check and isinstance(check["eq-any"], list):
        wanted = check["eq-any"]
    elif "eq" in check:
        wanted = [check["eq"]]
    else:
        raise NotAChecksListError(f"nothing says what {words[:80]!r} has to equal")
    # In parentheses of their own lines: an expression may have several, or end in a comment.
    return f"    check({words!r}, lambda: (\n{words}\n), {wanted!r})\n"


def _is_expression(words: str) -> bool:
    try:
        tree = parse(f"(\n{words}\n)")
    except NOT_PYTHON:
        return False
    return len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)
