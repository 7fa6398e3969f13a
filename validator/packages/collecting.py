"""Requirements stated where no block or command of pip's says so. Pure.

PEP 723 headers, pyproject snippets, conda's environments, and what other tools are told.

Text stays untrusted: what is read here is worded like a line of requirements.txt and then parsed,
or refused, like one.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from validator.facts import RefusedLine, RequirementLine, RequirementSource, Span, split_lines
from validator.packages.conda import from_command, in_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Block, SourceFile, Submission

_SCRIPT = re.compile(r"^# /// script\s*$\n(?P<body>(?:^#(?:| .*)$\n)+?)^# ///\s*$", re.MULTILINE)
"""The block of PEP 723, by the expression the specification gives."""
_TABLE = re.compile(r"^\s*\[(?:project|tool\.poetry|dependency-groups|tool\.uv)\b", re.MULTILINE)
_CARET = re.compile(r"^([\^~])\s*(\d+(?:\.\d+)*)$")
_AT = re.compile(r"^([A-Za-z0-9][\w.-]*(?:\[[\w,\s.-]*\])?)@([\^~<>=!]*\s*[\w.*,<>=!]+)$")
"""`pygame@^2.5`, `ruff@latest`: how poetry and uv are told a version."""
_AT_COMMAND = re.compile(r"\b(?:poetry|pdm|uv\s+add|uv\s+tool|uvx|pipx)\b")
_SHELL = re.compile(r"\d?>>?&?\S*|&|<[^<>]+>|\[[^\[\]]+\]|\.\.\.|…")
"""A redirection, a placeholder, an ellipsis."""
_VALUED = (
    r"(?:-f|--find-links|--only-binary|--no-binary|--platform|--python-version|--progress-bar)"
)
_SYSTEM_COMMAND = re.compile(
    r"(?:sudo\s+(?:-\S+\s+)*)?"
    r"(?P<tool>apt-get|apt|aptitude|brew|dnf|yum|pacman|apk|zypper|choco|winget|port|snap)\s"
    r"(?:.*\s)?(?:install|add|-S\w*)\s+(?P<rest>.+)"
)


def stated(submission: Submission) -> tuple[RequirementLine, ...]:
    """Return every requirement a reply states, in its own words, in the order of their sources."""
    commands = {each.span: each.text for each in submission.commands}
    lines = [
        _with_at(worded, command)
        for each in submission.requirements
        if (worded := from_command(each, command := commands.get(each.span, ""))) is not None
        and not (command and _is_no_package(each.text, command))
    ]
    for file in submission.files:
        lines.extend(_in_header(file))
    for block in submission.blocks:
        lines.extend(_in_pyproject(block))
        lines.extend(in_environment(block))
    return tuple(lines)


def _is_no_package(text: str, command: str) -> bool:
    """Tell what a shell command holds beside packages: where output goes, blanks to be filled in.

    And values of options: what an option means is told with the option, where it matters.
    """
    if _SHELL.fullmatch(text):
        return True
    return re.search(rf"\s{_VALUED}[\s=]{re.escape(text)}(?:\s|$)", command) is not None


def of_the_system(submission: Submission) -> tuple[RefusedLine, ...]:
    """Return the commands that would install packages of an operating system: never done here."""
    return tuple(
        RefusedLine(
            RequirementLine(command.text, command.span, RequirementSource.COMMAND),
            "system",
            f"{match['tool']} installs packages of an operating system, and the sandbox's stays as "
            "it is",
        )
        for command in submission.commands
        if (match := _SYSTEM_COMMAND.fullmatch(command.text.strip()))
    )


def _with_at(line: RequirementLine, command: str) -> RequirementLine:
    match = _AT.match(line.text) if _AT_COMMAND.search(command) else None
    if match is None:
        return line
    name, version = match[1], match[2].replace(" ", "")
    text = name if version == "latest" else _from_poetry(name, version)
    return RequirementLine(text, line.span, line.source)


def _in_header(file: SourceFile) -> Iterator[RequirementLine]:
    match = _SCRIPT.search(file.text)
    if match is None or not file.path.endswith(".py"):
        return
    body = "".join(line[2:] or "\n" for line in match["body"].splitlines(keepends=True))
    for text in _texts(_table(body), "dependencies"):
        line = _line_with(file.text, text)
        reply_line = file.reply_line(line) or file.reply_span.first
        yield RequirementLine(text, Span(reply_line, reply_line), RequirementSource.BLOCK)


def _line_with(text: str, wanted: str) -> int:
    """Return the first line that holds `wanted`, 1-based; the first of all where none does."""
    lines = split_lines(text)
    return next((number for number, line in enumerate(lines, 1) if wanted in line), 1)


def _in_pyproject(block: Block) -> Iterator[RequirementLine]:
    if not _TABLE.search(block.text):
        return
    for text, sign in _of_pyproject(_table(block.text)):
        at = block.span.first + _line_with(block.text, sign) - 1
        yield RequirementLine(text, Span(at, at), RequirementSource.BLOCK)


def _of_pyproject(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield requirements, each with a piece of the text that shows where it stands."""
    for text in _texts(_inner(table, "project"), "dependencies"):
        yield text, text
    poetry = _inner(table, "tool", "poetry", "dependencies")
    for name, value in poetry.items():
        if name.lower() != "python":
            yield _from_poetry(name, value), name


def _from_poetry(name: str, value: Any) -> str:
    if isinstance(value, dict):
        if not isinstance(value.get("version"), str):
            # A path, an address: worded so that it is refused for what it is.
            return f"{name} @ {next((str(each) for each in value.values()), '')}"
        extras = _texts(value, "extras")
        name, value = f"{name}[{','.join(extras)}]" if extras else name, value["version"]
    text = str(value).strip()
    if text in ("*", ""):
        return name
    if match := _CARET.match(text):
        return f"{name}{_compatible(match[1], match[2])}"
    return f"{name}{text}" if re.match(r"[<>=!~]", text) else f"{name}=={text}"


def _compatible(sign: str, version: str) -> str:
    """Return the range of a poetry `^1.2.3` (up to the next number not 0) or `~1.2.3`."""
    numbers = [int(part) for part in version.split(".")]
    keep = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    if sign == "~":
        keep = min(1, len(numbers) - 1)
    upper = [*numbers[:keep], numbers[keep] + 1]
    return f">={version},<{'.'.join(map(str, upper))}"


def _table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    # RecursionError: brackets nested deeper than the parser goes.
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _inner(table: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        found = table.get(name)
        table = found if isinstance(found, dict) else {}
    return table


def _texts(table: dict[str, Any], name: str) -> tuple[str, ...]:
    found = table.get(name)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
