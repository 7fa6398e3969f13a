"""Lines that stand for code the model left out, and filling them from an earlier version."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import Recovery, Span
from validator.reading.cues import Cue
from validator.reading.grammar import parse
from validator.reading.passage import Passage, Stretch, indent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from validator.facts import SourceFile

_LEFT_OUT = (
    r"(?:rest|remain(?:der|ing|s)?|other|existing|previous|same|unchanged|omitted|truncated"
    r"|as before|as above|(?:goes|continues?|stays?) here)"
)
_CODE = (
    r"(?:code|functions?|methods?|class(?:es)?|implementation|logic|unchanged|same|before|above"
    r"|here|program|script|imports?)"
)
_SAYS_SO = re.compile(
    rf"""^\s*(?:\#|//)\s*(?:\W*\b(?:the\s+)?{_LEFT_OUT}\b.*\b{_CODE}\b
          |\W*(?:\.\.\.|…).*\b(?:{_LEFT_OUT}|{_CODE})\b|.*\b{_LEFT_OUT}\b.*(?:\.\.\.|…))""",
    re.VERBOSE | re.IGNORECASE,
)
_SAME_AS = re.compile(
    r"^\s*#.*\b(?:remains?|stays?|is|are)\s+(?:the\s+same|unchanged)\b"
    r"|^\s*\.{3,}\s*\(?(?:truncated|rest|continued?|code)\b",
    re.IGNORECASE,
)


def find_elisions(file: SourceFile) -> Iterator[Recovery]:
    """Yield an `elided-code` for every line of `file` that says code was left out there.

    A comment of dots alone says nothing of the kind.
    """
    yield from elided(Passage(tuple(file.text.split("\n")), file.reply_lines))


def elided(passage: Passage) -> Iterator[Recovery]:
    """Yield an `elided-code` for every line that says that code was left out there."""
    for line, number in zip(passage.lines, passage.numbers, strict=False):
        if number and is_elision(line):
            yield Recovery("elided-code", Span(number, number), line, line)


def is_elision(line: str) -> bool:
    """Return True where a line says that code was left out in its place."""
    if "." not in line and "#" not in line and "…" not in line:
        return False
    return _SAYS_SO.match(line) is not None or _SAME_AS.match(line) is not None


_MAX_CHARACTERS = 500_000
"""Of earlier versions looked at for all that is left out: about a second of parsing."""


# ── filling them ─────────────────────────────────────────────────────────────────────────────────


def filled(stretches: Sequence[Stretch]) -> tuple[list[Stretch], list[Recovery]]:
    """Fill what blocks leave out from the block before them that says it, where that is clear.

    Blocks are the same program's, in order. Statements are matched by what they define or give;
    those the later block has replace the earlier one's, those it lacks stay. It is left alone where
    the order differs, a name is given twice, or the outcome does not parse. A block announced as a
    change that holds nothing but functions the earlier one has leaves out the rest of it, too.
    """
    done: list[Stretch] = []
    recoveries: list[Recovery] = []
    characters = 0
    for stretch in stretches:
        merged = None
        says_so = _leaves_out(stretch)
        for earlier in reversed(done) if says_so or _is_change(stretch) else ():
            characters += len(earlier.passage.text)
            if merged is not None or characters > _MAX_CHARACTERS:
                break
            if not _leaves_out(earlier):
                later = stretch.passage if says_so else _part_of(earlier.passage, stretch.passage)
                merged = _merged(earlier.passage, later) if later is not None else None
        if merged is None:
            done.append(stretch)
            continue
        before = stretch.passage
        recoveries.append(Recovery("merged", before.span, before.text, merged.text))
        done.append(replace(stretch, passage=merged, filled=True))
    return done, recoveries


def _leaves_out(stretch: Stretch) -> bool:
    return any(map(is_elision, stretch.passage.lines))


def _is_change(stretch: Stretch) -> bool:
    cue = Cue.of(stretch)
    changed = re.escape(cue.changed)
    if changed and re.search(rf"^(?:async )?def {changed}\(", stretch.passage.text, re.MULTILINE):
        return True
    return cue.change and not cue.alternative


def _part_of(earlier: Passage, later: Passage) -> Passage | None:
    """Return functions that an earlier, longer block has, as what they are of it; None of others.

    Methods by themselves come back in their class, with its other members left out.
    """
    later = later.dedented()
    tree, whole = parse(later.text).tree, parse(earlier.text).tree
    if tree is None or whole is None:
        return None
    given = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    if not given or not all(isinstance(node, _FUNCTIONS) for node in given):
        return None
    names = {_key(node) for node in given}
    if len(given) < len(whole.body) and names <= {_key(node) for node in whole.body}:
        return later
    owners = [
        node
        for node in whole.body
        if isinstance(node, ast.ClassDef) and names <= {_key(member) for member in node.body}
    ]
    if len(owners) != 1 or len(given) < len(tree.body):
        return None
    return _in_class(owners[0], earlier, later)


def _in_class(owner: ast.ClassDef, earlier: Passage, methods: Passage) -> Passage | None:
    first = min([owner.lineno, *(each.lineno for each in owner.decorator_list)]) - 1
    while first and earlier.lines[first - 1].startswith("#"):
        first -= 1
    head = earlier.cut(first, owner.lineno)
    if [line.rstrip().endswith(":") for line in head.lines] != [False] * (len(head) - 1) + [True]:
        return None  # it goes on over several lines, or a comment ends as it does
    margin = owner.body[0].col_offset
    left_out = Passage((" " * margin + "# ... existing members",), (0,))
    return head + left_out + methods.shifted(margin)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A statement with the comments and blank lines before it."""

    key: str
    lines: Passage
    node: ast.stmt
    elided: bool
    """True where it is a function whose body is left out, or a class with members left out."""


def _merged(earlier: Passage, later: Passage) -> Passage | None:
    standing = later.with_lines([_standing(line) for line in later.lines])
    olds, news = _units(earlier, earlier), _units(standing, later)
    if olds is None or news is None:
        return None
    lines = _over(olds, news)
    if lines is None or parse(lines.text).tree is None:
        return None
    return None if any(map(is_elision, lines.lines)) else lines


def _standing(line: str) -> str:
    """A comment is no statement: where it is all of a body, something has to stand there."""
    return " " * indent(line) + "pass" if is_elision(line) else line


def _units(parsed: Passage, shown: Passage) -> list[_Unit] | None:
    tree = parse(parsed.text).tree
    return None if tree is None else list(_split(tree.body, shown, 0))


def _split(body: Iterable[ast.stmt], shown: Passage, start: int) -> Iterator[_Unit]:
    for node in body:
        last = node.end_lineno or node.lineno
        lines = shown.cut(start, last)
        start = last
        if is_elision(shown.lines[node.lineno - 1]):
            continue
        kept = _without_elisions(lines, node.col_offset)
        yield _Unit(_key(node), kept, node, any(map(is_elision, kept.lines)))


def _without_elisions(lines: Passage, column: int) -> Passage:
    """Take out what stands between two statements; what stands inside one is left to it."""
    kept = [
        index
        for index, line in enumerate(lines.lines)
        if indent(line) > column or not is_elision(line)
    ]
    return Passage(
        tuple(lines.lines[index] for index in kept), tuple(lines.numbers[index] for index in kept)
    )


def _key(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return f"def {node.name}"
        case ast.Assign():
            return " = ".join(ast.unparse(target) for target in node.targets)
        case ast.AnnAssign():
            return ast.unparse(node.target)
        case ast.If() if "__name__" in ast.unparse(node.test):
            return "if __name__"
        case _:
            return ast.unparse(node)


def _over(olds: Sequence[_Unit], news: Sequence[_Unit]) -> Passage | None:
    """Put the new units over the old ones; None where their order or their names do not fit."""
    places = {old.key: place for place, old in enumerate(olds)}
    anchors = [places[new.key] for new in news if new.key in places]
    doubled = len(places) < len(olds) or len({new.key for new in news}) < len(news)
    if (
        doubled
        or anchors != sorted(anchors)
        or not any(_defines(n) and n.key in places for n in news)
    ):
        return None
    following: dict[int, list[_Unit]] = {}
    place = -1
    for new in news:
        place = places.get(new.key, place)
        following.setdefault(place, []).append(new)
    lines = _joined(Passage(), following.get(-1, []))
    for index, old in enumerate(olds):
        units = following.get(index, [])
        if not units or units[0].key != old.key:
            units = [old, *units]
        elif units[0].elided:
            inner = _inside(old, units[0])
            if inner is None:
                return None
            units = [replace(units[0], lines=inner), *units[1:]]
        lines = _joined(lines, units, spaced_as=old)
    return lines


def _joined(lines: Passage, units: Iterable[_Unit], spaced_as: _Unit | None = None) -> Passage:
    for unit in units:
        blank = _blank_lines((spaced_as or unit).lines)
        lines = lines + (blank if lines.lines else Passage()) + unit.lines.trimmed()
    return lines


def _blank_lines(passage: Passage) -> Passage:
    first = next((i for i, line in enumerate(passage.lines) if line.strip()), 0)
    return Passage(("",) * first, (0,) * first)


def _inside(old: _Unit, new: _Unit) -> Passage | None:
    """Fill a function whose whole body is left out, or the members a class leaves out."""
    if isinstance(new.node, ast.ClassDef) and isinstance(old.node, ast.ClassDef):
        return _class(old, new)
    body = [line for line in new.lines.trimmed().lines if line.strip()]
    says_nothing_else = all(
        is_elision(line) or indent(line) <= new.node.col_offset or line.strip() in ("pass", "...")
        for line in body
    )
    return old.lines if says_nothing_else else None


def _class(old: _Unit, new: _Unit) -> Passage | None:
    olds, news = _members(old), _members(new)
    if olds is None or news is None:
        return None
    if not news[1]:
        return old.lines
    inner = _over(olds[1], news[1])
    return None if inner is None else news[0] + inner


def _members(unit: _Unit) -> tuple[Passage, list[_Unit]] | None:
    """Return the lines of a class up to its first member, and its members."""
    shown = unit.lines.trimmed()
    margin = unit.node.col_offset
    standing = [_standing(line)[margin:] for line in shown.lines]
    tree = parse("".join(f"{line}\n" for line in standing)).tree
    if tree is None or not isinstance(tree.body[0], ast.ClassDef):
        return None
    node = tree.body[0]
    head = next(i for i, line in enumerate(standing, 1) if line.rstrip().endswith(":"))
    return shown.cut(0, head), list(_split(node.body, shown, head))


def _defines(unit: _Unit) -> bool:
    return isinstance(unit.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
