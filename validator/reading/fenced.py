"""What one fence of a part holds: code, changes to code, files written out, or another reply."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Recovery, Span
from validator.reading import vocabulary
from validator.reading.classify import (
    classify,
    is_only_prose,
    is_prose,
    is_python_label,
    label_word,
)
from validator.reading.commands import is_command
from validator.reading.fences import Fence, find_fences
from validator.reading.grammar import State, is_whole, parse
from validator.reading.heredocs import heredocs_in
from validator.reading.mending import mended
from validator.reading.notebooks import notebook_in
from validator.reading.passage import Passage, Stretch
from validator.reading.patches import apply, changes_in, name_in_patch, new_file
from validator.reading.paths import name_in_comment, name_in_info, name_in_lead
from validator.reading.prose import read_prose
from validator.reading.stitching import announces_rest
from validator.reading.undressing import undressed, without_magics
from validator.reading.unfenced import find_unfenced

if TYPE_CHECKING:
    from validator.reading.survey import Survey

_LEFT_OPEN = re.compile(r"unterminated|never closed|expected an indented block")
"""What the parser says of a text that was cut, and that no words in it are to blame for."""
_MAX_DEPTH = 8
"""Of replies fenced in replies."""
_MAX_CHANGES = 1_000
"""Asked for by one part; each is looked for in all the code before it."""


def read_fence(
    found: Survey, fence: Fence, lines: list[str], lead: tuple[str, ...], *, depth: int = 0
) -> None:
    """Add what a fence of a part holds to what is found in it; `lead` are the lines before it."""
    passage = found.numbered(fence.content)
    span = Span(found.first + fence.opened, found.first + fence.after - 1)
    if _is_stray(fence, found):
        found.recoveries.append(
            Recovery("unclosed-fence", Span(span.first, span.first), lines[fence.opened], "")
        )
        read_prose(found, lines, fence.opened + 1, fence.after, ())
        return
    if not fence.content.text.strip():
        if not fence.closed:
            found.left_open = span.first
            found.recoveries.append(Recovery("unclosed-fence", span, lines[fence.opened], ""))
        return
    if (notebook := notebook_in(passage)) is not None:
        found.take_notebook(notebook, passage)
        return
    if _patched(found, fence, passage, lead) or _written_out(found, fence, passage, lead):
        return
    if not found.begins_inside:
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
    found.add(stretch)


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
        name = name_in_info(fence.info) or name_in_patch(passage) or name_in_lead(lead)
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


def _written_out(found: Survey, fence: Fence, passage: Passage, lead: tuple[str, ...]) -> bool:
    """Take the files out that a block of shell commands writes, and leave it the rest."""
    word = label_word(fence.info)
    if word and word not in vocabulary.SHELL_LABELS:
        return False
    texts = tuple(heredocs_in(passage)) if "<<" in passage.text else ()
    inside = {index for text in texts for index in range(text.start, text.stop)}
    rest = passage.picked([index for index in range(len(passage)) if index not in inside])
    opened = "\n".join(passage.lines[text.start].partition("<<")[0] for text in texts)
    if not texts or not (word or is_command(f"{opened}\n{rest.text}")):
        return False
    last = fence.after > found.filled.last
    stretch = Stretch(
        BlockKind.SHELL,
        rest,
        found.index,
        label=fence.info,
        closed=fence.closed,
        opened=found.first + fence.opened,
        lead=lead,
    )
    for text in texts:
        found.add(
            replace(
                stretch,
                kind=classify("", text.text.text, name=text.name),
                passage=text.text,
                closed=text.closed or fence.closed,
                name=text.name,
                ends_part=last and not text.closed,
            )
        )
    if rest.text.strip():
        found.add(replace(stretch, ends_part=last and texts[-1].closed))
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
        read_fence(
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


def _takes_up(found: Survey, fence: Fence, lead: tuple[str, ...]) -> bool:
    """Return True where a first block only makes sense as the rest of one that was left open."""
    if found.after is None or found.stretches:
        return False
    if found.begins_inside:
        return is_python_label(fence.info) or not fence.info
    text = fence.content.text
    announced = not any(map(str.strip, lead)) or any(map(announces_rest, lead))
    return (
        not fence.info
        and announced
        and parse(text).tree is None
        and classify("", text) is BlockKind.OTHER
    )


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
