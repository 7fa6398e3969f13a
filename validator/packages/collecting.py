"""Requirements stated where no block or command of pip's says so. Pure.

PEP 723 headers, pyproject snippets, a Pipfile, a setup.py, conda's environments, and what other
tools are told.

Text stays untrusted: what is read here is worded like a line of requirements.txt and then parsed,
or refused, like one.
"""

from __future__ import annotations

import ast
import re
import tomllib
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from validator.facts import (
    PythonDemand,
    RefusedLine,
    RequirementLine,
    RequirementSource,
    Span,
    split_lines,
)
from validator.packages import poetry
from validator.packages.conda import from_command, in_environment
from validator.packages.distributions import providers
from validator.packages.imports import modules_of
from validator.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Block, SourceFile, Submission

_SCRIPT = re.compile(r"^# /// script\s*$\n(?P<body>(?:^#(?:| .*)$\n)+?)^# ///\s*$", re.MULTILINE)
"""The block of PEP 723, by the expression the specification gives."""
_TABLE = re.compile(r"^\s*\[(?:project|tool\.poetry|dependency-groups|tool\.uv)\b", re.MULTILINE)
_PIPFILE = re.compile(r"^\s*\[packages\]", re.MULTILINE)
_BESIDE_PACKAGES = ("source", "requires", "dev-packages")
"""Tables of a Pipfile; other tools have a table of packages, too."""
_AT = re.compile(r"^([A-Za-z0-9][\w.-]*(?:\[[\w,\s.-]*\])?)@([\^~<>=!]*\s*[\w.*,<>=!]+)$")
"""`pygame@^2.5`, `ruff@latest`: how poetry and uv are told a version."""
_AT_COMMAND = re.compile(r"\b(?:poetry|pdm|uv\s+add|uv\s+tool|uvx|pipx)\b")
_SHELL = re.compile(r"\d?>>?&?\S*|&|<[^<>]+>|\[[^\[\]]+\]|\{[^{}]+\}|\.\.\.|…")
"""A redirection, a blank to be filled in, an ellipsis."""
_PLACEHOLDER = re.compile(
    r"(?:(?:your|my|the|this|that|some|any|a|an|another|other|example|missing|required|needed)-?)?"
    r"(?:package|module|library)s?-?(?:names?|here|\d|[a-c])?"
)
"""Of a name in its canonical form: what stands for whatever package is meant."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_VERSIONS = re.compile(r"\s*[\[<>=!~;@].*", re.DOTALL)
_SYSTEM_COMMAND = re.compile(
    r"(?:sudo\s+(?:-\S+\s+)*)?"
    r"(?P<tool>apt-get|apt|aptitude|brew|dnf|yum|pacman|apk|zypper|choco|winget|port|snap)\s"
    r"(?:.*\s)?(?:install|add|-S\w*)\s+(?P<rest>.+)"
)


def stated(submission: Submission) -> tuple[RequirementLine, ...]:
    """Return every requirement a reply states, in its own words, in the order of their sources."""
    lines = [
        _with_at(worded, command)
        for each, command in _with_commands(submission)
        if (worded := from_command(each, command)) is not None
        and not (command and _is_no_package(each.text))
    ]
    for file in submission.files:
        lines.extend(_in_header(file))
        lines.extend(_in_setup(file))
    roles = submission.decision.blocks if submission.decision else ()
    names = {each.span: each.path for each in roles}
    for block in submission.blocks:
        lines.extend(_in_pyproject(block))
        lines.extend(_in_pipfile(block))
        lines.extend(in_environment(block, names.get(block.span) or block.label))
    if grouped := [line for block in submission.blocks for line in _in_groups(block)]:
        imported = _imported(submission)
        lines.extend(line for line in grouped if _names(line) & imported)
    return tuple(lines)


def pythons(submission: Submission) -> tuple[PythonDemand, ...]:
    """Return the Pythons a program says it is for, each once, at the first place that says so."""
    found: dict[str, Span] = {}
    for file in submission.files:
        for text in _strings(_header(file), "requires-python"):
            found.setdefault(text, _in_file(file, "requires-python"))
    for block in filter(_is_pyproject, submission.blocks):
        table = _table(block.text)
        for text in _strings(_inner(table, "project"), "requires-python"):
            found.setdefault(text, _in_block(block, "requires-python"))
        for told in _strings(_inner(table, "tool", "poetry", "dependencies"), "python"):
            (worded,) = poetry.worded("python", told)
            found.setdefault(worded.removeprefix("python"), _in_block(block, told))
    return tuple(PythonDemand(text, span) for text, span in found.items())


def _with_commands(submission: Submission) -> Iterator[tuple[RequirementLine, str]]:
    """Yield each requirement with the one command that holds it; empty for one in a block."""
    told: dict[Span, list[str]] = {}
    for command in submission.commands:
        told.setdefault(command.span, []).extend(command.pieces)
    for each in submission.requirements:
        pieces = told.get(each.span, [""])
        yield each, next((piece for piece in pieces if each.text in piece), pieces[0])


def _is_no_package(text: str) -> bool:
    """Tell what a shell command holds beside packages of the program's.

    Where output goes, blanks to be filled in, and the installer itself, brought up to date.
    """
    if _SHELL.fullmatch(text):
        return True
    name = canonicalize_name(_VERSIONS.sub("", text, count=1))
    return name == "pip" or _PLACEHOLDER.fullmatch(name) is not None


def of_the_system(submission: Submission) -> tuple[RefusedLine, ...]:
    """Return the commands that would install packages of an operating system: never done here."""
    return tuple(
        RefusedLine(
            RequirementLine(piece, command.span, RequirementSource.COMMAND),
            "system",
            f"{match['tool']} installs packages of an operating system, and the sandbox's stays as "
            "it is",
        )
        for command in submission.commands
        for piece in command.pieces
        if (match := _SYSTEM_COMMAND.fullmatch(piece))
    )


def _with_at(line: RequirementLine, command: str) -> RequirementLine:
    match = _AT.match(line.text) if _AT_COMMAND.search(command) else None
    if match is None:
        return line
    name, version = match[1], match[2].replace(" ", "")
    (text,) = (name,) if version == "latest" else poetry.worded(name, version)
    return RequirementLine(text, line.span, line.source)


def _in_header(file: SourceFile) -> Iterator[RequirementLine]:
    for text in _texts(_header(file), "dependencies"):
        yield RequirementLine(text, _in_file(file, text), RequirementSource.BLOCK)


def _header(file: SourceFile) -> dict[str, Any]:
    match = _SCRIPT.search(file.text) if file.path.endswith(".py") else None
    if match is None:
        return {}
    return _table("".join(line[2:] or "\n" for line in match["body"].splitlines(keepends=True)))


def _in_file(file: SourceFile, wanted: str) -> Span:
    line = file.reply_line(_line_with(file.text, wanted)) or file.reply_span.first
    return Span(line, line)


def _in_block(block: Block, wanted: str) -> Span:
    line = block.span.first + _line_with(block.text, wanted) - 1
    return Span(line, line)


def _line_with(text: str, wanted: str) -> int:
    """Return the first line that holds `wanted`, 1-based; the first of all where none does."""
    lines = split_lines(text)
    return next((number for number, line in enumerate(lines, 1) if wanted in line), 1)


def _in_pyproject(block: Block) -> Iterator[RequirementLine]:
    if _is_pyproject(block):
        for text, sign in _of_pyproject(_table(block.text)):
            yield RequirementLine(text, _in_block(block, sign), RequirementSource.BLOCK)


def _is_pyproject(block: Block) -> bool:
    return _TABLE.search(block.text) is not None


def _of_pyproject(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield requirements, each with a piece of the text that shows where it stands."""
    for text in _texts(_inner(table, "project"), "dependencies"):
        yield text, text
    for name, value in _inner(table, "tool", "poetry", "dependencies").items():
        for text in poetry.worded(name, value) if name.lower() != "python" else ():
            yield text, name


def _in_groups(block: Block) -> Iterator[RequirementLine]:
    """Yield what a project needs for some purpose only, such as its tests."""
    if not _is_pyproject(block):
        return
    table = _table(block.text)
    further = (
        _inner(table, "project", "optional-dependencies"),
        _inner(table, "dependency-groups"),
    )
    for groups in further:
        for name in groups:
            for text in _texts(groups, name):
                yield RequirementLine(text, _in_block(block, text), RequirementSource.BLOCK)
    poetry_s = _inner(table, "tool", "poetry")
    grouped = (
        _inner(poetry_s, "group", name, "dependencies") for name in _inner(poetry_s, "group")
    )
    for told in (*grouped, _inner(poetry_s, "dev-dependencies")):
        for name, value in told.items():
            for text in poetry.worded(name, value):
                yield RequirementLine(text, _in_block(block, name), RequirementSource.BLOCK)


def _names(line: RequirementLine) -> frozenset[str]:
    """Return the canonical name a line begins with, if it does with one."""
    match = _NAME.match(line.text)
    return frozenset({canonicalize_name(match[0])} if match else ())


def _imported(submission: Submission) -> frozenset[str]:
    """Return the canonical names of whatever may provide what the program imports."""
    modules = {module for file in submission.files for module in modules_of(file)}
    named = (name for module in modules for name in (module, *providers(module)[1]))
    return frozenset(map(canonicalize_name, named))


def _in_pipfile(block: Block) -> Iterator[RequirementLine]:
    """Yield the packages of pipenv's file, whose tables speak as poetry's do."""
    if _PIPFILE.search(block.text) is None:
        return
    table = _table(block.text)
    if "pipfile" in block.label.lower() or any(each in table for each in _BESIDE_PACKAGES):
        for name, value in _inner(table, "packages").items():
            for text in poetry.worded(name, value):
                yield RequirementLine(text, _in_block(block, name), RequirementSource.BLOCK)


def _in_setup(file: SourceFile) -> Iterator[RequirementLine]:
    """Yield what a setup.py says in so many words that its project needs."""
    if file.path.rpartition("/")[2] != "setup.py" or (tree := tree_of(file.text)) is None:
        return
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="install_requires", value=ast.List(elts=stated)):
                for each in stated:
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        line = file.reply_line(each.lineno) or file.reply_span.first
                        place = Span(line, line)
                        yield RequirementLine(each.value, place, RequirementSource.BLOCK)


def _table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    # ValueError: no TOML, or a number of more digits than Python reads (4,300); RecursionError:
    # brackets nested deeper than the parser goes.
    except (ValueError, RecursionError):
        return {}


def _inner(table: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        found = table.get(name)
        table = found if isinstance(found, dict) else {}
    return table


def _strings(table: dict[str, Any], name: str) -> tuple[str, ...]:
    found = table.get(name)
    return (found,) if isinstance(found, str) else ()


def _texts(table: dict[str, Any], name: str) -> tuple[str, ...]:
    found = table.get(name)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
