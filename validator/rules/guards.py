"""RV202 and RV205: a program that defines what it would do and then does not do it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix
from validator.rules.awaiting import running, unawaited
from validator.rules.program import FUNCTIONS, bound_names, is_python, tree, trees
from validator.rules.rule import Evidence, Example, Rule, quoted, said_by
from validator.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Recovery, SourceFile, Submission
    from validator.findings import Finding

GUARD = 'if __name__ == "__main__":'
_MANGLED = r"[\\_*]*"
_NEAR_MISS = re.compile(
    rf"(?P<indent>\s*)if\s+\(?(?P<left>{_MANGLED}name{_MANGLED})\s*(?P<operator>==?=?|is)\s*"
    rf"(?P<quote>[\"'“”‘’`]?)\s*(?P<right>{_MANGLED}main{_MANGLED})\s*[\"'“”‘’`]?\s*\)?\s*"
    r"(?P<colon>:?)(?P<rest>.*)",
    re.IGNORECASE,
)
"""A line that can only have been meant as the guard: `name` and `main` with their underscores
lost, doubled, escaped or made bold; one `=`; quotes curly or gone; no colon."""

_LOST = re.compile(r"if\s+\(?name\s*==\s*(['\"])main\1\s*\)?\s*:")


@dataclass(frozen=True, slots=True)
class BrokenGuard:
    """A line meant as the guard, and what it has to be."""

    line: int
    text: str
    mended: str
    fault: str
    """What it does as it stands, in words."""


MAX_GUARDS = 20
"""Looked at in one file: a program has one."""


def broken_guards(file: SourceFile) -> tuple[BrokenGuard, ...]:
    """Return the lines of a file that were meant as the main guard and are none.

    A comparison with a variable that the program really has is left alone, and so is whatever
    stands in a string.
    """
    if not is_python(file):
        return ()
    module = tree(file)
    tests = _if_lines(module) if module else None
    lines = enumerate(split_lines(file.text), start=1)
    candidates = (
        (guard, line)
        for number, line in lines
        if (tests is None or number in tests) and (guard := _near_miss(number, line)) is not None
    )
    return tuple(
        guard
        for guard, line in islice(candidates, MAX_GUARDS)
        if module is None or _left(line) not in _visible(module, guard.line)
    )


def lost_guards(submission: Submission) -> tuple[Recovery, ...]:
    """Return the recoveries of a main guard that was written without its underscores.

    Where other underscores of the reply were eaten too, those of the guard went the same way, and
    there are none.
    """
    eaten = [each for each in submission.recoveries if each.kind == "eaten-dunder"]
    guards = tuple(each for each in eaten if _LOST.match(each.before.strip()))
    return guards if len(guards) == len(eaten) else ()


def _if_lines(module: ast.Module) -> frozenset[int]:
    return frozenset(node.lineno for node in ast.walk(module) if isinstance(node, ast.If))


def _visible(module: ast.Module, line: int) -> frozenset[str]:
    """Return the names that the module and the functions around a line bind."""
    around = (
        node
        for node in ast.walk(module)
        if isinstance(node, FUNCTIONS) and node.lineno <= line <= (node.end_lineno or node.lineno)
    )
    return bound_names(module).union(*(bound_names(function) for function in around))


def _left(line: str) -> str:
    match = _NEAR_MISS.fullmatch(line)
    return match["left"] if match else ""


def _near_miss(number: int, line: str) -> BrokenGuard | None:
    match = _NEAR_MISS.fullmatch(line)
    if match is None or not _is_rest(match["rest"]):
        return None
    right_name, right_text = match["left"] == "__name__", match["right"] == "__main__"
    sound = match["operator"] in ("==", "is") and match["colon"] and match["quote"] in ("'", '"')
    if right_name and right_text and sound:
        return None
    mended = f"{match['indent']}{GUARD}{match['rest']}"
    if not sound:
        fault = "Python cannot read it"
    elif right_name:
        fault = "it is never true, and nothing below it runs"
    else:
        fault = f"no variable {quoted(match['left'])} exists"
    return BrokenGuard(number, line.strip(), mended, fault)


def _is_rest(rest: str) -> bool:
    """Tell whether what follows the colon may stand there: nothing, a comment, a statement."""
    return not rest.strip() or rest.lstrip().startswith("#") or tree_of(rest.strip()) is not None


class BrokenMainGuard(Rule):
    """The line that should start the program is not the main guard.

    ## What it does
    Recognises `if __name__ == "__main__":` with its underscores lost, moved or made bold, with one
    `=`, curly quotes or no colon. A program that has a variable `name` of its own and compares it
    with `"main"` is left alone. Where the guard only lost its underscores, reading puts them back,
    so that the rest of the program is judged too; the reply is wrong all the same.

    ## Why it matters
    Markdown eats double underscores. With `name == "main"` the program ends in a NameError; with
    `__name__ == "__main"` it ends at once, silently and with status 0, having done nothing. Linters
    see the first as any undefined name and the second not at all.

    ## What to do
    Write `if __name__ == "__main__":`. `--fix` does.
    """

    code = "RV202"
    name = "broken-main-guard"
    example = Example(
        bad='def main():\n    print("hello")\n\n\nif name == "main":\n    main()\n',
        good='def main():\n    print("hello")\n\n\nif __name__ == "__main__":\n    main()\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each broken guard, those among them that reading mended."""
        for recovery in lost_guards(evidence.submission):
            yield self._mended_already(evidence, recovery)
        for file in evidence.submission.files:
            for guard in broken_guards(file):
                edit = Edit(file.path, Span(guard.line, guard.line), (guard.mended,))
                description = f"write the guard as {quoted(GUARD)}"
                said = evidence.on(file.path, guard.line)
                yield self.find(
                    f"{quoted(guard.text)} is not the main guard: {guard.fault}",
                    evidence.at(file.path, guard.line),
                    evidence=tuple(dict.fromkeys(said_by(each) for each in said)),
                    hint=f"Write {quoted(GUARD)}.",
                    fix=Fix(description, (edit,), safe=True),
                )

    def _mended_already(self, evidence: Evidence, recovery: Recovery) -> Finding:
        location = evidence.in_reply(recovery.span)
        after = quoted(recovery.after)
        line = location.line or 1
        edit = Edit(location.path or "", Span(line, line), (recovery.after.rstrip("\n"),))
        return self.find(
            f"{quoted(recovery.before)} is not the main guard: no variable `name` exists",
            location,
            evidence=(f"the program was judged as if it said {after}",),
            hint=f"Write {after}.",
            fix=Fix(
                f"write the guard as {after}",
                (edit,) if location.path else (),
                safe=True,
                settles=(recovery,),
            ),
        )


ENTRANCES = ("main", "run", "start", "game_loop", "main_loop", "run_game", "start_game", "play")
"""What a function that is the whole program is called."""


class NeverCalled(Rule):
    """The program defines what it would do, and nothing calls it.

    ## What it does
    Looks for a file to start that holds nothing but imports, definitions and constants, with a
    function such as `main` or `run` that needs no arguments and is mentioned nowhere. Libraries,
    tests and files with an application object are left alone. A bare call of an `async` function
    there starts nothing either.

    ## Why it matters
    The program ends at once with status 0 and has done nothing. No linter says so.

    ## What to do
    Call it under `if __name__ == "__main__":` at the end of the file. `--fix` does.
    """

    code = "RV205"
    name = "never-called"
    example = Example(
        bad='import sys\n\n\ndef main():\n    print("hello", sys.argv)\n',
        good='import sys\n\n\ndef main():\n    print("hello", sys.argv)\n\n\nmain()\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return a finding where the file to start does nothing."""
        yield from self._unawaited(evidence)
        entry = evidence.submission.entry_point
        for file, module in trees(evidence.submission):
            function = _unused_entrance(module) if file.path == entry else None
            if function is None:
                continue
            after = len(split_lines(file.text)) + 1
            lines = ("", "", GUARD, f"    {function.name}()")
            fix = Fix(
                f"call `{function.name}()` under the main guard",
                (Edit(file.path, Span(after, after - 1), lines),),
                safe=function.name == "main",
            )
            yield self.find(
                f"`{function.name}` is defined and nothing calls it: the program does nothing",
                evidence.at(file.path, function.lineno),
                hint=f"End the file with {quoted(GUARD)} and a call of `{function.name}()`.",
                fix=fix,
            )

    def _unawaited(self, evidence: Evidence) -> Iterator[Finding]:
        entry = evidence.submission.entry_point
        for file, module in trees(evidence.submission):
            for statement, name in unawaited(module) if file.path == entry else ():
                yield self.find(
                    f"`{name}()` makes a coroutine that nothing awaits: `{name}` never runs",
                    evidence.at(file.path, statement.lineno),
                    hint=f"Write `asyncio.run({name}())`.",
                    fix=running(file, module, statement),
                )


def _unused_entrance(module: ast.Module) -> ast.FunctionDef | None:
    if not all(_does_nothing(statement) for statement in module.body):
        return None
    functions = [each for each in module.body if isinstance(each, ast.FunctionDef)]
    if any(each.name.startswith("test") for each in functions):
        return None
    mentioned = {each.id for each in ast.walk(module) if isinstance(each, ast.Name)}
    mentioned |= {each.attr for each in ast.walk(module) if isinstance(each, ast.Attribute)}
    candidates = {each.name: each for each in functions if _takes_nothing(each)}
    found = [candidates[name] for name in ENTRANCES if name in candidates]
    return found[0] if found and found[0].name not in mentioned else None


def _takes_nothing(function: ast.FunctionDef) -> bool:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    keywords = any(default is None for default in arguments.kw_defaults)
    return not required and not keywords and not function.decorator_list


def _does_nothing(statement: ast.stmt) -> bool:
    """Tell whether a module-level statement only defines, imports or sets a plain value."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return not any(isinstance(each, ast.Call) for each in ast.walk(value))
        case ast.AnnAssign():
            return True
    return False
