"""Commands that sentences tell a reader to run, as inline code or in plain words."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from validator.facts import Command, Span
from validator.reading import vocabulary
from validator.reading.commands import without_prompt
from validator.reading.requirements import is_requirement, is_versioned

if TYPE_CHECKING:
    from collections.abc import Iterator

_INLINE = re.compile(r"`([^`\n]+)`")
_INSTALLER = re.compile(
    r"(?<![\w./-])(?:(?:python3?\s+-m\s+)?(?:pip3?|uv\s+pip|pipx|pipenv|conda|mamba|micromamba)"
    r"\s+install|(?:uv|poetry|pdm)\s+add)(?=\s)",
    re.IGNORECASE,
)
_INSTALLS = re.compile(r"\s(?:install|add|create)\s")
_WORD = re.compile(r"\S+")
_OPTION = re.compile(r"--?[A-Za-z][\w-]*(?:=\S+)?")
_OPENING = "'\"*_(“‘"
_CLOSING = "'\"*_”’"
_ENDS = (".", ";", ":", "!", "?", ")")
_AND = ("and", "&", "plus")

_NEAR = 120
"""Characters of a sentence that are looked at on either side of a command."""
_CLAUSE = re.compile(r"[,.;:!?]\s")
_NEGATOR = (
    r"(?P<negator>\b(?:(?<!have )(?<!has )(?<!had )(?<!did )(?<!why )not|no|never|avoid|without"
    r"|cannot|instead\s+of|rather\s+than)|\b(?:do|does|ca|could|wo|would|should|must|need|is|are)"
    r"n['’]t)"
)
_LEADING = (
    r"(?:\s+(?:a|able|advisable|any|are|be|been|by|call|calling|do|doing|even|ever|execute|executing"
    r"|for|have|has|install|installed(?=\s+(?:by|through|using|via|with)\b)|installing|need|needed"
    r"|needs|necessary|of|point|possible|reason|recommended|require|required|requires|run|running"
    r"|simply|should|the|through|to|try|trying|type|typing|use|used|using|via|want|with))*"
)
_DENIES = re.compile(rf"{_NEGATOR}{_LEADING}[\s(\"'*_“‘]*$", re.IGNORECASE)
"""What makes of a command behind it one that is not to be run; the words between lead up to it."""
_DENIES_ELSEWHERE = re.compile(
    r"(?:\b(?:nicht|niemals|statt|anstatt|anstelle\s+von)(?:\s+(?:den\s+Befehl|mehr|mit|per))?"
    r"|\b(?:pas|jamais|au\s+lieu\s+de|plutôt\s+que)(?:\s+(?:de\s+)?(?:faire|lancer|utiliser))?"
    r"|\bno\s+(?:ejecutes?|hagas?|instales?|us(?:es?|ar)|utilic(?:es?|ar))"
    r"|\b(?:en\s+lugar\s+de|en\s+vez\s+de|em\s+vez\s+de|ao\s+invés\s+de|invece\s+di|al\s+posto\s+di)"
    r"(?:\s+us[ae]re?)?"
    r"|\bnon\s+(?:esegui(?:re|te)?|installa(?:re|te)?|usa(?:re|te)?|utilizza(?:re|te)?)"
    r"|\bnão\s+(?:execute|instale|use|utilize)"
    r"|\b(?:не\s+(?:запускай(?:те)?|используй(?:те)?|надо|нужно|устанавливай(?:те)?)|вместо)"
    r"|(?:不要|不用|无需|請勿|请勿|而不是|而非)(?:使用|用|运行|运行命令|执行|安装)?)[\s(\"'*_“‘:]*$",
    re.IGNORECASE,
)
"""The same in other languages, whose words stand right before the command."""
_REFUTES_ELSEWHERE = re.compile(
    r"[\s)\"'*_”’]*(?:ではなく|じゃなく|대신|이\s*아니라|가\s*아니라|말고)"
)
_SUPPOSES_ELSEWHERE = re.compile(
    r"\b(?:falls|wenn|sofern|si|se|caso|если)\b|如果|若", re.IGNORECASE
)
_SUPPOSES = re.compile(r"\b(?:if|unless|until|when|once)\b", re.IGNORECASE)
_NEEDED = re.compile(r"(?:\bnot|n['’]t|\bcannot|\bnever|\bno|\bnothing|\bfails?)\b", re.IGNORECASE)
_REFUTES = re.compile(
    r"[\s)\"'*_”’]*(?:command\s+)?(?:(?:is|are)(?:\s+not|n['’]t)\s+(?:needed|necessary|required"
    r"|possible|correct|right|recommended|supported|what)\b|(?:does|do|did|will|would|wo)"
    r"(?:\s+not|n['’]t)\s+(?:work|help|succeed)\b|(?:will\s+)?(?:fail|fails|failed|errors)\b"
    r"|(?:is|are)\s+(?:unnecessary|wrong|impossible)\b"
    r"|(?:will\s+)?installs?\s+(?:the\s+wrong|another|a\s+different|something\s+else)\b)",
    re.IGNORECASE,
)
_ALIKE = ("or", "nor", "/")
"""What may stand between two commands that are denied together."""


def commands_in_prose(line: str, number: int) -> Iterator[Command]:
    """Yield the commands a line of prose shows as inline code, and installs in plain words.

    Not those it speaks of as not to be run, or as failing.
    """
    denied, behind = False, 0
    found = [*_inline(line), *_plain(line)]
    for start, stop, text in sorted(found):
        alike = denied and line[behind:start].strip("` ,").lower() in _ALIKE
        installs = _INSTALLS.search(text) is not None
        denied, behind = installs and (alike or _is_denied(line, start, stop)), stop
        if not denied:
            yield Command(text, Span(number, number))


def _inline(line: str) -> Iterator[tuple[int, int, str]]:
    for match in _INLINE.finditer(line):
        text = without_prompt(match[1])
        words = text.split()
        if len(words) > 1 and words[0].rpartition("/")[2] in vocabulary.COMMAND_HEADS:
            yield match.start(), match.end(), text


def _plain(line: str) -> Iterator[tuple[int, int, str]]:
    words = _INLINE.sub(lambda match: "`" * len(match[0]), line)
    found = list(_INSTALLER.finditer(words))
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(words)
        packages, stop = _packages(words[match.end() : end])
        if packages:
            yield match.start(), match.end() + stop, " ".join((match[0], *packages))


def _is_denied(line: str, start: int, stop: int) -> bool:
    before = _CLAUSE.split(line[max(start - _NEAR, 0) : start])[-1]
    behind = line[stop : stop + _NEAR]
    if _REFUTES.match(behind) or _REFUTES_ELSEWHERE.match(behind):
        return True
    if _DENIES_ELSEWHERE.search(before) and not _SUPPOSES_ELSEWHERE.search(before):
        return True
    denies = _DENIES.search(before)
    if denies is None:
        return False
    negator, earlier = denies["negator"].lower(), before[: denies.start()]
    if negator == "without":
        return _NEEDED.search(earlier) is None
    # "If you do not run … first" is how to say that it is to be run.
    return negator.startswith("ca") or _SUPPOSES.search(earlier) is None


# ── what an install in running words asks for ────────────────────────────────────────────────────


def _packages(tail: str) -> tuple[tuple[str, ...], int]:
    """Return the options and packages that `tail` begins with, and where they end in it.

    Behind the first package a sentence mostly goes on about something else, so that a bare word
    counts only where it ends in nothing but packages: listed, or to the end of a line without a
    full stop.
    """
    matches = list(_WORD.finditer(tail))
    at = _first(matches)
    if at is None:
        return (), 0
    options = [match[0] for match in matches[:at]]
    rest = matches[at:]
    ended = next((i for i, match in enumerate(rest, 1) if _ends(match[0])), len(rest))
    rest = rest[:ended]
    taken = len(rest) if _is_list(rest) else _versioned(rest)
    named = [bare for match in rest[:taken] if (bare := _bare(match[0])) not in _AND]
    return (*options, *named), rest[taken - 1].end()


def _first(matches: list[re.Match[str]]) -> int | None:
    """Return the index of the first package; None where the words go on without one."""
    at = 0
    while at < len(matches) and _OPTION.fullmatch(matches[at][0]):
        at += 2 if matches[at][0] in vocabulary.VALUED_INSTALL_OPTIONS else 1
    return at if at < len(matches) and _is_package(matches[at][0]) else None


def _is_list(rest: list[re.Match[str]]) -> bool:
    words = [match[0] for match in rest]
    if not all(map(_may_be_listed, words[1:])):
        return False
    joined = all(one.endswith(",") or two in _AND or one in _AND for one, two in pairwise(words))
    return joined or not words[-1].endswith((".", "!", "?"))


def _may_be_listed(word: str) -> bool:
    bare = _bare(word)
    if bare in _AND or _OPTION.fullmatch(word):
        return True
    return _is_package(word) and bare.lower() not in vocabulary.BEHIND_PACKAGES


def _versioned(rest: list[re.Match[str]]) -> int:
    """Return how many words are packages beyond doubt: the first, and those with versions."""
    taken = 1
    while taken < len(rest) and is_versioned(_bare(rest[taken][0])):
        taken += 1
    return taken


def _ends(word: str) -> bool:
    # A sign that closes what was opened before the command ends the command as well.
    return word.endswith(_ENDS) or (word[-1] in _CLOSING and word[0] not in _OPENING)


def _is_package(word: str) -> bool:
    bare = _bare(word)
    return is_requirement(bare) and bare.lower() not in vocabulary.NEVER_PACKAGES


def _bare(word: str) -> str:
    return word.lstrip(_OPENING).rstrip(f".,;:!?){_CLOSING}")
