"""From related blocks to the files of a program and the one that starts it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import ASKED_FOR, BlockKind, Confidence, Recovery, Role, SourceFile, Span
from validator.reading.deciding import NOT_SHOWN, Placed
from validator.reading.elisions import elided, filled
from validator.reading.endings import never_returns
from validator.reading.gist import acts
from validator.reading.grammar import names_of, parse
from validator.reading.mending import guarded
from validator.reading.passage import Passage
from validator.reading.paths import safe_path
from validator.reading.relating import LEAVES_OUT, Choice, chosen, relate
from validator.reading.trees import paths_in_trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from validator.facts import Command
    from validator.reading.passage import Stretch

DEFAULT_NAME = "main.py"
_RUN = re.compile(r"(?:python[\d.]*|py)\s+(?:-[\w]\s+)*(?P<name>(?:\./)?[\w./\\-]+\.py)\b")
_STARTED_BY = re.compile(
    r"(?:streamlit|gradio|flask\s+--app|uvicorn|gunicorn|fastapi)\s+(?:run\s+|dev\s+)?(?P<name>[\w/-]+(?:\.py)?)"
)


@dataclass(frozen=True, slots=True)
class Written:
    """The files of the program, and what each block was taken for to make them."""

    files: tuple[SourceFile, ...]
    recoveries: tuple[Recovery, ...]
    placed: tuple[Placed, ...]


def write_files(
    stretches: Sequence[Stretch],
    commands: Sequence[Command],
    names: Sequence[str] = (),
    *,
    asked: Sequence[int] = (),
) -> Written:
    """Make the files of the program: named blocks each their own, unnamed ones one together.

    `names` are those the prose gives, for the one file that has none of its own. `asked` are the
    numbers of the blocks that the user says make the program; no other Python is taken then.
    """
    files: list[SourceFile] = []
    recoveries: list[Recovery] = []
    placed = [Placed(_as_change(each)) for each in stretches if each.applied is not None]
    if asked:
        stretches, refused = _asked_for(stretches, asked)
        placed.extend(refused)
    relation = _as_asked if asked else relate
    drawn = paths_in_trees(stretches)
    for name, group in _by_name(stretches).items():
        path = safe_path(drawn.get(name, name))
        if path != drawn.get(name, name):
            recoveries.append(Recovery("unsafe-path", group[0].passage.span, name, path))
        python = group[0].kind is BlockKind.PYTHON
        choices = relation(_filled(group, recoveries)) if python else _as_data(group)
        placed.extend(Placed(choice, path) for choice in choices)
        files.append(_file(path, _program(choices, recoveries), recoveries))
    unnamed = [s for s in stretches if s.name is None and s.kind is BlockKind.PYTHON]
    if unnamed and not any(file.path.endswith(".py") for file in files):
        said = [name for name in names if name.endswith(".py")]
        path = safe_path(_named_in_commands(commands) or (said[0] if said else DEFAULT_NAME))
        choices = relation(_filled(unnamed, recoveries))
        placed.extend(Placed(choice, path) for choice in choices)
        files.append(_file(path, _program(choices, recoveries), recoveries))
    return Written(
        tuple(_unique(file for file in files if file.text)), tuple(recoveries), tuple(placed)
    )


def find_entry_point(files: Sequence[SourceFile], commands: Sequence[Command]) -> str | None:
    """Return the path of the file that starts the program; None where no file is Python."""
    paths = [file.path for file in files if file.path.endswith((".py", ".pyw"))]
    if len(paths) < 2:
        return paths[0] if paths else None
    for command in commands:
        match = _RUN.search(command.text) or _STARTED_BY.search(command.text)
        if match is not None and (path := _among(match["name"], paths)) is not None:
            return path
    python = [file for file in files if file.path.endswith((".py", ".pyw"))]
    starts = dict.fromkeys(file.path for file in python if _has_guard(file))
    acts = [file.path for file in python if _acts(file)]
    usual = [path for path in paths if path.rpartition("/")[2] in ("main.py", "app.py")]
    likely = usual or [*starts] or acts or paths
    return next((path for path in likely if path in starts), likely[-1])


# ── what the user asked for ──────────────────────────────────────────────────────────────────────


def _asked_for(
    stretches: Sequence[Stretch], asked: Sequence[int]
) -> tuple[list[Stretch], list[Placed]]:
    """Return the stretches without the Python nobody asked for, and what was said of that."""
    wanted = {number - 1 for number in asked}
    kept: list[Stretch] = []
    refused: list[Placed] = []
    for stretch in stretches:
        if wanted & set(stretch.pieces):
            kept.append(replace(stretch, kind=BlockKind.PYTHON))
        elif stretch.kind is BlockKind.PYTHON:
            refused.append(Placed(Choice(stretch, Role.ASIDE, "another block was asked for")))
        else:
            kept.append(stretch)
    return kept, refused


def _as_asked(stretches: Sequence[Stretch]) -> list[Choice]:
    return [
        Choice(stretch, Role.STEP if place else Role.PROGRAM, ASKED_FOR, Confidence.CERTAIN)
        for place, stretch in enumerate(stretches)
    ]


def _as_data(stretches: Sequence[Stretch]) -> list[Choice]:
    *earlier, last = stretches
    replaced = [Choice(each, Role.SUPERSEDED, "a later block has its name") for each in earlier]
    return [*replaced, Choice(last, Role.DATA, "the reply names it", Confidence.CERTAIN)]


def _as_change(stretch: Stretch) -> Choice:
    if stretch.applied:
        return Choice(stretch, Role.ASIDE, "the code before it was changed as it says")
    return Choice(stretch, Role.FRAGMENT, NOT_SHOWN)


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def _by_name(stretches: Iterable[Stretch]) -> dict[str, list[Stretch]]:
    named: dict[str, list[Stretch]] = {}
    for stretch in stretches:
        if stretch.name is not None and stretch.kind in (BlockKind.PYTHON, BlockKind.OTHER):
            named.setdefault(stretch.name, []).append(stretch)
    return named


def _named_in_commands(commands: Iterable[Command]) -> str | None:
    found = (_RUN.search(command.text) for command in commands)
    return next((match["name"].removeprefix("./") for match in found if match is not None), None)


def _among(name: str, paths: Sequence[str]) -> str | None:
    wanted = safe_path(name.removeprefix("./"))
    if not wanted.endswith(".py"):
        wanted += ".py"
    return next((path for path in paths if path == wanted or path.endswith("/" + wanted)), None)


def _unique(files: Iterable[SourceFile]) -> list[SourceFile]:
    """Keep the last file of each path: a name said in two ways may become the same safe path."""
    kept: dict[str, SourceFile] = {}
    for file in files:
        kept[file.path] = file
    return list(kept.values())


# ── texts ────────────────────────────────────────────────────────────────────────────────────────


def _filled(group: Sequence[Stretch], recoveries: list[Recovery]) -> list[Stretch]:
    stretches, merged = filled(group)
    recoveries.extend(merged)
    return stretches


def _program(choices: Sequence[Choice], recoveries: list[Recovery]) -> Passage:
    if choices[-1].role is Role.DATA:
        return choices[-1].stretch.passage
    for choice in choices:
        if choice.reason == LEAVES_OUT:
            recoveries.extend(elided(choice.stretch.passage))
    kept = chosen(choices)
    if len(kept) > 1:
        # A block that was changed holds lines of the change, which stand behind it.
        spans = [stretch.passage.span for stretch in kept]
        span = Span(min(span.first for span in spans), max(span.last for span in spans))
        recoveries.append(Recovery("split-program", span, f"{len(kept)} blocks", "one file"))
    recoveries.extend(_outside(kept))
    passages = [stretch.passage for stretch in kept]
    return _joined(_with_ends_last(passages, recoveries)).trimmed()


def _with_ends_last(passages: list[Passage], recoveries: list[Recovery]) -> list[Passage]:
    """Move the end of a block below the steps behind it, where it needs them or never returns."""
    trees = [parse(each.text).tree for each in passages]
    if len(passages) < 2 or any(tree is None for tree in trees):
        return passages
    names = [names_of(tree) for tree in trees if tree is not None]
    behind: set[str] = set()
    parted: list[tuple[Passage, Passage]] = []
    for passage, tree, given in zip(
        reversed(passages), reversed(trees), reversed(names), strict=True
    ):
        needs = bool(given.free & behind)
        parted.append(_parted(passage, tree, needs=needs) if tree else (passage, Passage()))
        behind |= given.defined
    last, *earlier = parted
    ends = [end for _, end in reversed(earlier) if end.lines]
    recoveries.extend(Recovery("moved-end", end.span, end.text, end.text) for end in ends)
    return [*(start for start, _ in reversed(earlier)), last[0], *ends, last[1]]


def _parted(passage: Passage, tree: ast.Module, *, needs: bool) -> tuple[Passage, Passage]:
    """Return what leads up to a last statement that never returns or acts too soon, and that."""
    if not tree.body or not (never_returns(tree) or (needs and acts(tree.body[-1]))):
        return passage, Passage()
    place = tree.body[-1].lineno - 1
    while place and passage.lines[place - 1].startswith("#"):
        place -= 1
    return passage.cut(0, place), passage.cut(place)


def _joined(passages: Iterable[Passage]) -> Passage:
    lines: list[str] = []
    numbers: list[int] = []
    for passage in passages:
        if lines and lines[-1].strip() and passage.lines:
            lines.append("")
            numbers.append(0)
        lines.extend(passage.lines)
        numbers.extend(passage.numbers)
    return Passage(tuple(lines), tuple(numbers))


def _outside(kept: Iterable[Stretch]) -> Iterator[Recovery]:
    for stretch in kept:
        if not stretch.fenced:
            text = stretch.passage.text
            yield Recovery("code-outside-block", stretch.passage.span, text, text)


def _file(path: str, passage: Passage, recoveries: list[Recovery]) -> SourceFile:
    if path.endswith((".py", ".pyw")):
        passage, put_back = guarded(passage)
        recoveries.extend(put_back)
    return SourceFile(path, passage.text, passage.numbers)


def _has_guard(file: SourceFile) -> bool:
    return (
        re.search(r"^if\s+_*name_*\s*==\s*['\"]_*main_*['\"]", file.text, re.MULTILINE) is not None
    )


def _acts(file: SourceFile) -> bool:
    tree = parse(file.text).tree
    return tree is not None and any(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) for node in tree.body
    )
