"""What a block holds, by its label and by its content; where the two differ, content decides."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from validator.facts import BlockKind
from validator.reading import vocabulary
from validator.reading.commands import is_command
from validator.reading.grammar import State, names_of, parse
from validator.reading.requirements import is_requirements

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFINING = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)
_ACTING = (
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.For,
    ast.While,
    ast.If,
    ast.With,
    ast.Try,
    ast.AsyncFor,
    ast.AsyncWith,
    ast.Assert,
    ast.Return,
    ast.Raise,
    ast.Delete,
    ast.Match,
    ast.Global,
)
_CODE_LINE = re.compile(
    r"""\s*(?:(?:import|from|def|class|async|return|elif|else|try|except|finally|with|for|while|if
        |print|raise|yield|pass|break|continue|global|assert)\b.*[:()\w'"\]]\s*(?:\#.*)?$
        |[\w.\[\]'"]+\s*(?:[-+*/%|&]|//)?=(?!=).+|[\w.]+\(.*|\#|@\w|[)\]}],?\s*$|['"]{3})""",
    re.VERBOSE,
)
_STRONG_LINE = re.compile(
    r"(?:import\s+[\w.]+(?:\s+as\s+\w+)?(?:\s*,.*)?$|from\s+[\w.]+\s+import\s+\S|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:(])"
)
_OTHER_LANGUAGE = re.compile(
    r"^\s*(?:const |let |var |function\b.*\{|#include|public |using |package |<[\w!]|SELECT |\{%)",
    re.MULTILINE,
)
_ASSIGNMENT = re.compile(r"[\w.\[\]'\", ]++\s*(?:[-+*/%|&^@]|//|\*\*|<<|>>)?=(?!=)\s*\S")
_SUITE = re.compile(r"(?:async\s+)?(?:for|while|if|with|try|match)\b.*:\s*(?:\#.*)?$")
_CHAINED = re.compile(r"(?:else|finally|try|elif\b.+|except\b.*|case\b.+)\s*:\s*$")
_CALL = re.compile(
    r"(?:(?:return|yield|raise|await|assert|del|print)\b\s*)?[\w.]*[(\[].*[)\]]\s*(?:\#.*)?$"
)
_TRACEBACK = "Traceback (most recent call last)"
_WORDS = re.compile(r"[^\W\d_]{2,}")
_MIN_WORDS = 3
"""Of a sentence."""


def classify(label: str, text: str, *, name: str | None = None) -> BlockKind:
    """Decide what a block holds from its info string, the name it is given and its text."""
    word = label_word(label)
    if name is not None and (by_name := _by_name(name)) is not None:
        return by_name
    if word in vocabulary.REQUIREMENTS_LABELS:
        return BlockKind.REQUIREMENTS
    if word in vocabulary.PYTHON_LABELS:
        return _labelled_python(text)
    if word in vocabulary.SHELL_LABELS:
        return _labelled_shell(text)
    return _by_content(text, word)


@lru_cache(maxsize=512)
def label_word(label: str) -> str:
    """Return the language of an info string, in lower case: `python` of `{.Python title=x}`."""
    words = label.replace("{", " ").replace("}", " ").replace(",", " ").split()
    return words[0].lstrip(".").partition(":")[0].lower() if words else ""


def is_python_label(label: str) -> bool:
    """Return True where the info string says Python in so many words."""
    return label_word(label) in vocabulary.PYTHON_LABELS


def is_prose(text: str) -> bool:
    """Return True where the text reads as sentences and not one line of it as code."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or parse(text).state is State.WHOLE:
        return False
    if any(map(_is_code, lines)):
        return False
    return sum(1 for line in lines if len(_WORDS.findall(line)) >= _MIN_WORDS) * 2 > len(lines)


def ends_in_code(lines: Sequence[str]) -> bool:
    """Return True where the last filled line is code, and so is most of what leads up to it."""
    filled = [line for line in lines if line.strip()][-4:]
    if not filled or _is_sentence(filled[-1]):
        return False
    coded = sum(1 for line in filled if _CODE_LINE.match(line))
    return coded * 2 > len(filled) and any(map(_is_code, filled))


def is_only_prose(text: str) -> bool:
    """Return True where the text reads as sentences and no line has even the outline of code."""
    lines = [line for line in text.splitlines() if line.strip()]
    return is_prose(text) and not any(map(_CODE_LINE.match, lines))


def is_one_line_program(text: str) -> bool:
    """Return True where one line prints something and needs no name it does not give itself."""
    tree = parse(text).tree if "print(" in text else None
    return tree is not None and not names_of(tree).free and not _says_one_word(tree)


def _says_one_word(tree: ast.Module) -> bool:
    """Tell `print("Hello")`, which sentences mention, from a program."""
    only = tree.body[0] if len(tree.body) == 1 else None
    call = only.value if isinstance(only, ast.Expr) else None
    return isinstance(call, ast.Call) and all(isinstance(arg, ast.Constant) for arg in call.args)


def substantial(tree: ast.Module) -> bool:
    """Return True where a module does something: more than names, literals and bare expressions."""
    return any(
        isinstance(node, _DEFINING + _ACTING)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await | ast.Yield))
        for node in tree.body
    )


def looks_like_python(text: str) -> bool:
    """Return True where a text that does not parse still reads as Python line by line."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or _OTHER_LANGUAGE.search(text):
        return False
    coded = sum(1 for line in lines if _CODE_LINE.match(line))
    strong = any(_STRONG_LINE.match(line.strip()) for line in lines)
    return strong and coded * 2 >= len(lines)


def _by_name(name: str) -> BlockKind | None:
    leaf = name.rpartition("/")[2].lower()
    if leaf.endswith((".py", ".pyw")):
        return BlockKind.PYTHON
    if re.fullmatch(r"[\w.-]*requirements[\w.-]*\.txt", leaf):
        return BlockKind.REQUIREMENTS
    return BlockKind.OTHER if "." in leaf else None


def _labelled_python(text: str) -> BlockKind:
    if is_command(text):
        return BlockKind.SHELL
    if is_requirements(text):
        return BlockKind.REQUIREMENTS
    if text.lstrip().startswith(_TRACEBACK):
        return BlockKind.OUTPUT
    tree = parse(text).tree
    if tree is None:
        return BlockKind.OTHER if is_prose(text) else _broken(text)
    literal = tree.body and all(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant | ast.Dict | ast.List | ast.Tuple | ast.Set)
        for node in tree.body
    )
    # A python fence that holds nothing but a value shows what the program prints.
    return BlockKind.OUTPUT if literal else BlockKind.PYTHON


def _broken(text: str) -> BlockKind:
    """Tell a program with a fault in it from what is no Python at all, label or not."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    strong = any(_STRONG_LINE.match(line.strip()) for line in text.splitlines())
    return BlockKind.OTHER if _OTHER_LANGUAGE.match(first) and not strong else BlockKind.PYTHON


def _labelled_shell(text: str) -> BlockKind:
    tree = parse(text).tree
    first = next((line for line in text.splitlines() if line.strip()), "")
    defining = tree is not None and any(isinstance(node, _DEFINING) for node in tree.body)
    # `cat <<EOF` and the text it prints may be Python, too.
    return BlockKind.PYTHON if defining and not is_command(first) else BlockKind.SHELL


def _by_content(text: str, word: str) -> BlockKind:
    if text.lstrip().startswith(_TRACEBACK):
        return BlockKind.OUTPUT
    plain = not word or word in vocabulary.OUTPUT_LABELS
    if plain and is_requirements(text):
        return BlockKind.REQUIREMENTS
    if plain and is_command(text):
        return BlockKind.SHELL
    tree = parse(text).tree
    if tree is not None:
        defining = any(isinstance(node, _DEFINING) for node in tree.body)
        if defining or (plain and word not in vocabulary.OUTPUT_LABELS and substantial(tree)):
            return BlockKind.PYTHON
    elif (plain or word not in vocabulary.OTHER_LANGUAGES) and looks_like_python(text):
        return BlockKind.PYTHON
    return BlockKind.OUTPUT if word in vocabulary.OUTPUT_LABELS else BlockKind.OTHER


def _is_sentence(line: str) -> bool:
    """Return True where a line holds three words, and no more marks of code than prose would."""
    return len(_WORDS.findall(line)) >= _MIN_WORDS and not _is_code(line)


def _is_code(line: str) -> bool:
    """Return True where a line, alone, is a statement or the header of one."""
    text = line.strip()
    if _STRONG_LINE.match(text) or _ASSIGNMENT.match(text):
        return True
    if not (_SUITE.match(text) or _CALL.match(text)):
        return False
    answer = parse(f"{text} pass" if text.endswith(":") else text)
    return answer.tree is not None or bool(_CHAINED.match(text))
