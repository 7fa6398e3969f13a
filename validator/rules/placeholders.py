"""RV209: places the model left for someone else to fill."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

from validator.findings import Severity
from validator.rules.program import FUNCTIONS, trees
from validator.rules.rule import Evidence, Example, Rule, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import SourceFile
    from validator.findings import Finding
    from validator.rules.bindings import Function

_COMMENT = re.compile(
    r"#\s*(?:\.{3}\s*)?(?:(?:todo|fixme)\b[:\s]*)?(?:"
    r"(?:add|put|write|insert|place|enter|type)\s+(?:your|the rest|more|additional)\b"
    r"|your\s+(?:\w+\s+)?(?:code|logic|implementation|function)s?\b"
    r"|implement\s+(?:this|the|your|me|here)\b"
    r"|(?:code|logic|implementation)\s+(?:goes\s+)?here\b"
    r"|to\s+be\s+implemented\b"
    r")",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(?:your|insert|enter|replace|my|put)[\s_-](?:\w+[\s_-])*"
    r"(?:key|token|secret|password|username|email|url|id)(?:[\s_-]here)?"
    r"|<your[^>]{1,40}>|sk-x+",
    re.IGNORECASE,
)
_MAY_BE_EMPTY = {"abstractmethod", "overload", "property"}
_OPEN_BASES = {"Protocol", "ABC"}


class Placeholder(Rule):
    """A part of the program is left for someone else to write.

    ## What it does
    Finds comments such as `# your code here`, functions that are nothing but `...`, and strings
    such as `"YOUR_API_KEY"`. Abstract methods, protocols and overloads may be empty; `pass` alone
    is left alone too, as it is often meant.

    ## Why it matters
    The program may run and still not do what was asked for.

    ## What to do
    Write the part, or ask for the value: from an argument, a prompt or the environment.
    """

    code = "RV209"
    name = "placeholder"
    severity = Severity.WARNING
    example = Example(
        bad="def total(prices):\n    # your code here\n    return 0\n\n\nprint(total([1]))\n",
        good="def total(prices):\n    # your tax is not included\n    return sum(prices)\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each place, by line."""
        for file, module in trees(evidence.submission):
            found = [*_comments(file), *_secrets(module), *_empty_functions(module)]
            for line, message in sorted(found):
                yield self.find(message, evidence.at(file.path, line), hint="Write it out in full.")


def _comments(file: SourceFile) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
            if token.type == tokenize.COMMENT and _COMMENT.match(token.string):
                yield token.start[0], f"a part is still to be written: {quoted(token.string)}"
    except (tokenize.TokenError, SyntaxError):
        return  # the tokenizer is stricter than the parser in odd corners


def _secrets(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        match node:
            case ast.Constant(value=str(text)) if len(text) < 80 and _SECRET.fullmatch(text):
                yield node.lineno, f"{quoted(text)} stands where a value of your own has to be"


def _empty_functions(module: ast.Module) -> Iterator[tuple[int, str]]:
    open_classes = {
        id(statement)
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
        and {_last_name(base) for base in node.bases} & _OPEN_BASES
        for statement in node.body
    }
    for node in ast.walk(module):
        if isinstance(node, FUNCTIONS) and id(node) not in open_classes and _is_empty(node):
            yield node.lineno, f"the body of `{node.name}` is still to be written"


def _is_empty(function: Function) -> bool:
    if {_last_name(each) for each in function.decorator_list} & _MAY_BE_EMPTY:
        return False
    values = [each.value for each in function.body if isinstance(each, ast.Expr)]
    constants = [each.value for each in values if isinstance(each, ast.Constant)]
    return len(constants) == len(function.body) and Ellipsis in constants


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function) | ast.Subscript(value=function):
            return _last_name(function)
    return ""
