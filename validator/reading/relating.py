"""How the Python blocks of a reply are related: what each is to the program the others make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from validator.facts import Confidence, Role
from validator.reading.classify import substantial
from validator.reading.cues import Cue
from validator.reading.elisions import is_elision
from validator.reading.gist import Gist, Program, gists_of, lines_of
from validator.reading.stitching import goes_on_inside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from validator.reading.passage import Stretch

_MAX_NAME = 40
_MAX_COMPARED = 1_000
"""Characters of a name looked at for the name of what it is a variant of."""
_SAID_ALREADY = "every line of it is in the program already"


LEAVES_OUT = "it changes the program, and leaves out what cannot be filled in"
_PART = (Role.PROGRAM, Role.STEP, Role.VERSION)
"""What the program is made of."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A block, what it was taken for, why, and how sure that is."""

    stretch: Stretch
    role: Role
    reason: str
    confidence: Confidence = Confidence.LIKELY


def relate(stretches: Sequence[Stretch]) -> list[Choice]:
    """Decide for each of some blocks, in the reply's order, what it is to the program.

    The program is the last VERSION, or else the PROGRAM, and every STEP behind it.
    """
    if len(stretches) == 1:
        only = "the only code of the reply"
        return [Choice(stretches[0], Role.PROGRAM, only, Confidence.CERTAIN)]
    gists = gists_of(stretches)
    wanted = frozenset().union(*(gist.names.free for gist in gists))
    program = Program(wanted)
    choices: list[Choice] = []
    begun = 0
    for stretch, gist in zip(stretches, gists, strict=True):
        said_already = lines_of(stretch) <= program.lines and not stretch.filled
        if said_already and not Cue.of(stretch).complete:
            choices.append(Choice(stretch, Role.DUPLICATE, _SAID_ALREADY))
            continue
        taken = _role(program, stretch, gist)
        if taken.role is Role.VERSION:
            choices[begun:] = map(_overtaken, choices[begun:])
            begun = len(choices)
            program = Program(wanted)
        if taken.role in _PART:
            program.take(stretch, gist)
        choices.append(Choice(stretch, *taken))
    return choices


def chosen(choices: Sequence[Choice]) -> list[Stretch]:
    """Return the blocks that make the program, in order."""
    kept: list[Stretch] = []
    for choice in choices:
        if choice.role is Role.VERSION:
            kept = []
        if choice.role in _PART:
            kept.append(choice.stretch)
    return kept


def _overtaken(choice: Choice) -> Choice:
    if choice.role not in _PART:
        return choice
    return replace(choice, role=Role.SUPERSEDED, reason="a later block says it again, complete")


# ── the decision ─────────────────────────────────────────────────────────────────────────────────


class _Taken(NamedTuple):
    """What a block is taken for, and why."""

    role: Role
    reason: str
    confidence: Confidence = Confidence.LIKELY


def _role(program: Program, stretch: Stretch, gist: Gist) -> _Taken:
    if not program.stretches:
        return _Taken(Role.PROGRAM, "the first code of the reply")
    again = _said_again(program, stretch, gist)
    if gist.lines <= program.lines and (again is None or again.role is not Role.VERSION):
        return _Taken(Role.DUPLICATE, _SAID_ALREADY)
    if again is not None:
        return again
    if _replaces_fragment(program, gist):
        return _Taken(Role.VERSION, "what came before is a piece of code that cannot stand alone")
    if gist.answer.tree is None:
        return _unparsed(program, stretch, gist)
    return (
        _on_its_own(program, gist)
        or _usage(program, stretch, gist)
        or _beside(program, stretch, gist)
        or _step(program, stretch, gist)
    )


def _on_its_own(program: Program, gist: Gist) -> _Taken | None:
    """Tell a program of its own, and a piece of one that is not shown."""
    if gist.guarded and program.guarded:
        return _Taken(Role.ALTERNATIVE, "it starts on its own, as the program does")
    missing = gist.names.free - program.bound
    belongs = gist.names.defined and gist.names.free & program.bound
    if missing and program.closed and not belongs:
        return _Taken(Role.FRAGMENT, f"nothing gives it {quoted(missing)}")
    return None


def _beside(program: Program, stretch: Stretch, gist: Gist) -> _Taken | None:
    """Tell what a program that is complete can do without."""
    if not program.closed or gist.names.defined & program.wanted:
        return None
    if program.endless is not None and not _is_wanted(program, stretch, gist):
        behind = f"it stands behind {quoted({program.endless})}, which never returns"
        return _Taken(Role.FRAGMENT, behind)
    if not stretch.fenced and not gist.names.defined:
        return _Taken(Role.FRAGMENT, "a line of code among prose")
    if not gist.names.defined and program.acts and Cue.of(stretch).optional:
        return _Taken(Role.ALTERNATIVE, "it is offered as another way")
    if not gist.closed:
        return None
    if Cue.of(stretch).example and Cue.of(program.stretches[0]).example:
        return _Taken(Role.ALTERNATIVE, "it is an example of its own")
    return _another_form(program, stretch, gist)


def _is_wanted(program: Program, stretch: Stretch, gist: Gist) -> bool:
    """Tell a step that belongs above the program's end from an extension nobody has to make."""
    if stretch.name is not None:
        return True
    return not gist.names.free - program.bound and Cue.of(stretch).added


def _step(program: Program, stretch: Stretch, gist: Gist) -> _Taken:
    linked = gist.names.free & program.bound or program.free & gist.names.bound
    if linked:
        return _Taken(Role.STEP, f"it and the program both speak of {quoted(linked)}")
    said = Cue.of(stretch).step
    confidence = Confidence.LIKELY if said else Confidence.DOUBTFUL
    return _Taken(Role.STEP, "nothing in it speaks against going on with the program", confidence)


def _said_again(program: Program, stretch: Stretch, gist: Gist) -> _Taken | None:
    if stretch.filled:
        return _Taken(Role.VERSION, "it changes the program, and leaves out what stays")
    if _puts_right(program, stretch, gist):
        return _Taken(Role.VERSION, "it is shown as right, and what came before as wrong")
    shared = program.defined & gist.names.defined
    later_turn = stretch.part > program.stretches[-1].part
    if later_turn and shared and any(map(is_elision, stretch.passage.lines)):
        return _Taken(Role.VERSION, "a later turn changes the program, and leaves code out")
    if shared and not Cue.of(stretch).alternative and any(map(is_elision, stretch.passage.lines)):
        return _Taken(Role.FRAGMENT, LEAVES_OUT)
    if not program.defined and not gist.names.defined and gist.imports and program.imports:
        # Two scripts that begin anew and give the same names: the second does not go on.
        shared = program.given & gist.given if gist.closed else set()
    includes = len(program.lines & gist.lines) * 10 >= len(program.lines) * 7
    if not shared and not (includes and len(program.lines) > 1):
        return None
    cue = Cue.of(stretch)
    more = program.defined <= gist.names.defined
    if more and _is_better(program, stretch, gist, later_turn=later_turn):
        how = "in a later turn" if later_turn else "again"
        said = later_turn or cue.complete or not program.closed
        return _Taken(
            Role.VERSION,
            f"it says all of the program {how}, newer or fuller",
            Confidence.LIKELY if said else Confidence.DOUBTFUL,
        )
    fewest = min(len(program.defined or program.given), len(gist.names.defined or gist.given))
    if shared and len(shared) * 2 >= fewest:
        said = cue.alternative
        return _Taken(
            Role.ALTERNATIVE,
            f"it gives {quoted(shared)} again",
            Confidence.LIKELY if said else Confidence.DOUBTFUL,
        )
    return None


def _puts_right(program: Program, stretch: Stretch, gist: Gist) -> bool:
    first = program.stretches[0]
    alone = len(program.stretches) == 1 and first.part == stretch.part
    parses = gist.answer.tree is not None
    return alone and parses and Cue.of(stretch).rights(Cue.of(first))


def _another_form(program: Program, stretch: Stretch, gist: Gist) -> _Taken | None:
    """Tell a function offered as a variant of the program's from one that goes on with it.

    Neither needs the other, and the name or the words before it say what it is a variant of.
    """
    optional = Cue.of(stretch).optional
    if gist.acts and program.acts and optional:
        return _Taken(Role.ALTERNATIVE, "it is offered as another way")
    if not gist.names.defined or gist.acts or not program.defined:
        return None
    similar = {
        new[:end]
        for new in gist.names.defined
        for end, mark in enumerate(new[:_MAX_COMPARED])
        if mark == "_" and new[:end] in program.defined
    }
    if not similar and not optional:
        return None
    reason = f"it is offered as another form of {quoted(similar or {program.first_defined})}"
    return _Taken(Role.ALTERNATIVE, reason)


def _is_better(program: Program, stretch: Stretch, gist: Gist, *, later_turn: bool) -> bool:
    cue = Cue.of(stretch)
    if gist.answer.tree is None and program.whole:
        return False
    if later_turn or (gist.answer.tree is not None and not program.whole):
        return True
    grown = program.defined < gist.names.defined or (
        len(gist.lines) > len(program.lines) and program.lines <= gist.lines
    )
    if cue.alternative and not cue.complete:
        return False
    if program.stub or stretch.name is not None:
        return True
    return cue.complete or cue.change or grown or (gist.closed and not program.closed)


def _replaces_fragment(program: Program, gist: Gist) -> bool:
    example = not program.acts and not program.imports
    return (
        gist.closed
        and (example or not program.closed)
        and gist.answer.tree is not None
        and substantial(gist.answer.tree)
        and not program.defined
        and not program.bound & gist.names.free
        and len(gist.lines) > len(program.lines)
    )


def _unparsed(program: Program, stretch: Stretch, gist: Gist) -> _Taken:
    if goes_on_inside(program.stretches[-1].passage, stretch.passage):
        return _Taken(Role.STEP, "it goes on inside the last block of the program")
    if program.closed and program.acts:
        complete = "it does not parse, and the program is complete without it"
        return _Taken(Role.FRAGMENT, complete)
    if gist.names.defined or not program.whole:
        goes_on = "it does not parse, and seems to go on with the program"
        return _Taken(Role.STEP, goes_on, Confidence.DOUBTFUL)
    return _Taken(Role.FRAGMENT, "it does not parse", Confidence.DOUBTFUL)


def _usage(program: Program, stretch: Stretch, gist: Gist) -> _Taken | None:
    """Tell an example of the program's use from its last step: both only call what is defined."""
    cue = Cue.of(stretch)
    if gist.tests and not cue.step:
        return _Taken(Role.TEST, "all it defines are tests")
    starts_it = gist.guarded and not program.acts
    if gist.names.defined or not program.closed or starts_it:
        return None
    if not gist.names.free & program.bound:
        if not program.defined or gist.acts or gist.imports:
            return None
        # A value nothing uses, under "example input" or the like.
        return _Taken(Role.USAGE, "it gives values nothing uses")
    called = gist.names.free & program.defined
    if not called:
        return None
    reason = f"it only uses what the program defines: {quoted(called)}"
    works_on = gist.names.free & program.given
    if cue.usage or (program.acts and not (cue.step and works_on)):
        return _Taken(Role.USAGE, reason)
    if len(program.stretches) == 1 and not cue.step:
        return _Taken(Role.USAGE, reason, Confidence.DOUBTFUL)
    return None


def quoted(names: AbstractSet[str]) -> str:
    """Return the first of some names in backticks, cut where it is no name but a flood."""
    name = min(names)
    return f"`{name if len(name) <= _MAX_NAME else name[:_MAX_NAME] + '...'}`"
