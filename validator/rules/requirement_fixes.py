"""Requirement lines that install in place of those that do not: rewritten, left out, or added.

Where the reply as written cannot be installed, nothing that works is lost, and a fix is safe. What
does install as written (a pinned version that was withdrawn, a name a project has left) is changed
only for those who ask for it.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.utils import canonicalize_name

from validator.facts import RequirementLine, RequirementSource, Span, UnresolvedReason
from validator.findings import Fix, RequirementEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import RefusedLine, Requirement, Submission, Undeclared, Unresolved

MAX_LINES = 400
"""Of the reply's requirements that are looked through for the ones to rewrite."""
_LEFT_OUT = (UnresolvedReason.STDLIB, UnresolvedReason.UNKNOWN_PACKAGE)
_INSTALLS = frozenset(
    {UnresolvedReason.RENAMED, UnresolvedReason.SUSPICIOUS, UnresolvedReason.RETIRED}
)
_NEVER_HERE = (UnresolvedReason.REQUIRES_PYTHON, UnresolvedReason.NO_WHEEL)
_IMPORT = re.compile(r"^\s*(?:from\s+(\w+)|import\s+([^#;\n]+))", re.MULTILINE)
_HOW = re.compile(
    r"(?:-i|-f|-U|-q|--(?:index|default-index|index-url|extra-index-url|find-links|trusted-host"
    r"|no-index|pre|upgrade|user|quiet|no-cache-dir|prefer-binary|only-binary|no-binary"
    r"|break-system-packages|proxy|timeout|retries|require-hashes))\b"
)
"""Options that say how to install; `-r`, `-c` and `-e` say what."""
_OPTIONS = re.compile(r"\s+--?\w.*$")
_LATEST = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:@|[=<>]=)\s*latest", re.IGNORECASE)
_SINGLE_EQUALS = re.compile(r"([A-Za-z0-9][\w.-]*)\s*=\s*(\d[\w.*+!-]*)")
_NAMED = re.compile(r"([A-Za-z0-9][\w.-]*)(?=[\s=@\[<>~!]|$)")
_EGG = re.compile(r"#egg=([\w.-]+)")
_REPOSITORY = re.compile(r"/([\w.-]+?)(?:\.git)?(?:@[\w./-]+)?$")


def asked_for(refused: RefusedLine) -> str | None:
    """Return the canonical name of what a line asks for that is handed to no tool, if it has one.

    Of an address that is mostly what its repository is called.
    """
    text = refused.line.stated
    named = _NAMED.match(text) or _EGG.search(text)
    if named is None and refused.kind == "url":
        named = _REPOSITORY.search(text.partition("#")[0])
    return canonicalize_name(named[1]) if named else None


def relaxing(submission: Submission, unresolved: Unresolved) -> Fix | None:
    """Return what to do about a requirement that cannot be met; None where nobody can know.

    A package that does not exist is left out: where the program imports it after all, that is an
    error of its own, and whoever judges again keeps the line.
    """
    requirement = unresolved.requirement
    lines = _lines_of(submission, requirement)
    if unresolved.reason in _LEFT_OUT:
        edits = tuple(RequirementEdit(line, None) for line in lines)
        what = f"leave `{requirement.name}` out of the requirements"
        return Fix(what, (), safe=True, requirements=edits) if edits else None
    text, safe = _instead(unresolved)
    if (
        text is None
        and unresolved.reason in _NEVER_HERE
        and not _is_imported(submission, requirement)
    ):
        edits = tuple(RequirementEdit(line, None) for line in lines)
        what = f"leave `{requirement.name}` out, which nothing imports"
        return Fix(what, (), safe=True, requirements=edits) if edits else None
    if text is None:
        return None
    if lines:
        edits = tuple(RequirementEdit(line, _worded(line, text)) for line in lines)
        what = f"require `{text}` instead of `{requirement}`"
    elif requirement.source is RequirementSource.IMPORT:
        edits = (_added(text, requirement.span),)
        what = f"add `{text}` to the requirements"
    else:
        return None
    return Fix(what, (), safe=safe, requirements=edits)


def declaring(submission: Submission, undeclared: Undeclared) -> Fix | None:
    """Return the requirement an import asks for; None where the program can do without it."""
    if undeclared.distribution is None or undeclared.optional:
        return None
    file = submission.file(undeclared.path)
    place = file.reply_line(undeclared.line) if file else None
    edit = _added(undeclared.requirement, Span(place, place) if place else None)
    what = f"add `{undeclared.requirement}` to the requirements"
    return Fix(what, (), safe=True, requirements=(edit,))


def _is_imported(submission: Submission, requirement: Requirement) -> bool:
    """Tell whether the program may import something of a requirement.

    By its name, or a part of it; or because no other requirement is called like what is imported:
    `win32gui` is pywin32's.
    """
    mine = _letters(requirement.canonical)
    stated = (_parsed(line.stated) for line in submission.requirements[:MAX_LINES])
    others = {_letters(each.name) for each in stated if each} - {mine}
    imports = {name for file in submission.files for name in _imported(file.text)}
    local = {part.removesuffix(".py") for file in submission.files for part in file.path.split("/")}
    foreign = map(_letters, imports - sys.stdlib_module_names - local - {""})
    return any(
        _is_alike(each, mine) or not any(_is_alike(each, other) for other in others)
        for each in foreign
    )


def _imported(text: str) -> Iterator[str]:
    """Yield the first names of the modules a text imports, be it a program or not."""
    for source, listed in _IMPORT.findall(text):
        for each in (source or listed).split(","):
            yield each.strip().partition(" ")[0].partition(".")[0]


def _letters(name: str) -> str:
    return re.sub(r"[-_.]+", "", name).casefold()


def _is_alike(one: str, other: str) -> bool:
    return one in other or other in one


def accepting(refused: RefusedLine) -> Fix | None:
    """Return what to do about a line that is handed to no tool; None where nobody can know.

    An option installs nothing and is not obeyed here: without it the rest says the same. What an
    address installs is anyone's guess, so that such a line is left out only for those who ask.
    """
    if refused.kind == "option":
        kept = _OPTIONS.sub("", refused.line.stated).strip()
        if kept.startswith("-"):
            alone = _HOW.match(kept)
            edit = RequirementEdit(refused.line, None)
            return (
                Fix("leave the option out", (), safe=True, requirements=(edit,)) if alone else None
            )
        if _parsed(kept) is None:
            return None
        edit = RequirementEdit(refused.line, _worded(refused.line, kept))
        return Fix(f"require `{kept}` without options", (), safe=True, requirements=(edit,))
    if refused.kind in ("url", "path"):
        edit = RequirementEdit(refused.line, None)
        return Fix("leave the address out", (), safe=False, requirements=(edit,))
    return pinning(refused)


def pinning(refused: RefusedLine) -> Fix | None:
    """Return what a line with a single `=`, or with `latest`, was meant as; None for any other."""
    if refused.kind != "syntax":
        return None
    stated = refused.line.stated
    if latest := _LATEST.fullmatch(stated):
        text, what = latest[1], f"require `{latest[1]}`, the newest there is"
    elif match := _SINGLE_EQUALS.fullmatch(stated):
        text, what = f"{match[1]}=={match[2]}", f"write the pin as `{match[1]}=={match[2]}`"
    else:
        return None
    if _parsed(text) is None:
        return None
    edit = RequirementEdit(refused.line, _worded(refused.line, text))
    return Fix(what, (), safe=True, requirements=(edit,))


def _instead(unresolved: Unresolved) -> tuple[str | None, bool]:
    """Return the line to require instead, if there is one, and whether that is safe."""
    requirement = unresolved.requirement
    text, safe = unresolved.relaxed_to, unresolved.reason not in _INSTALLS
    if text is None and unresolved.reason is UnresolvedReason.YANKED and unresolved.nearest:
        extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
        text, safe = f"{requirement.name}{extras}=={unresolved.nearest}", False
    if text is not None and requirement.marker is not None and ";" not in text:
        text = f"{text} ; {requirement.marker}"
    return text, safe


def _worded(line: RequirementLine, text: str) -> RequirementLine:
    return RequirementLine(text, line.span, line.source)


def _added(text: str, span: Span | None) -> RequirementEdit:
    line = RequirementLine(text, span or Span(0, 0), RequirementSource.IMPORT)
    return RequirementEdit(None, line)


def _lines_of(submission: Submission, requirement: Requirement) -> tuple[RequirementLine, ...]:
    """Return the lines of the reply that state a requirement, wherever they do."""
    wanted = (
        requirement.canonical,
        requirement.extras,
        requirement.specifier,
        str(requirement.marker or ""),
    )
    return tuple(
        line
        for line in submission.requirements[:MAX_LINES]
        if (parsed := _parsed(line.stated)) is not None
        and wanted
        == (
            canonicalize_name(parsed.name),
            tuple(sorted(parsed.extras)),
            parsed.specifier,
            str(parsed.marker or ""),
        )
    )


@lru_cache(maxsize=MAX_LINES)
def _parsed(text: str) -> Parsed | None:
    try:
        return Parsed(text)
    except InvalidRequirement:
        return None
