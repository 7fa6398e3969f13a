"""From one part of a reply to its stretches: fences, code outside them, and the words between."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Command, Recovery, Span, split_lines
from validator.reading.calls import calls_in
from validator.reading.classify import (
    classify,
    is_one_line_program,
    is_only_prose,
    is_prose,
    is_python_label,
    label_word,
)
from validator.reading.dividing import divided
from validator.reading.envelope import Envelope
from validator.reading.fences import Fence, find_fences
from validator.reading.flattened import unfolded
from validator.reading.grammar import State, is_whole, parse
from validator.reading.mending import mend, mended, straightened
from validator.reading.passage import Passage, Stretch
from validator.reading.patches import apply, changes_in, new_file
from validator.reading.paths import name_in_comment, name_in_info, name_in_lead, name_in_prose
from validator.reading.requirements import commands_in_prose
from validator.reading.stitching import announces_rest
from validator.reading.undressing import undressed, without_magics
from validator.reading.unfenced import find_unfenced

if TYPE_CHECKING:
    from collections.abc import Sequence

_INLINE = re.compile(r"(?P<ticks>`{1,3})(?P<code>[^`]{8,})(?P=ticks)")
_LEFT_OPEN = re.compile(r"unterminated|never closed|expected an indented block")
"""What the parser says of a text that was cut, and that no words in it are to blame for."""
_MAX_DEPTH = 8
"""Of replies fenced in replies."""
_MAX_CHANGES = 1_000
"""Asked for by one part; each is looked for in all the code before it."""


@dataclass(slots=True)
class Survey:
    """What one part of a reply holds."""

    index: int
    first: int
    """The line of the reply the part begins at."""
    lines: list[str]
    earlier: Sequence[Survey] = ()
    after: Stretch | None = None
    """The block the part before it left open."""
    stretches: list[Stretch] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    """Shown in prose, as inline code."""
    names: list[str] = field(default_factory=list)
    """File names the prose says the program is to be saved as."""
    thinking: bool = False
    """True where it ends in a thought that never ends."""
    never_answered: bool = False
    """True where it is one thought that never comes to an end."""
    said_end: bool = False
    """True where the model's own token for the end of its turn is the last of it."""
    changes: int = 0
    """How many changes to code it asks for."""
    left_open: int = 0
    """The line of a fence that opens at the very end and holds nothing; 0 where none does."""
    filled: Span = field(default_factory=lambda: Span(0, -1))
    """0-based indices of the first and the last line that is not blank."""


def survey(
    text: str,
    index: int,
    first: int,
    earlier: Sequence[Survey] = (),
    after: Stretch | None = None,
    *,
    drafts: bool = False,
) -> Survey:
    """Find the stretches of one part, whose first line is line `first` of the whole reply.

    `earlier` are the surveys of the parts before it; what the part asks to have changed in their
    code is changed there. `after` is the block the part before it left open, which its first block
    may take up. With `drafts`, the code of a thought that never ends counts.
    """
    found = Survey(index, first, split_lines(text), earlier, after)
    envelope = Envelope(found.lines, first, drafts=drafts)
    lines = envelope.lines
    found.recoveries.extend(envelope.recoveries)
    found.thinking = envelope.thinking
    found.never_answered = envelope.never_answered
    found.said_end = envelope.said_end
    filled = [index for index, line in enumerate(lines) if line.strip()]
    found.filled = Span(filled[0], filled[-1]) if filled else Span(0, -1)
    position = 0
    lead: tuple[str, ...] = ()
    for fence in find_fences(lines):
        lead = _prose(found, lines, position, fence.opened, lead)
        _fenced(found, fence, lines, lead)
        lead = ()
        position = fence.after
    _prose(found, lines, position, len(lines), lead)
    if not any(stretch.kind is BlockKind.PYTHON for stretch in found.stretches):
        _called(found, lines)
        _inline(found, lines)
    if drafts:
        found.stretches[:] = [
            replace(each, draft=True) for each in found.stretches if _is_finished(each)
        ]
    return found


def _is_finished(stretch: Stretch) -> bool:
    """Tell a draft from the code that somebody mentions while they think."""
    fenced = stretch.kind is BlockKind.PYTHON and stretch.fenced and stretch.closed
    return fenced and parse(stretch.passage.text).tree is not None


# ── fences ───────────────────────────────────────────────────────────────────────────────────────


def _fenced(
    found: Survey, fence: Fence, lines: list[str], lead: tuple[str, ...], *, depth: int = 0
) -> None:
    passage = _numbered(fence.content, found.first)
    span = Span(found.first + fence.opened, found.first + fence.after - 1)
    if _is_stray(fence, found):
        found.recoveries.append(
            Recovery("unclosed-fence", Span(span.first, span.first), lines[fence.opened], "")
        )
        _prose(found, lines, fence.opened + 1, fence.after, ())
        return
    if not fence.content.text.strip():
        if not fence.closed:
            found.left_open = span.first
            found.recoveries.append(Recovery("unclosed-fence", span, lines[fence.opened], ""))
        return
    if _patched(found, fence, passage, lead):
        return
    if not _begins_inside(found):
        passage, dress = undressed(passage)
        found.recoveries.extend(dress)
    lead = (*lead, fence.lead)[-3:] if fence.lead else lead
    name = _name_of(fence, passage, lead)
    told = depth < _MAX_DEPTH and label_word(fence.info) in ("markdown", "md")
    if name is None and told:
        _inside_markdown(found, fence, lines, lead, depth)
    if _takes_up(found, fence, lead):
        kind = BlockKind.PYTHON
    else:
        kind, passage = _told_apart(found, fence, passage, name)
    _say_ends(found, fence, kind, lines)
    stretch = Stretch(
        kind,
        passage,
        found.index,
        label=fence.info,
        closed=fence.closed,
        opened=span.first,
        lead=lead,
        name=name,
        ends_part=fence.after > found.filled.last,
        starts_part=fence.opened <= found.filled.first,
    )
    _add(found, stretch)


def _name_of(fence: Fence, passage: Passage, lead: tuple[str, ...]) -> str | None:
    name = name_in_info(fence.info) or name_in_lead(lead)
    return name_in_comment(passage.lines[0]) if name is None and passage.lines else name


def _say_ends(found: Survey, fence: Fence, kind: BlockKind, lines: list[str]) -> None:
    """Record an end that is missing, and one that stands elsewhere than it should."""
    span = Span(found.first + fence.opened, found.first + fence.after - 1)
    if not fence.closed and kind is BlockKind.PYTHON:
        found.recoveries.append(Recovery("unclosed-fence", span, lines[fence.opened], ""))
    if fence.mended:
        before = lines[fence.after - 1]
        last = Span(span.last, span.last)
        found.recoveries.append(Recovery("mangled-markup", last, before, ""))


def _patched(found: Survey, fence: Fence, passage: Passage, lead: tuple[str, ...]) -> bool:
    """Apply a diff to the code before it; one that fits nothing there is an aside of its own."""
    changes = changes_in(passage, label_word(fence.info))
    if not changes:
        return False
    surveys = [*found.earlier, found]
    found.changes += len(changes)
    made = None
    if found.changes <= _MAX_CHANGES:
        made = apply(changes, [stretch for each in surveys for stretch in each.stretches], passage)
    added = new_file(changes)
    kind, name = BlockKind.OTHER, None
    if made is not None:
        changed = iter(made[0])
        for each in surveys:
            each.stretches[:] = islice(changed, len(each.stretches))
        found.recoveries.append(made[1])
    elif added is not None:
        name = name_in_info(fence.info) or name_in_lead(lead)
        kind = classify("", added.text, name=name)
        passage = added
    applied = made is not None if kind is BlockKind.OTHER else None
    stretch = Stretch(kind, passage, found.index, label=fence.info, closed=fence.closed, name=name)
    found.stretches.append(
        replace(
            stretch,
            opened=found.first + fence.opened,
            lead=lead,
            ends_part=False,
            applied=applied,
        )
    )
    return True


def _told_apart(
    found: Survey, fence: Fence, passage: Passage, name: str | None
) -> tuple[BlockKind, Passage]:
    """Decide what a fence holds, and take out of it what is not that."""
    text = passage.dedented().text
    kind = classify(fence.info, text, name=name)
    labelled = is_python_label(fence.info)
    answer = parse(text)
    whole = answer.tree is not None or _LEFT_OPEN.search(answer.reason) is not None
    if not whole and (labelled or not fence.info):
        whole = is_whole(mended(passage.dedented())[0].text)
        kind = BlockKind.PYTHON if whole else kind
    if kind is BlockKind.PYTHON and not whole:
        passage, magics, commands = without_magics(passage)
        found.recoveries.extend(magics)
        found.commands.extend(commands)
        passage = _without_prose(found, passage)
    if kind is BlockKind.OTHER and labelled and is_prose(passage.text):
        found.recoveries.append(Recovery("prose-in-block", passage.span, passage.text, ""))
    return kind, passage


def _inside_markdown(
    found: Survey, fence: Fence, lines: list[str], lead: tuple[str, ...], depth: int
) -> None:
    """Read the fences of a reply that is fenced as a whole."""
    places = fence.content.numbers
    for inner in find_fences(fence.content.lines):
        content = inner.content
        numbers = tuple(places[index] for index in content.numbers)
        after = places[inner.after - 1] + 1
        moved = Passage(content.lines, numbers)
        _fenced(
            found,
            replace(inner, opened=places[inner.opened], after=after, content=moved),
            lines,
            lead,
            depth=depth + 1,
        )


def _without_prose(found: Survey, passage: Passage) -> Passage:
    """Take sentences off the beginning or the end of a block that they keep from parsing."""
    if parse(passage.dedented().text).tree is not None:
        return passage
    runs = list(find_unfenced(passage))
    if len(runs) != 1 or parse(runs[0].text).state is not State.WHOLE:
        return passage
    inside = range(runs[0].numbers[0], runs[0].numbers[-1] + 1)
    head = [i for i, number in enumerate(passage.numbers) if number < inside.start]
    tail = [i for i, number in enumerate(passage.numbers) if number >= inside.stop]
    around = [passage.cut(part[0], part[-1] + 1) for part in (head, tail) if part]
    filled = [part for part in around if part.text.strip()]
    if not filled or not all(is_only_prose(part.text) for part in filled):
        return passage
    if head and found.after is not None and not found.stretches and passage.lines[head[-1]].strip():
        return passage  # what stands right before the code is the end of a line that was cut
    found.recoveries.extend(
        Recovery("prose-in-block", part.trimmed().span, part.trimmed().text, "") for part in filled
    )
    return passage.cut(len(head), len(passage) - len(tail))


def _begins_inside(found: Survey) -> bool:
    """Return True of the first block of a part, where the part before broke off in a long string.

    It begins with words, and what looks like a prompt or a sentence in them is one.
    """
    if found.after is None or found.stretches:
        return False
    return "triple-quoted" in parse(found.after.passage.text).reason


def _takes_up(found: Survey, fence: Fence, lead: tuple[str, ...]) -> bool:
    """Return True where a first block only makes sense as the rest of one that was left open."""
    if found.after is None or found.stretches:
        return False
    if _begins_inside(found):
        return is_python_label(fence.info) or not fence.info
    text = fence.content.text
    announced = not any(map(str.strip, lead)) or any(map(announces_rest, lead))
    return (
        not fence.info
        and announced
        and parse(text).tree is None
        and classify("", text) is BlockKind.OTHER
    )


def _add(found: Survey, stretch: Stretch) -> None:
    if _begins_inside(found):
        found.stretches.append(stretch)
        return
    mended, recoveries = mend(stretch)
    found.stretches.extend(divided(mended))
    found.recoveries.extend(recoveries)


def _is_stray(fence: Fence, found: Survey) -> bool:
    """Tell a closing fence that lost its opening: no label, code before it and none behind."""
    if fence.closed or fence.info:
        return False
    text = fence.content.text
    return not text.strip() or (
        parse(text).state is not State.WHOLE
        and classify("", text) is BlockKind.OTHER
        and bool(found.stretches)
        and not found.stretches[-1].fenced
    )


# ── prose ────────────────────────────────────────────────────────────────────────────────────────


def _prose(
    found: Survey, lines: list[str], start: int, stop: int, lead: tuple[str, ...]
) -> tuple[str, ...]:
    """Look for code and commands in `lines[start:stop]`; return its last filled lines."""
    if not any(map(str.strip, lines[start:stop])):
        return lead
    region = Passage(
        tuple(lines[start:stop]), tuple(range(found.first + start, found.first + stop))
    )
    for line, number in zip(region.lines, region.numbers, strict=True):
        if "install" in line or "`" in line:
            found.commands.extend(commands_in_prose(line, number))
        if ".py" in line and (name := name_in_prose(line)) is not None:
            found.names.append(name)
    open_lines = straightened(unfolded(region))
    last = stop > found.filled.last
    final = open_lines.trimmed().numbers[-1:] if last else ()
    for run in find_unfenced(open_lines, last=last):
        ends = run.numbers[-1:] == final
        before = [
            line
            for line in lines[
                max(start, run.numbers[0] - found.first - 6) : run.numbers[0] - found.first
            ]
            if line.strip()
        ]
        stretch = Stretch(
            BlockKind.PYTHON,
            run,
            found.index,
            fenced=False,
            closed=not ends,
            lead=tuple(before[-3:]),
            name=name_in_comment(run.lines[0]),
            ends_part=ends,
            starts_part=run.numbers[0] - found.first <= found.filled.first,
        )
        _add(found, stretch)
    filled = [line for line in lines[max(start, stop - 8) : stop] if line.strip()]
    return (*lead, *filled)[-3:]


def _called(found: Survey, lines: list[str]) -> None:
    """Take the code out of calls of tools, where a part has no other."""
    whole = _numbered(Passage(tuple(lines), tuple(range(len(lines)))), found.first)
    for call in calls_in(whole):
        inside = {*whole.cut(call.start, call.stop).numbers}
        found.stretches[:] = [
            each for each in found.stretches if not inside.intersection(each.passage.numbers)
        ]
        found.stretches.append(
            Stretch(BlockKind.PYTHON, call.code, found.index, label="python", name=call.name)
        )
        found.recoveries.append(call.recovery)
    found.stretches.sort(key=lambda stretch: stretch.passage.span)


def _inline(found: Survey, lines: list[str]) -> None:
    """Take one-line programs in backticks, where a part has no other code."""
    inside = {index for stretch in found.stretches for index in stretch.passage.numbers}
    for index, line in enumerate(lines):
        number = found.first + index
        if "`" not in line or number in inside:
            continue
        for match in _INLINE.finditer(line):
            text = match["code"].strip()
            if is_one_line_program(text):
                passage = Passage((text,), (number,))
                found.stretches.append(
                    Stretch(BlockKind.PYTHON, passage, found.index, fenced=False)
                )


def _numbered(passage: Passage, first: int) -> Passage:
    return Passage(passage.lines, tuple(first + index for index in passage.numbers))
