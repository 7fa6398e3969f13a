"""Documentation: a page whose every block of Python is meant to work, alone or after those above.

A reply holds one program; a page of documentation holds several. A block that uses names which
blocks above it give goes on with them, and they make one program; a block whose names nothing
gives is an excerpt, which is said and not run.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Confidence, Decision, ReplyKind
from validator.reading.classify import label_word
from validator.reading.grammar import names_of, parse, trees_kept_aside
from validator.reading.reader import read
from validator.reading.relating import quoted
from validator.reading.vocabulary import SHELL_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from validator.facts import Block, Reply, Span, Submission

MAX_PROGRAMS = 100
"""Of one page; the blocks after them are taken for excerpts."""
_PROMPT = ">>> "
_SKIPPED_LABEL = re.compile(r"(?<![\w-])(?:skip|no-?test|no-?run)(?![\w-])", re.IGNORECASE)
_SKIPPED_ABOVE = re.compile(r"\s*<!--\s*(?:validator:\s*skip\b.*|skip:\s*next\b.*)-->\s*")
_NO_DAMAGE = frozenset({"split-program", "prompts"})
"""What reading undoes and documentation means to have."""


@dataclass(slots=True)
class _Program:
    numbers: list[int]
    """Of its blocks, 1-based, in the order of the page."""


def read_documentation(
    reply: Reply, *, own: frozenset[str] = frozenset()
) -> tuple[Submission, ...]:
    """Return the programs of a page in the order they begin; none where it has no code to run.

    Skipped are blocks below `<!-- validator: skip reason -->` or Sybil's `<!-- skip: next -->`,
    and those with `skip`, `notest` or `no-run` in their info string. Of a doctest transcript what
    was typed is run; what it shows as output is not compared.

    Blocks that import one of `own`, the packages of the project itself, are excerpts: no sandbox
    has them, and what an index has by their name is another version of them, or somebody else's.
    """
    page = read(reply)
    with trees_kept_aside():
        programs, excerpts = _programs(page, own)
    return tuple(
        _submission(page, program, excerpts, first=place == 0)
        for place, program in enumerate(programs)
    )


def _programs(page: Submission, own: frozenset[str]) -> tuple[list[_Program], list[str]]:
    """Return the programs, and of each excerpt which block it is and what it lacks."""
    givers: dict[str, _Program] = {}
    programs: list[_Program] = []
    excerpts: list[str] = []
    for number, block in enumerate(page.blocks, 1):
        if not _is_code(page.reply, block) or _is_skipped(page.reply, block):
            continue
        tree = parse(block.text).tree
        names = None if tree is None else names_of(tree)
        imported = _imported(tree) & own
        if imported:
            excerpts.append(f"block {number} is about the project itself: {quoted(imported)}")
            continue
        lacking = frozenset() if names is None else names.free - givers.keys()
        if lacking or len(programs) >= MAX_PROGRAMS:
            said = f": nothing gives {quoted(lacking)}" if lacking else ""
            excerpts.append(f"block {number} is an excerpt{said}")
            continue
        needed = [] if names is None else [givers[name] for name in sorted(names.free)]
        program = _joined(programs, needed, givers)
        program.numbers.append(number)
        if names is not None:
            givers.update(dict.fromkeys(names.bound, program))
    return programs, excerpts


def _imported(tree: ast.Module | None) -> frozenset[str]:
    """Return the packages that a block imports, by the first part of their names."""
    found: set[str] = set()
    for node in () if tree is None else ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def _joined(
    programs: list[_Program], needed: Iterable[_Program], givers: dict[str, _Program]
) -> _Program:
    """Return the one program that all of `needed` are now, or a new one."""
    several = [each for each in programs if any(each is one for one in needed)]
    if not several:
        programs.append(_Program([]))
        return programs[-1]
    whole, *others = several
    for other in others:
        whole.numbers = sorted(whole.numbers + other.numbers)
        programs[:] = [each for each in programs if each is not other]
        givers.update({name: whole for name, each in givers.items() if each is other})
    return whole


def _is_code(reply: Reply, block: Block) -> bool:
    if block.kind is BlockKind.PYTHON:
        # A file that a sentence above names is not what stands in a block of commands.
        return label_word(block.label) not in SHELL_LABELS
    return reply.lines[block.span.first - 1].lstrip().startswith(_PROMPT)


def _is_skipped(reply: Reply, block: Block) -> bool:
    if _SKIPPED_LABEL.search(block.label):
        return True
    # Above the first line is the fence.
    above = (line for line in reversed(reply.lines[: max(block.span.first - 2, 0)]) if line.strip())
    return _SKIPPED_ABOVE.fullmatch(next(above, "")) is not None


def _submission(
    page: Submission, program: _Program, excerpts: list[str], *, first: bool
) -> Submission:
    """Return a program of the page; what is about the whole page goes with the first."""
    found = read(page.reply, blocks=program.numbers)
    spans = [page.blocks[number - 1].span for number in program.numbers]
    numbers = " and ".join(map(str, program.numbers))
    reason = f"block{'s' * (len(spans) > 1)} {numbers} of the page"
    told = "; ".join((reason, *excerpts)) if first else reason
    kind = ReplyKind.STEPS if len(spans) > 1 else ReplyKind.PROGRAM
    return replace(
        found,
        recoveries=tuple(
            each
            for each in found.recoveries
            if each.kind not in _NO_DAMAGE and (first or _within(each.span, spans))
        ),
        truncations=found.truncations if first else (),
        decision=Decision(
            kind,
            told,
            Confidence.CERTAIN,
            tuple(each for each in found.decision.blocks if each.number in program.numbers)
            if found.decision
            else (),
        ),
    )


def _within(span: Span, spans: Iterable[Span]) -> bool:
    # A fence is its block's.
    return any(each.first - 1 <= span.first <= each.last + 1 for each in spans)
