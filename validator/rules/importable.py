"""RV203: a file that is imported by another and starts the program as it is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix, Severity
from validator.rules.guards import ENTRANCES, GUARD
from validator.rules.program import trees
from validator.rules.rule import Evidence, Example, Rule, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import SourceFile
    from validator.findings import Finding


class MissingMainGuard(Rule):
    """A file of the program that another one uses starts the program when it is imported.

    ## What it does
    Looks for a file with a bare call of its own `main`, `run` or the like at module level, which
    another file imports and takes something from. A program in one file needs no guard, and an
    import that takes nothing is one whose point is to start it: both are left alone.

    ## Why it matters
    Whoever imports a function from it, a test for one, starts the game instead, or starts it twice.

    ## What to do
    Put the call under `if __name__ == "__main__":`. `--fix` does where the file is the one to
    start; elsewhere only `--fix --unsafe` does.
    """

    code = "RV203"
    name = "missing-main-guard"
    severity = Severity.WARNING
    example = Example(
        bad="# beside a test_main.py: from main import add\n"
        "def add(a, b):\n    return a + b\n\n\ndef main():\n    print(add(1, 2))\n\n\nmain()\n",
        good="# beside a test_main.py: from main import add\n"
        "def add(a, b):\n    return a + b\n\n\ndef main():\n    print(add(1, 2))\n\n\n"
        'if __name__ == "__main__":\n    main()\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each bare call."""
        parsed = tuple(trees(evidence.submission))
        if len(parsed) < 2:
            return
        users = _users(parsed)
        for file, module in parsed:
            by = [path for path in users.get(_stem(file.path), ()) if path != file.path]
            statement = _start(module) if by else None
            if statement is None:
                continue
            started = quoted(ast.unparse(statement))
            yield self.find(
                f"{started} starts the program when {quoted(by[0])} imports {quoted(file.path)}",
                evidence.at(file.path, statement.lineno),
                hint=f"Put {started} under {quoted(GUARD)}.",
                fix=_guarded(file, module, statement, safe=self._is_entry(evidence, file)),
            )

    @staticmethod
    def _is_entry(evidence: Evidence, file: SourceFile) -> bool:
        # Started as the program, the file does under the guard what it did without.
        return file.path == evidence.submission.entry_point


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def _users(parsed: tuple[tuple[SourceFile, ast.Module], ...]) -> dict[str, list[str]]:
    """Return, for each module that something is taken from, the files that take it."""
    users: dict[str, list[str]] = {}
    for file, module in parsed:
        for name in sorted(_used_modules(module)):
            users.setdefault(name, []).append(file.path)
    return users


def _used_modules(module: ast.Module) -> set[str]:
    """Return the last names of the modules a file takes something from."""
    used: set[str] = set()
    bound: dict[str, str] = {}
    for node in ast.walk(module):
        match node:
            case ast.ImportFrom(module=str(name), names=names):
                used.add(name.rpartition(".")[2])
                # `from package import part` may take a module as well as a name of one.
                bound.update({alias.asname or alias.name: alias.name for alias in names})
            case ast.ImportFrom(names=names):
                bound.update({alias.asname or alias.name: alias.name for alias in names})
            case ast.Import(names=names):
                for alias in names:
                    last = alias.name.rpartition(".")[2]
                    bound[alias.asname or last] = last
    taken = {
        node.value.id
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return used | {bound[name] for name in taken & bound.keys()}


def _start(module: ast.Module) -> ast.stmt | None:
    """Return the statement that starts the program unguarded: a bare call of an entrance."""
    own = {each.name for each in module.body if isinstance(each, ast.FunctionDef)}
    for statement in module.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in own:
                if name in ENTRANCES:
                    return statement
    return None


def _guarded(
    file: SourceFile, module: ast.Module, statement: ast.stmt, *, safe: bool
) -> Fix | None:
    lines = split_lines(file.text)
    line = statement.lineno
    shared = [each for each in module.body if each.lineno <= line <= (each.end_lineno or line)]
    # Indenting several lines could change a string that spans them.
    if statement.end_lineno != line or len(shared) > 1 or line > len(lines):
        return None
    edit = Edit(file.path, Span(line, line), (GUARD, f"    {lines[line - 1]}"))
    return Fix(f"put the call under {quoted(GUARD)}", (edit,), safe=safe)
