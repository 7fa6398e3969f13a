"""Read what the code around a call of `input()` does with the answer: nothing is executed.

A `Site` says what the answer is turned into, what it is compared with, and which of those answers
lead out of the loop. Where a function only returns the answer, its caller's line is read as well.
"""

from __future__ import annotations

import ast
import re

QUIT_WORDS = ("quit", "exit", "q", "stop", "done", "end", "bye", "no", "n", "x", "0", "-1")
_NUMBER_CALLS = ("int", "float", "Decimal", "Fraction", "complex")
_NUMBER_TESTS = ("isdigit", "isnumeric", "isdecimal")
_ENDS = ("exit", "quit", "_exit", "destroy")
_MENU_LINE = re.compile(
    r"^\W*(\w{1,2})\s*[.):\]=-]+\s*(?:\W*)(?:quit|exit|leave|stop|end|bye)\b",
    re.IGNORECASE | re.MULTILINE,
)


_BETWEEN = re.compile(r"(?:between|from)\s+(-?\d+)\s+(?:and|to)\s+(\d+)", re.IGNORECASE)


class Site:
    """What becomes of the answers to one call of `input()`."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.number = ""
        """`int` or `float` where the answer is made a number."""
        self.split: str | None = None
        """What it is split at: "" for white space, None where it is not."""
        self.count = 1
        """How many values one answer is unpacked into."""
        self.one_letter = False
        self.date_format = ""
        self.opened = False
        self.evaluated = False
        self.choices: list = []
        """Answers the code compares with, in its order, as texts."""
        self.quits: list = []
        """Those of them that end the loop, or the program."""
        self.low: float | None = None
        self.high: float | None = None
        """Bounds the code holds the answer to."""
        self.ordered: dict = {}
        """Names the answer is compared with by < or >, each with the sides and whether by ==."""
        self.tables: list = []
        """What it is held to be in, or not in."""
        self.mappings: list = []
        """What it is looked up in, as a key where that is a dictionary."""
        self.depth = 0
        """How many calls further out the answer is used: a function only returned it."""

    def frame_of(self, frame: object) -> object:
        """Return the frame that uses the answer, from the one that asks for it."""
        for _ in range(self.depth):
            frame = frame.f_back or frame
        return frame


class Reader:
    """The text of one file, read for its calls of `input()`."""

    def __init__(self, text: str) -> None:
        """Parse `text`; a text that does not parse has no calls."""
        try:
            self.tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            self.tree = ast.Module([], [])
        self.parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }
        self.quit_in_menu = self._menu_quits()

    def _menu_quits(self) -> list:
        """Return the answers that a printed menu says leave it: `4` of `4. Exit`."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for match in _MENU_LINE.finditer(node.value):
                    found[match[1]] = None
        return list(found)

    def range_in_words(self) -> tuple | None:
        """Return the range a text of the program names: `between 1 and 100`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                match = _BETWEEN.search(node.value)
                if match:
                    return int(match[1]), int(match[2])
        return None

    def read(self, line: int, site: Site, name: str = "input") -> bool:
        """Add to `site` what is done with a call of `name` in `line`; True where it is returned."""
        call = self._call(line, name)
        if call is None:
            return False
        node = call
        while node in self.parents and not isinstance(node, ast.stmt):
            parent = self.parents[node]
            self._wrapped(parent, node, site)
            node = parent
        for target in _targets(node, call):
            self._consumers(target, node, site)
        _count(node, site)
        return isinstance(node, ast.Return)

    def _call(self, line: int, name: str) -> ast.AST | None:
        found = None
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Call) or not node.lineno <= line <= (
                node.end_lineno or line
            ):
                continue
            if _last(node.func) == name:
                return node
            found = found or (node if name == "" else None)
        return found

    def _wrapped(self, parent: ast.AST, node: ast.AST, site: Site) -> None:
        """Note what a call's own expression does with it: `int(input())`, `input() == "y"`."""
        if isinstance(parent, ast.Call):
            name = _last(parent.func)
            used = name
            if name in ("map", "list", "sorted") and parent.args:
                used = _last(parent.args[0]) if node is not parent.func else name
            _use(used, parent, site)
        elif isinstance(parent, ast.Attribute) and parent.attr in _NUMBER_TESTS:
            site.number = site.number or "int"
        elif isinstance(parent, (ast.ListComp, ast.GeneratorExp)):
            for each in ast.walk(parent.elt):
                if isinstance(each, ast.Call):
                    _use(_last(each.func), each, site)
        elif isinstance(parent, ast.Compare):
            self._compare(parent, node, site)

    def _consumers(self, target: str, statement: ast.AST, site: Site) -> None:
        """Note what the enclosing function does with the variable the answer went into."""
        scope = statement
        while not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            scope = self.parents[scope]
        aliases = {target}
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Call, ast.Name)):
                bent = _mentions(node.value, aliases)
                aliases |= set(map(_last, node.targets)) if bent else set()
        for node in ast.walk(scope):
            self._consumer(node, aliases, site)

    def _consumer(self, node: ast.AST, names: set, site: Site) -> None:
        if isinstance(node, ast.Compare):
            sides = (each for each in (node.left, *node.comparators) if _mentions(each, names))
            for side in sides:
                self._compare(node, side, site)
                return
        elif isinstance(node, ast.Call):
            _called(node, names, site)
        elif isinstance(node, ast.Subscript) and _is_name(node.slice, names):
            site.mappings.append(node.value)
        elif isinstance(node, ast.Match) and _mentions(node.subject, names):
            _matched(node, site)

    def _compare(self, node: ast.Compare, side: ast.AST, site: Site) -> None:
        length = isinstance(side, ast.Call) and _last(side.func) == "len"
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands[:-1], node.ops, operands[1:], strict=True):
            if side not in (left, right):
                continue
            other = right if side is left else left
            if length:
                site.one_letter |= isinstance(other, ast.Constant) and other.value == 1
            elif isinstance(operator, (ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
                negated = isinstance(operator, (ast.NotEq, ast.NotIn))
                self._equal(node, other, negated, site)
            elif isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
                _order(other, isinstance(operator, (ast.Lt, ast.LtE)) == (side is left), site)

    def _equal(self, node: ast.Compare, other: ast.AST, negated: bool, site: Site) -> None:
        constants = other.elts if isinstance(other, (ast.List, ast.Tuple, ast.Set)) else [other]
        ends = not negated and self._leads_out(node)
        # `while answer != "quit"` ends the loop with that answer.
        ends |= negated and self._is_loop_test(node)
        for each in constants:
            if isinstance(each, ast.Constant):
                _choice(each.value, site, ends=ends)
        if not isinstance(other, (ast.Constant, ast.List, ast.Tuple, ast.Set)):
            if isinstance(node.ops[0], (ast.In, ast.NotIn)):
                site.tables.append(other)
            elif isinstance(other, (ast.Name, ast.Attribute)):
                site.ordered.setdefault(ast.dump(other), (other, set()))[1].add("equal")

    def _leads_out(self, node: ast.AST) -> bool:
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.If):
                return _leaves(node.body)
            if isinstance(node, ast.stmt):
                return False
        return False

    def _is_loop_test(self, node: ast.AST) -> bool:
        while node in self.parents and not isinstance(node, ast.stmt):
            node = self.parents[node]
        return isinstance(node, ast.While)


def _called(node: ast.Call, names: set, site: Site) -> None:
    """Note a call the answer is handed to, and a method of the answer that is called."""
    name = _last(node.func)
    if any(_is_name(each, names) for each in node.args):
        _use(name, node, site)
    elif site.split is not None and any(_mentions(each, names) for each in node.args):
        # Of what it was split into, one value or some: `int(values[0])`, `map(int, values[1:])`.
        made = _last(node.args[0]) if name == "map" else name
        if made in _NUMBER_CALLS:
            _use(made, node, site)
    elif isinstance(node.func, ast.Attribute) and _is_name(node.func.value, names):
        if node.func.attr in _NUMBER_TESTS:
            site.number = site.number or "int"
        _use(node.func.attr, node, site)


def _matched(node: ast.Match, site: Site) -> None:
    """Note the values a `match` on the answer knows."""
    for case in node.cases:
        for each in ast.walk(case.pattern):
            if isinstance(each, ast.MatchValue) and isinstance(each.value, ast.Constant):
                _choice(each.value.value, site, ends=_leaves(case.body))


def _use(name: str, call: ast.Call, site: Site) -> None:
    """Note what a call makes of the answer."""
    if name in _NUMBER_CALLS:
        site.number = "int" if name == "int" else "float"
    elif name == "split":
        first = call.args[0] if call.args else None
        site.split = first.value if isinstance(first, ast.Constant) and first.value else ""
    elif name in ("strptime", "fromisoformat"):
        given = call.args[1] if len(call.args) > 1 else None
        site.date_format = given.value if isinstance(given, ast.Constant) else "%Y-%m-%d"
    elif name in ("open", "Path", "read_csv", "read_text", "exists", "isfile"):
        site.opened = True
    elif name in ("eval", "literal_eval"):
        site.evaluated = True


def _choice(value: object, site: Site, *, ends: bool) -> None:
    if value is None or isinstance(value, (bool, bytes)):
        return
    text = str(value)
    if ends and text not in site.quits:
        site.quits.append(text)
    if text not in site.choices:
        site.choices.append(text)


def _order(other: ast.AST, below: bool, site: Site) -> None:
    """Note a comparison by order: with a number it bounds the answer, with a name it may guess."""
    value = other
    if isinstance(other, ast.UnaryOp) and isinstance(other.op, ast.USub):
        value = other.operand
    if isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
        number = value.value if value is other else -value.value
        # Whether the comparison refuses or accepts, the answers worth giving lie between them.
        if site.low is None or number < site.low:
            site.low, site.high = number, site.low if site.high is None else site.high
        elif site.high is None or number > site.high:
            site.high = number
    elif isinstance(other, (ast.Name, ast.Attribute)):
        sides = site.ordered.setdefault(ast.dump(other), (other, set()))
        sides[1].add("below" if below else "above")


def _leaves(body: list) -> bool:
    """Tell whether a branch leaves its loop, its function or the program."""
    return any(map(_leaves_by, body))


def _leaves_by(node: ast.AST) -> bool:
    if isinstance(node, (ast.Break, ast.Return)):
        return True
    if isinstance(node, (ast.Expr, ast.Raise)):
        calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
        return any(_last(each.func) in _ENDS for each in calls)
    constant = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    return constant and node.value.value is False


def _targets(statement: ast.AST, call: ast.AST) -> list:
    named = [node.target for node in ast.walk(statement) if isinstance(node, ast.NamedExpr)
             and any(each is call for each in ast.walk(node.value))]  # fmt: skip
    if isinstance(statement, ast.Assign):
        named += statement.targets
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        named.append(statement.target)
    names = []
    for each in named:
        several = each.elts if isinstance(each, (ast.Tuple, ast.List)) else [each]
        names += [_last(one) for one in several if _last(one)]
    return names


def _count(statement: ast.AST, site: Site) -> None:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
        several = site.split is not None or not isinstance(statement.value, ast.Tuple)
        site.count = len(statement.targets[0].elts) if several else 1


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _is_name(node: ast.AST, names: set) -> bool:
    return _last(node) in names


def _mentions(node: ast.AST, names: set) -> bool:
    """Tell whether an expression is one of `names`, or that name bent: `x.lower()`, `int(x)`."""
    while True:
        if isinstance(node, (ast.Name, ast.Attribute)) and _last(node) in names:
            return True
        if isinstance(node, ast.Call):
            plain = isinstance(node.func, ast.Name) and len(node.args) == 1
            node = node.args[0] if plain else node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        else:
            return False
