"""What a reply is as a whole: a program, steps, alternatives, a project, snippets, or no code."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from validator.facts import BlockKind, BlockRole, Confidence, Decision, ReplyKind, Role
from validator.reading.elisions import is_elision
from validator.reading.gist import acts
from validator.reading.grammar import BUILTINS, misplaced, names_of, parse
from validator.reading.languages import language_of
from validator.reading.relating import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from validator.facts import Block, SourceFile, Truncation
    from validator.reading.passage import Stretch
    from validator.reading.relating import Choice

_PART = (Role.PROGRAM, Role.STEP, Role.VERSION, Role.CONTINUATION, Role.DATA)
_ROLES = {
    BlockKind.REQUIREMENTS: (Role.REQUIREMENTS, "it lists packages"),
    BlockKind.SHELL: (Role.SHELL, "it holds commands for a shell"),
    BlockKind.OUTPUT: (Role.OUTPUT, "it shows what the program prints"),
}
_MAX_SNIPPET_LINES = 15
"""A longer text with names nobody gives is a program with a fault in it."""
_CHANGE = re.compile(
    r"\b(?:(?:add|insert|put|paste|use)\s+(?:this|these|the following)"
    r"|replace|change|modify|snippet|existing"
    r"|(?:in|to|into|inside|of)\s+your\s+(?:own\s+)?(?:code|script|program|file|project|app))\b",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\b(?:replace|change|modify|update|edit|fix|rewrite|adjust|add|insert|put|paste)\b[^.!?]{0,60}"
    r"\b(?:your|(?:the|an) (?:existing|current))\b",
    re.IGNORECASE,
)
"""What speaks of code that only whoever asked has, so that functions may be pieces of it."""
_PLACE = re.compile(
    r"""\#+\s*(?:\d+[.)]\s*)?(?:(?:then|next|now|finally|and|also),?\s+)?(?:
        (?:in|inside|within|at|after|before|below|above)\b.*\b(?:add|insert|put|change|replace|modify|update|remove)\b
        |(?:add|insert|put|change|replace|modify|update|remove|pass)\b.*\b(?:in|into|to|inside|at|after|before|from|with)\b
    ).*:\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
"""A comment at the margin such as `# In the main function, after parsing arguments, add:`."""
_MIN_PLACES = 2
_MODULES = sys.stdlib_module_names | {"np", "pd", "plt", "sns", "tk", "tf", "pygame", "requests"}
"""Missing where they are used without being imported, which is a fault of a program."""
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ORDER = tuple(Confidence)
_TAKEN_UP = (
    "it takes up the block that was cut",
    "it takes up the block that was cut, at a margin or a word that could be another",
)
"""What is said of a continuation that is sure, and of one that is not."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A choice about a block, and the file it went into if it went into one."""

    choice: Choice
    path: str | None = None


def decide(
    blocks: Sequence[Block],
    placed: Sequence[Placed],
    files: Sequence[SourceFile],
    truncations: Sequence[Truncation],
    *,
    asked: Sequence[int] = (),
) -> Decision:
    """Say what a reply with these blocks is, from what each of its Python blocks was taken for.

    `asked` are the numbers of the blocks the user says make the program.
    """
    decision = _decision(blocks, placed, files, truncations, asked)
    if not any(choice.stretch.draft for choice in _taken(placed)):
        return decision
    reason = f"{decision.reason}, drafted in a thought that never ends"
    return replace(decision, reason=reason, confidence=Confidence.DOUBTFUL)


def _decision(
    blocks: Sequence[Block],
    placed: Sequence[Placed],
    files: Sequence[SourceFile],
    truncations: Sequence[Truncation],
    asked: Sequence[int],
) -> Decision:
    roles = _roles(blocks, placed)
    if not any(file.path.endswith((".py", ".pyw")) for file in files):
        return _without_program(blocks, roles)
    if asked:
        numbers = " and ".join(str(number) for number in asked)
        reason = f"block{'s' * (len(asked) > 1)} {numbers}, as asked for"
        kind = ReplyKind.STEPS if len(asked) > 1 else ReplyKind.PROGRAM
        return Decision(kind, reason, Confidence.CERTAIN, roles)
    snippets = None if truncations else _why_snippets(placed, files)
    if snippets is not None:
        return Decision(ReplyKind.SNIPPETS, snippets, Confidence.LIKELY, roles)
    kind, reason = _kind(roles, files)
    return Decision(kind, reason, _confidence(placed), roles)


# ── one block ────────────────────────────────────────────────────────────────────────────────────


def _roles(blocks: Sequence[Block], placed: Sequence[Placed]) -> tuple[BlockRole, ...]:
    said: dict[int, BlockRole] = {}
    for each in placed:
        choice = each.choice
        for place, index in enumerate(choice.stretch.pieces):
            role, reason = choice.role, choice.reason
            if place and role in _PART:
                role, reason = Role.CONTINUATION, _TAKEN_UP[choice.stretch.guessed]
            block = blocks[index]
            path = each.path if role in _PART else None
            said[index] = BlockRole(index + 1, block.span, block.kind, role, reason, path)
    return tuple(
        said.get(index) or _without_choice(index, block) for index, block in enumerate(blocks)
    )


def _without_choice(index: int, block: Block) -> BlockRole:
    role, reason = _ROLES.get(block.kind, (Role.ASIDE, _why_aside(block)))
    return BlockRole(index + 1, block.span, block.kind, role, reason)


def _why_aside(block: Block) -> str:
    if block.kind is BlockKind.PYTHON:
        return "the named files make the program without it"
    language = language_of(block.label, block.text)
    return f"it is {language}" if language else "it is not Python"


# ── the whole ────────────────────────────────────────────────────────────────────────────────────


NOT_SHOWN = "it changes code the reply does not show"


def _without_program(blocks: Sequence[Block], roles: tuple[BlockRole, ...]) -> Decision:
    if any(block.reason == NOT_SHOWN for block in roles):
        return Decision(ReplyKind.SNIPPETS, NOT_SHOWN, Confidence.LIKELY, roles)
    sizes: Counter[str] = Counter()
    for block in blocks:
        language = language_of(block.label, block.text) if block.kind is BlockKind.OTHER else None
        if language is not None:
            sizes[language] += len(block.text)
    if sizes:
        language = sizes.most_common(1)[0][0]
        return Decision(
            ReplyKind.OTHER_LANGUAGE, f"its code is {language}", Confidence.LIKELY, roles
        )
    if blocks:
        kinds = " and ".join(dict.fromkeys(_NOUNS[block.kind] for block in blocks))
        reason = f"its blocks hold {kinds}, and no Python"
        return Decision(ReplyKind.NO_CODE, reason, Confidence.LIKELY, roles)
    return Decision(ReplyKind.NO_CODE, "it is prose from end to end", Confidence.CERTAIN)


_NOUNS = {
    BlockKind.PYTHON: "pieces of code",
    BlockKind.REQUIREMENTS: "a list of packages",
    BlockKind.SHELL: "shell commands",
    BlockKind.OUTPUT: "output",
    BlockKind.OTHER: "text or data",
}


def _kind(roles: Sequence[BlockRole], files: Sequence[SourceFile]) -> tuple[ReplyKind, str]:
    found = Counter(block.role for block in roles)
    python = [file for file in files if file.path.endswith((".py", ".pyw"))]
    if len(python) > 1:
        return ReplyKind.PROJECT, f"{len(python)} files of Python, each named by the reply"
    for role, kind, words in _KINDS:
        if found[role]:
            first = next(block for block in roles if block.role is role)
            return kind, f"{words} (block {first.number}: {first.reason})"
    if found[Role.CONTINUATION]:
        pieces = found[Role.CONTINUATION] + 1
        return ReplyKind.PROGRAM, f"one program, cut and taken up again, in {pieces} pieces"
    set_aside = found[Role.FRAGMENT] + found[Role.DUPLICATE]
    if set_aside:
        return ReplyKind.PROGRAM, "one block is the program; the others are pieces of code"
    return ReplyKind.PROGRAM, "one block of Python"


_KINDS = (
    (Role.VERSION, ReplyKind.CORRECTED, "a later version of the program"),
    (Role.SUPERSEDED, ReplyKind.CORRECTED, "a later version of the program"),
    (Role.ALTERNATIVE, ReplyKind.ALTERNATIVES, "the program is told in several ways"),
    (Role.STEP, ReplyKind.STEPS, "one program told in several blocks"),
    (Role.TEST, ReplyKind.TESTS, "a program and tests of it"),
    (Role.USAGE, ReplyKind.USAGE, "a program and an example of its use"),
)
"""What a reply with a block in such a role is; the first that fits says most about it."""


def _confidence(placed: Iterable[Placed]) -> Confidence:
    taken = list(placed)
    if any(each.choice.stretch.guessed for each in taken):
        return Confidence.DOUBTFUL
    return max((each.choice.confidence for each in taken), key=_ORDER.index)


# ── pieces that are no program ───────────────────────────────────────────────────────────────────


def _why_snippets(placed: Sequence[Placed], files: Sequence[SourceFile]) -> str | None:
    """Say why the code is no program but pieces of one that the reply does not show.

    A program with a fault uses names nobody gives, too. What tells pieces apart is that they are
    short, define nothing that stands alone, and either import nothing or are announced as a change.
    """
    python = [file for file in files if file.path.endswith((".py", ".pyw"))]
    if any(map(_lists_changes, python)):
        return "it lists changes to code the reply does not show, and says in comments where"
    only = parse(python[0].text).tree if len(python) == 1 else None
    dotted = only is not None and "..." in python[0].text
    if only is not None and dotted and not any(map(acts, only.body)) and _leaves_entries_out(only):
        return "it gives values to add to others, which the reply does not show"
    if len(python) != 1 or any(choice.stretch.name for choice in _taken(placed)):
        return None
    tree = parse(python[0].text).tree
    if tree is None or not tree.body:
        return None
    if all(_is_method(node) for node in tree.body):
        return "it shows methods without the class they belong to"
    if not _is_short(python[0].text):
        return None
    yours = any(_YOURS.search(_cue(choice)) for choice in _taken(placed))
    if _stands_alone(tree) and (not yours or any(map(acts, tree.body))):
        return None
    missing = _worked_with(tree)
    if not missing:
        return None
    leaves_out = any(map(is_elision, python[0].text.splitlines()))
    announced = any(_CHANGE.search(_cue(choice)) for choice in _taken(placed))
    if _imports(tree) and not leaves_out and not announced:
        return None
    return f"its code works with {quoted(missing)}, which the reply does not show"


def _lists_changes(file: SourceFile) -> bool:
    """Tell pieces, each below a comment that says where in another file it belongs."""
    places = sum(1 for line in file.text.splitlines() if _PLACE.match(line))
    if places < _MIN_PLACES:
        return False
    tree = parse(file.text).tree
    return tree is None or bool(names_of(tree).free) or misplaced(tree) or _speaks_of_self(tree)


def _leaves_entries_out(tree: ast.Module) -> bool:
    """Return True where a list or a dictionary has `...` for what whoever asked has there."""
    return any(
        isinstance(entry, ast.Constant) and entry.value is ...
        for node in ast.walk(tree)
        if isinstance(node, ast.List | ast.Set | ast.Dict)
        for entry in (node.values if isinstance(node, ast.Dict) else node.elts)
    )


def _speaks_of_self(tree: ast.Module) -> bool:
    """Return True where a statement outside of any definition works with `self`."""
    outside = (node for node in tree.body if not isinstance(node, _DEFINITIONS))
    return any(
        isinstance(each, ast.Name) and each.id == "self"
        for node in outside
        for each in ast.walk(node)
    )


def _taken(placed: Iterable[Placed]) -> list[Choice]:
    return [each.choice for each in placed if each.choice.role in _PART]


def _is_method(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    arguments = node.args.posonlyargs + node.args.args
    return bool(arguments) and arguments[0].arg == "self"


def _worked_with(tree: ast.Module) -> set[str]:
    """Return the values the code works with and does not give; no slips of the pen among them."""
    names = names_of(tree)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    used = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called
    }
    known = [*names.bound, *BUILTINS]
    return {name for name in used & names.free - _MODULES - {"name"} if not _is_slip(name, known)}


def _is_slip(name: str, known: Iterable[str]) -> bool:
    """Tell a name misspelt from one of many: `items` is no slip where `item` is one of them."""
    near = get_close_matches(name, known, n=3, cutoff=0.75)
    return any(name not in (f"{each}s", f"{each}es") for each in near)


def _is_short(text: str) -> bool:
    lines = [line.strip() for line in text.splitlines()]
    return sum(1 for line in lines if line and not line.startswith("#")) <= _MAX_SNIPPET_LINES


def _stands_alone(tree: ast.Module) -> bool:
    """Return True where something is defined, or started under a main guard."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return True
        if isinstance(node, ast.If) and "__main__" in ast.dump(node.test):
            return True
    return False


def _imports(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)


def _cue(choice: Choice) -> str:
    stretch: Stretch = choice.stretch
    return " ".join(stretch.lead[-2:])
