"""From one part of a reply to its stretches: fences, code outside them, and the words between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Command, Recovery, Span, split_lines
from validator.reading.dividing import divided
from validator.reading.elsewhere import read_elsewhere
from validator.reading.envelope import Envelope
from validator.reading.fenced import read_fence
from validator.reading.fences import find_fences
from validator.reading.grammar import parse
from validator.reading.mending import mend
from validator.reading.notebooks import Notebook, notebook_in
from validator.reading.passage import Passage, Stretch
from validator.reading.prose import read_prose

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    @property
    def begins_inside(self) -> bool:
        """True before the first block, where the part before broke off in a long string.

        That block begins with words, and what looks like a prompt or a sentence in them is one.
        """
        if self.after is None or self.stretches:
            return False
        return "triple-quoted" in parse(self.after.passage.text).reason

    def add(self, stretch: Stretch) -> None:
        """Take in a stretch, with the damage to it undone, as the files that it holds."""
        if self.begins_inside:
            self.stretches.append(stretch)
            return
        mended, recoveries = mend(stretch)
        self.stretches.extend(divided(mended))
        self.recoveries.extend(recoveries)

    def take_notebook(self, notebook: Notebook, told: Passage) -> None:
        """Take in the code of a notebook, which is told as JSON."""
        self.recoveries.append(Recovery("notebook", told.span, told.text, notebook.code.text))
        self.recoveries.extend(notebook.recoveries)
        self.commands.extend(notebook.commands)
        self.add(Stretch(BlockKind.PYTHON, notebook.code, self.index, label="python"))

    def numbered(self, passage: Passage) -> Passage:
        """Return lines that are numbered by their index in the part as lines of the reply."""
        return Passage(passage.lines, tuple(self.first + index for index in passage.numbers))


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
    whole = found.numbered(Passage(tuple(lines), tuple(range(len(lines)))))
    if (notebook := notebook_in(whole)) is not None:
        found.take_notebook(notebook, whole)
        return found
    position = 0
    lead: tuple[str, ...] = ()
    for fence in find_fences(lines):
        lead = read_prose(found, lines, position, fence.opened, lead)
        read_fence(found, fence, lines, lead)
        lead = ()
        position = fence.after
    read_prose(found, lines, position, len(lines), lead)
    if not any(stretch.kind is BlockKind.PYTHON for stretch in found.stretches):
        read_elsewhere(found, lines)
    if drafts:
        found.stretches[:] = [
            replace(each, draft=True) for each in found.stretches if _is_finished(each)
        ]
    return found


def _is_finished(stretch: Stretch) -> bool:
    """Tell a draft from the code that somebody mentions while they think."""
    fenced = stretch.kind is BlockKind.PYTHON and stretch.fenced and stretch.closed
    return fenced and parse(stretch.passage.text).tree is not None
