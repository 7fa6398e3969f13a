"""How the Python blocks of a reply are related: what each is to the program the others make."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from validator.facts import Confidence, Role
from validator.reading.classify import substantial
from validator.reading.elisions import is_elision
from validator.reading.endings import never_returns
from validator.reading.grammar import Names, Parse, names_of, parse
from validator.reading.stitching import goes_on_inside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from validator.reading.passage import Stretch

_COMPLETE = re.compile(
    r"\b(?:correct(?:ed|ion)?|fix(?:ed)?|updated?|revised|complete|full|final|whole|entire|together"
    r"|modified|improved version|refactored)\b",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(
    r"\b(?:alternativ\w*|another|or you|you (?:can|could) also|also be|instead"
    r"|more (?:efficient|concise|pythonic|elegant)|other (?:way|option|approach)|option \d)\b",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"\b(?:alternativ\w*|optional(?:ly)?|varia(?:nt|tion)s?|instead"
    r"|if you (?:want|need|prefer|wish|would|are looking|['’]d)"
    r"|(?:another|other|different) (?:way|approach|version|solution|implementation|method)"
    r"|more (?:efficient|concise|pythonic|elegant|robust|general|compact))\b",
    re.IGNORECASE,
)
"""What says of code nobody needs that it is one of several ways."""
_USAGE = re.compile(
    r"\b(?:usage|examples?|use (?:it|this|the)|to (?:use|test|call)|test\w*|try (?:it|this)|call\w*"
    r"|output|result|invoke|for instance|demo\w*)\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"^\s*(?:#+\s*|\**\s*)?(?:step\s*)?\d+[.):]|\b(?:step|next|then|finally|now|after that|add)\b",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\b(?:step|next|then|finally|now|after that|add)\b", re.IGNORECASE)
_GUARD = re.compile(r"if\s+_*name_*\s*==\s*['\"]_*main_*['\"]")


_MAX_NAME = 40
_SAID_ALREADY = "every line of it is in the program already"


_PART = (Role.PROGRAM, Role.STEP, Role.VERSION)
"""What the program is made of."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A block, what it was taken for, why, and how sure that is."""

    stretch: Stretch
    role: Role
    reason: str
    confidence: Confidence = Confidence.LIKELY


@dataclass(slots=True)
class _Program:
    """What the blocks taken so far add up to."""

    stretches: list[Stretch] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    imports: bool = False
    acts: bool = False
    """True where something happens when it is run."""
    whole: bool = True
    given: set[str] = field(default_factory=set)
    """Names assigned at the top level."""
    endless: str | None = None
    """What it never gets past, where that is the end of it."""

    def take(self, stretch: Stretch, facts: _Facts) -> None:
        self.stretches.append(stretch)
        self.defined |= facts.names.defined
        self.bound |= facts.names.bound
        self.free |= facts.names.free
        self.lines |= facts.lines
        self.given |= facts.given
        self.acts = self.acts or facts.acts
        self.imports = self.imports or facts.imports
        self.whole = self.whole and facts.answer.tree is not None
        self.endless = never_returns(facts.answer.tree) if facts.answer.tree else None

    @property
    def closed(self) -> bool:
        """True where it parses and gives every name it uses."""
        return self.whole and not self.free - self.bound


@dataclass(frozen=True, slots=True)
class _Facts:
    answer: Parse
    names: Names
    lines: frozenset[str]
    given: frozenset[str]
    """Names assigned at the top level."""
    imports: bool
    acts: bool
    tests: bool

    @property
    def guarded(self) -> bool:
        return any(map(_GUARD.match, self.lines))

    @property
    def closed(self) -> bool:
        return self.answer.tree is not None and not self.names.free


def relate(stretches: Sequence[Stretch]) -> list[Choice]:
    """Decide for each of some blocks, in the reply's order, what it is to the program.

    The program is the last VERSION, or else the PROGRAM, and every STEP behind it.
    """
    if len(stretches) == 1:
        only = "the only code of the reply"
        return [Choice(stretches[0], Role.PROGRAM, only, Confidence.CERTAIN)]
    program = _Program()
    choices: list[Choice] = []
    for stretch in stretches:
        said_already = _lines(stretch) <= program.lines and not stretch.filled
        if said_already and not _COMPLETE.search(_cue(stretch)):
            choices.append(Choice(stretch, Role.DUPLICATE, _SAID_ALREADY))
            continue
        facts = _facts(stretch)
        taken = _role(program, stretch, facts)
        if taken.role is Role.VERSION:
            choices = [_overtaken(choice) for choice in choices]
            program = _Program()
        if taken.role in _PART:
            program.take(stretch, facts)
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


def _facts(stretch: Stretch) -> _Facts:
    text = stretch.passage.text
    answer = parse(text)
    names = names_of(answer.tree) if answer.tree else _guessed_names(text)
    body = answer.tree.body if answer.tree else []
    return _Facts(
        answer,
        names,
        _lines(stretch),
        given=frozenset(name for node in body for name in _given(node)),
        imports=any(isinstance(node, ast.Import | ast.ImportFrom) for node in body),
        acts=any(map(_acts, body)),
        tests=_is_test(body),
    )


def _lines(stretch: Stretch) -> frozenset[str]:
    return frozenset(text for line in stretch.passage.lines if len(text := line.strip()) > 1)


def _given(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _guessed_names(text: str) -> Names:
    defined = frozenset(re.findall(r"^(?:async\s+)?(?:def|class)\s+(\w+)", text, re.MULTILINE))
    bound = frozenset(re.findall(r"^(\w+)\s*=(?!=)", text, re.MULTILINE))
    return Names(defined, defined | bound, frozenset())


def _acts(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Await)
    return isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.AsyncWith)


def _is_test(body: Sequence[ast.stmt]) -> bool:
    names = [n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return bool(names) and all(re.match(r"(?i)test|.*tests?$", node.name) for node in names)


# ── the decision ─────────────────────────────────────────────────────────────────────────────────


class _Taken(NamedTuple):
    """What a block is taken for, and why."""

    role: Role
    reason: str
    confidence: Confidence = Confidence.LIKELY


def _role(program: _Program, stretch: Stretch, facts: _Facts) -> _Taken:
    if not program.stretches:
        return _Taken(Role.PROGRAM, "the first code of the reply")
    again = _said_again(program, stretch, facts)
    if facts.lines <= program.lines and (again is None or again.role is not Role.VERSION):
        return _Taken(Role.DUPLICATE, _SAID_ALREADY)
    if again is not None:
        return again
    if _replaces_fragment(program, facts):
        return _Taken(Role.VERSION, "what came before is a piece of code that cannot stand alone")
    if facts.answer.tree is None:
        return _unparsed(program, stretch, facts)
    return (
        _on_its_own(program, facts)
        or _usage(program, stretch, facts)
        or _beside(program, stretch, facts)
        or _step(program, stretch, facts)
    )


def _on_its_own(program: _Program, facts: _Facts) -> _Taken | None:
    """Tell a program of its own, and a piece of one that is not shown."""
    if facts.guarded and any(map(_GUARD.match, program.lines)):
        return _Taken(Role.ALTERNATIVE, "it starts on its own, as the program does")
    missing = facts.names.free - program.bound
    belongs = facts.names.defined and facts.names.free & program.bound
    if missing and program.closed and not belongs:
        return _Taken(Role.FRAGMENT, f"nothing gives it {quoted(missing)}")
    return None


def _beside(program: _Program, stretch: Stretch, facts: _Facts) -> _Taken | None:
    """Tell what a program that is complete can do without."""
    if not program.closed:
        return None
    if program.endless is not None and not _is_wanted(program, stretch, facts):
        behind = f"it stands behind {quoted({program.endless})}, which never returns"
        return _Taken(Role.FRAGMENT, behind)
    if not stretch.fenced and not facts.names.defined:
        return _Taken(Role.FRAGMENT, "a line of code among prose")
    return _another_form(program, stretch, facts) if facts.closed else None


def _is_wanted(program: _Program, stretch: Stretch, facts: _Facts) -> bool:
    """Tell a step that belongs above the program's end from an extension nobody has to make."""
    if stretch.name is not None:
        return True
    return not facts.names.free - program.bound and _ADDED.search(_cue(stretch)) is not None


def _step(program: _Program, stretch: Stretch, facts: _Facts) -> _Taken:
    linked = facts.names.free & program.bound or program.free & facts.names.bound
    if linked:
        return _Taken(Role.STEP, f"it and the program both speak of {quoted(linked)}")
    said = _STEP.search(_cue(stretch)) is not None
    confidence = Confidence.LIKELY if said else Confidence.DOUBTFUL
    return _Taken(Role.STEP, "nothing in it speaks against going on with the program", confidence)


def _said_again(program: _Program, stretch: Stretch, facts: _Facts) -> _Taken | None:
    if stretch.filled:
        return _Taken(Role.VERSION, "it changes the program, and leaves out what stays")
    shared = program.defined & facts.names.defined
    later_turn = stretch.part > program.stretches[-1].part
    if later_turn and shared and any(map(is_elision, stretch.passage.lines)):
        return _Taken(Role.VERSION, "a later turn changes the program, and leaves code out")
    if not program.defined and not facts.names.defined and facts.imports and program.imports:
        # Two scripts that begin anew and give the same names: the second does not go on.
        shared = program.given & facts.given if facts.closed else set()
    includes = len(program.lines & facts.lines) * 10 >= len(program.lines) * 7
    if not shared and not (includes and len(program.lines) > 1):
        return None
    cue = _cue(stretch)
    more = program.defined <= facts.names.defined
    if more and _is_better(program, facts, cue, later_turn=later_turn):
        how = "in a later turn" if later_turn else "again"
        said = later_turn or bool(_COMPLETE.search(cue)) or not program.closed
        return _Taken(
            Role.VERSION,
            f"it says all of the program {how}, newer or fuller",
            Confidence.LIKELY if said else Confidence.DOUBTFUL,
        )
    fewest = min(len(program.defined or program.given), len(facts.names.defined or facts.given))
    if shared and len(shared) * 2 >= fewest:
        said = _ALTERNATIVE.search(cue) is not None
        return _Taken(
            Role.ALTERNATIVE,
            f"it gives {quoted(shared)} again",
            Confidence.LIKELY if said else Confidence.DOUBTFUL,
        )
    return None


def _another_form(program: _Program, stretch: Stretch, facts: _Facts) -> _Taken | None:
    """Tell a function offered as a variant of the program's from one that goes on with it.

    Neither needs the other, and the name or the words before it say what it is a variant of.
    """
    if not facts.names.defined or facts.acts or not program.defined:
        return None
    similar = {
        old for old in program.defined for new in facts.names.defined if new.startswith(f"{old}_")
    }
    if not similar and not _OPTION.search(_cue(stretch)):
        return None
    reason = f"it is offered as another form of {quoted(similar or program.defined)}"
    return _Taken(Role.ALTERNATIVE, reason)


def _is_better(program: _Program, facts: _Facts, cue: str, *, later_turn: bool) -> bool:
    if facts.answer.tree is None and program.whole:
        return False
    if later_turn or (facts.answer.tree is not None and not program.whole):
        return True
    complete, alternative = _COMPLETE.search(cue), _ALTERNATIVE.search(cue)
    grown = program.defined < facts.names.defined or (
        len(facts.lines) > len(program.lines) and program.lines <= facts.lines
    )
    if alternative and not complete:
        return False
    return bool(complete) or grown or (facts.closed and not program.closed)


def _replaces_fragment(program: _Program, facts: _Facts) -> bool:
    example = not program.acts and not program.imports
    return (
        facts.closed
        and (example or not program.closed)
        and facts.answer.tree is not None
        and substantial(facts.answer.tree)
        and not program.defined
        and not program.bound & facts.names.free
        and len(facts.lines) > len(program.lines)
    )


def _unparsed(program: _Program, stretch: Stretch, facts: _Facts) -> _Taken:
    if goes_on_inside(program.stretches[-1].passage, stretch.passage):
        return _Taken(Role.STEP, "it goes on inside the last block of the program")
    if program.closed and program.acts:
        complete = "it does not parse, and the program is complete without it"
        return _Taken(Role.FRAGMENT, complete)
    if facts.names.defined or not program.whole:
        goes_on = "it does not parse, and seems to go on with the program"
        return _Taken(Role.STEP, goes_on, Confidence.DOUBTFUL)
    return _Taken(Role.FRAGMENT, "it does not parse", Confidence.DOUBTFUL)


def _usage(program: _Program, stretch: Stretch, facts: _Facts) -> _Taken | None:
    """Tell an example of the program's use from its last step: both only call what is defined."""
    cue = _cue(stretch)
    if facts.tests and not _STEP.search(cue):
        return _Taken(Role.TEST, "all it defines are tests")
    if facts.names.defined or not program.closed:
        return None
    if not facts.names.free & program.bound:
        if not program.defined or facts.acts or facts.imports:
            return None
        # A value nothing uses, under "example input" or the like.
        return _Taken(Role.USAGE, "it gives values nothing uses")
    called = facts.names.free & program.defined
    if not called:
        return None
    reason = f"it only uses what the program defines: {quoted(called)}"
    if program.acts or _USAGE.search(cue):
        return _Taken(Role.USAGE, reason)
    if len(program.stretches) == 1 and not _STEP.search(cue):
        return _Taken(Role.USAGE, reason, Confidence.DOUBTFUL)
    return None


def quoted(names: AbstractSet[str]) -> str:
    """Return the first of some names in backticks, cut where it is no name but a flood."""
    name = min(names)
    return f"`{name if len(name) <= _MAX_NAME else name[:_MAX_NAME] + '...'}`"


def _cue(stretch: Stretch) -> str:
    return " ".join(stretch.lead[-2:])
