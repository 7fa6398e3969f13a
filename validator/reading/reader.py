"""The stages of reading in order: survey, stitch, mend, relate, write."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from validator.errors import UsageError
from validator.facts import Block, BlockKind, Recovery, Span, Submission
from validator.reading.commands import commands_in, commands_in_dockerfile, is_dockerfile
from validator.reading.deciding import decide
from validator.reading.elisions import find_elisions
from validator.reading.escaping import unescaped
from validator.reading.files import find_entry_point, write_files
from validator.reading.grammar import trees_kept_aside
from validator.reading.installing import requirements_of
from validator.reading.passage import Passage
from validator.reading.remarks import installs_in_remarks
from validator.reading.requirements import requirements_in
from validator.reading.stitching import in_open_fence, is_open, stitch
from validator.reading.survey import survey
from validator.reading.truncation import find_truncation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from validator.facts import Command, Reply, RequirementLine, RequirementSource
    from validator.reading.passage import Stretch
    from validator.reading.survey import Survey


MAX_ALTERNATIVES = 20


def read(reply: Reply, *, blocks: Sequence[int] = ()) -> Submission:
    """Find the program in a reply: its files, requirements, commands, and what had to be undone.

    `blocks` are the numbers, 1-based over all blocks of the reply, of those that make the program;
    without them it is decided which do, and the decision is part of the answer. Any text is
    readable: where there is no code, `files` is empty and `entry_point` None. Time is linear in the
    length of the reply.

    Raises:
        UsageError: the reply has no block of such a number.
    """
    with trees_kept_aside():
        return _read(reply, blocks)


def read_alternatives(reply: Reply) -> tuple[Submission, ...]:
    """Read the program of a reply, and then each of its first alternatives as a program itself.

    At most 20 alternatives: a reply that tells its program in more ways was not written for anyone.
    """
    first = read(reply)
    others = first.decision.alternatives if first.decision is not None else ()
    return (first, *(read(reply, blocks=(number,)) for number in others[:MAX_ALTERNATIVES]))


def _read(reply: Reply, asked: Sequence[int]) -> Submission:
    surveys = _with_drafts(reply, _surveys(reply))
    blocks = tuple(_block(stretch) for found in surveys for stretch in found.stretches)
    _refuse_numbers(asked, len(blocks))
    numbered = _numbered(surveys)
    stitched = stitch(numbered)
    joined = {stretch.pieces[-1]: stretch for stretch in stitched.stretches}
    commands = _commands(stitched.stretches, surveys)
    names = [name for found in surveys for name in found.names]
    written = write_files(stitched.stretches, commands, names, asked=asked)
    files = written.files
    breaks = (
        find_truncation(
            part,
            first,
            found,
            joined.get(own[-1].pieces[-1]) if own else None,
            continued=found.index in stitched.continued,
        )
        for part, first, found, own in zip(
            reply.parts, reply.first_lines, surveys, numbered, strict=True
        )
    )
    last = len(reply.lines)
    truncations = tuple(
        # A text that was escaped has more lines than the reply.
        replace(each, span=Span(min(each.span.first, last), min(each.span.last, last)))
        for each in breaks
        if each is not None
    )
    return Submission(
        reply,
        files=files,
        requirements=_requirements(stitched.stretches, commands),
        commands=tuple(commands),
        recoveries=_in_order(
            reply,
            (recovery for found in surveys for recovery in found.recoveries),
            stitched.recoveries,
            written.recoveries,
            (elision for file in files for elision in find_elisions(file)),
        ),
        entry_point=find_entry_point(files, commands),
        blocks=blocks,
        truncations=truncations,
        decision=decide(blocks, written.placed, files, truncations, asked=asked),
    )


def _surveys(reply: Reply) -> list[Survey]:
    """Look at each part; one that takes up an open fence as plain text is read as inside it."""
    surveys: list[Survey] = []
    for index, (part, first) in enumerate(zip(reply.parts, reply.first_lines, strict=True)):
        if (plain := unescaped(part.text)) is not None:
            surveys.append(_on_one_line(survey(plain, index, first, surveys), part.text, plain))
            continue
        before = surveys[-1].stretches[-1] if surveys and surveys[-1].stretches else None
        before = before if before is not None and is_open(before) else None
        opened = in_open_fence(part.text) if before is not None else None
        if opened is None:
            surveys.append(survey(part.text, index, first, surveys, before))
            continue
        text, added = opened  # the fence it goes on in opens on the line before the part
        found = survey(text, index, first - added, surveys, before)
        found.recoveries = [_within(recovery, first) for recovery in found.recoveries]
        surveys.append(found)
    return surveys


def _on_one_line(found: Survey, text: str, plain: str) -> Survey:
    """Put all that was found in a text that was escaped where the line with it stands."""
    number = found.first + text[: len(text) - len(text.lstrip())].count("\n")
    line = Span(number, number)
    found.stretches = [
        replace(
            each,
            passage=Passage(each.passage.lines, (number,) * len(each.passage)),
            opened=number if each.opened else 0,
        )
        for each in found.stretches
    ]
    found.recoveries = [
        Recovery("escaped-lines", line, text.strip(), plain),
        *(replace(each, span=line) for each in found.recoveries),
    ]
    found.commands = [replace(each, span=line) for each in found.commands]
    found.left_open = number if found.left_open else 0
    return found


def _with_drafts(reply: Reply, surveys: list[Survey]) -> list[Survey]:
    """Look into thoughts that never end, where the reply has no other code."""
    if any(each.kind is BlockKind.PYTHON for found in surveys for each in found.stretches):
        return surveys
    drafts = [
        survey(part.text, found.index, found.first, drafts=True) if found.thinking else found
        for part, found in zip(reply.parts, surveys, strict=True)
    ]
    return [new if new.stretches else old for new, old in zip(drafts, surveys, strict=True)]


def _within(recovery: Recovery, first: int) -> Recovery:
    """Move what begins at the fence that is not there to the part's own first line."""
    span = recovery.span
    return replace(recovery, span=Span(max(span.first, first), max(span.last, first)))


def _refuse_numbers(asked: Sequence[int], number_of_blocks: int) -> None:
    for number in asked:
        if not 1 <= number <= number_of_blocks:
            has = f"blocks 1 to {number_of_blocks}" if number_of_blocks else "none"
            raise UsageError(f"there is no block {number}: the reply has {has}")


def _numbered(surveys: Sequence[Survey]) -> list[list[Stretch]]:
    """Give each stretch the index of its block, to be found by when it was joined to others."""
    indices = count()
    return [
        [replace(stretch, pieces=(next(indices),)) for stretch in found.stretches]
        for found in surveys
    ]


def _block(stretch: Stretch) -> Block:
    passage = stretch.passage
    return Block(stretch.kind, passage.span, passage.text, stretch.label, stretch.closed)


def _commands(stretches: Iterable[Stretch], surveys: Iterable[Survey]) -> list[Command]:
    shown = [
        command
        for stretch in stretches
        if stretch.kind is BlockKind.SHELL
        for command in commands_in(stretch.passage)
    ]
    shown.extend(
        command
        for stretch in stretches
        if stretch.kind is BlockKind.OTHER and is_dockerfile(stretch.label, stretch.name)
        for command in commands_in_dockerfile(stretch.passage)
        if any(requirements_of(command))
    )
    shown.extend(
        command
        for stretch in stretches
        if stretch.kind is BlockKind.PYTHON
        for command in installs_in_remarks(stretch.passage)
    )
    shown.extend(command for found in surveys for command in found.commands)
    return sorted(shown, key=lambda command: command.span)


def _requirements(
    stretches: Iterable[Stretch], commands: Sequence[Command]
) -> tuple[RequirementLine, ...]:
    stated = [
        line
        for stretch in stretches
        if stretch.kind is BlockKind.REQUIREMENTS
        for line in requirements_in(stretch.passage)
    ]
    stated.extend(line for command in commands for line in requirements_of(command))
    once: dict[tuple[str, RequirementSource], RequirementLine] = {}
    for line in sorted(stated, key=lambda line: line.span):
        once.setdefault((line.text.lower(), line.source), line)
    return tuple(once.values())


def _in_order(reply: Reply, *groups: Iterable[Recovery]) -> tuple[Recovery, ...]:
    found = [_as_it_stood(recovery, reply) for group in groups for recovery in group]
    return tuple(sorted(dict.fromkeys(found), key=lambda recovery: recovery.span))


def _as_it_stood(recovery: Recovery, reply: Reply) -> Recovery:
    """Show code found among prose as the reply has it, before its line ends were put back."""
    if recovery.kind != "code-outside-block":
        return recovery
    stood = reply.lines[recovery.span.first - 1 : recovery.span.last]
    return replace(recovery, before="".join(f"{line}\n" for line in stood))
