"""Packages and commands as the reply words them: requirements blocks, shell fences, inline code."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from validator.facts import Command, RequirementLine, RequirementSource, Span
from validator.reading import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.reading.passage import Passage

_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_VERSION = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[\w.*+!-]+"
_REQUIREMENT = re.compile(
    rf"{_NAME}\s*(?:\[[\w\s,.-]*\])?\s*\(?(?P<version>{_VERSION}(?:\s*,\s*{_VERSION})*)?\)?\s*(?:;[^#]*)?(?:\s+\#.*)?"
)
_OPTION = re.compile(r"(?:-r|-e|-c|-f|-i|--[a-z-]+)(?:[ =].*)?|(?:git\+|https?://)\S+")
_PROMPT = re.compile(
    r"\s*(?:\([\w.-]+\)\s*)?(?:[\w.@:~/-]*[$%]|[A-Za-z]:\\[^>]*>|>|!|%(?=pip|conda))\s*"
)
_COMMAND = re.compile(r"(?P<head>[\w./-]+)(?:\s+\S.*)?")
_INSTALL = re.compile(
    r"""(?:(?:sudo\s+(?:-\S+\s+)?)?(?:(?:python[\d.]*|py)(?:\s+-\d[\d.]*)?\s+-m\s+)?
        (?:pip[\d.]*\s+install|uv\s+(?:pip\s+install|add)|pipx?\s+install|pipenv\s+install
          |poetry\s+add|conda\s+install|mamba\s+install))\s+(?P<rest>.+)""",
    re.VERBOSE | re.IGNORECASE,
)
_INLINE = re.compile(r"`([^`\n]+)`")
_BARE_INSTALL = re.compile(r"\b(?:python3?\s+-m\s+)?pip3?\s+install\s+[^\n`]+", re.IGNORECASE)


def is_requirements(text: str) -> bool:
    """Return True where every line is a requirement and at least one names a version."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = False
    for line in lines:
        match = _REQUIREMENT.fullmatch(line)
        if match is None and not line.startswith("#") and not _OPTION.fullmatch(line):
            return False
        named = named or (match is not None and bool(match["version"]))
    return named


def is_command(text: str) -> bool:
    """Return True where every line that is not a comment is a shell command we know the head of."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    filled = [line for line in lines if not line.startswith("#")]
    return bool(filled) and all(_is_command_line(line) for line in filled)


def requirements_in(passage: Passage) -> Iterator[RequirementLine]:
    """Yield the lines of a requirements block: comments and blank lines left out."""
    for line, number in zip(passage.lines, passage.numbers, strict=True):
        text = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if text:
            yield RequirementLine(text, Span(number, number), RequirementSource.BLOCK)


def commands_in(passage: Passage) -> Iterator[Command]:
    """Yield the commands of a shell block: prompts taken off, continued lines joined."""
    pending, first = "", 0
    for line, number in zip(passage.lines, passage.numbers, strict=True):
        text = line.strip() if pending else _without_prompt(line)
        if not pending and (not text or text.startswith("#")):
            continue
        first = first if pending else number
        pending = f"{pending} {text}".strip()
        if pending.endswith("\\"):
            pending = pending[:-1].rstrip()
            continue
        yield Command(pending, Span(first, number))
        pending = ""
    if pending:
        yield Command(pending, Span(first, passage.numbers[-1]))


def commands_in_prose(line: str, number: int) -> Iterator[Command]:
    """Yield the commands a line of prose shows as inline code, and `pip install` in plain words."""
    inline = _INLINE.findall(line)
    for text in inline:
        stripped = _without_prompt(text)
        words = stripped.split()
        if len(words) > 1 and words[0] in vocabulary.COMMAND_HEADS:
            yield Command(stripped, Span(number, number))
    if not inline and (plain := _BARE_INSTALL.search(line)):
        yield Command(_plain_install(plain[0]), Span(number, number))


def requirements_of(command: Command) -> Iterator[RequirementLine]:
    """Yield what a `pip install` or one of its relatives asks for, one package each, unjudged."""
    for piece in re.split(r"\s*(?:&&|\|\||;|\|)\s*", command.text):
        match = _INSTALL.fullmatch(piece.strip())
        if match is not None:
            for text in _packages(match["rest"]):
                yield RequirementLine(text, command.span, RequirementSource.COMMAND)


def _packages(rest: str) -> Iterator[str]:
    words = _words(rest)
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word in ("#", "\\", ">", ">>"):
            return
        elif word.startswith("-"):
            skip = word in vocabulary.VALUED_INSTALL_OPTIONS
            if word in vocabulary.TELLING_INSTALL_OPTIONS and index + 1 < len(words):
                yield f"{word} {words[index + 1]}"
        else:
            yield word


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def _plain_install(text: str) -> str:
    # In running words only what looks like a package belongs to the command.
    words = text.split()
    at = words.index("install") if "install" in words else len(words) - 1
    kept = words[: at + 1]
    for word in words[at + 1 :]:
        bare = word.strip("'\"*_")
        ends = bare.endswith((".", ",", ";", ":", ")"))
        bare = bare.rstrip(".,;:)")
        if not _REQUIREMENT.fullmatch(bare) or bare.lower() in vocabulary.NEVER_PACKAGES:
            break
        kept.append(bare)
        if ends:
            break
    return " ".join(kept)


def _without_prompt(line: str) -> str:
    match = _PROMPT.match(line)
    return (line[match.end() :] if match else line).strip()


def _is_command_line(line: str) -> bool:
    prompt = _PROMPT.match(line)
    text = _without_prompt(line)
    match = _COMMAND.fullmatch(text)
    if match is None:
        return False
    head = match["head"]
    if prompt is not None and prompt[0].strip() in ("$", "!", "%"):
        return True
    return (
        head in vocabulary.COMMAND_HEADS and (" " in text) and not re.match(r"\S+\s*(?:=|\()", text)
    )
