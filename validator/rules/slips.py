"""Slips in one line of Python: what it may have been meant as, each way once.

A reading here is only a guess. Whether Python takes it, and whether it is the only one it takes,
`syntax_fixes` finds out.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from validator.rules.respelling import is_slip_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STRING_OR_COMMENT = re.compile(
    r"(?P<string>\"\"\".*?(?:\"\"\"|$)|'''.*?(?:'''|$)|\"(?:[^\"\\]|\\.)*(?:\"|\\?$)"
    r"|'(?:[^'\\]|\\.)*(?:'|\\?$))|(?P<comment>\#.*)"
)
_HEADER = re.compile(
    r"\s*(?:async\s+)?(?:if|elif|else|for|while|try|except|finally|with|def|class|match|case)\b"
)
_TAIL = re.compile(r"\s*(?:\bthen\b|\bdo\b|\{|;)?\s*:?\s*$")
_PRINT = re.compile(r"(?P<head>(?:.*:)?\s*)print\s+(?P<rest>[^\s(=.].*?)(?P<comma>,?)\s*$")
_PRINT_TO = re.compile(r">>\s*(?P<file>[\w.]+)\s*,\s*(?P<what>.+)")
_EQUALS = re.compile(r"(?<![=!<>:+\-*/%&|^@])=(?!=)")
_CONDITION = re.compile(r"\s*(?:if|elif|while)\b")
_STEP = re.compile(r"(?P<head>\s*[\w.\[\]]+)\s*(?P<sign>\+\+|--)\s*;?\s*$")
_EXCEPT = re.compile(
    r"(?P<head>\s*except\s+)(?P<what>[\w.]+|\([\w., ]+\))\s*,\s*(?P<name>\w+)(?P<tail>\s*:.*)"
)
_BARE_DEF = re.compile(r"(?P<head>\s*(?:async\s+)?def\s+\w+)\s*(?P<tail>:.*)?$")
_DECLARED = re.compile(r"(?P<indent>\s*)(?:const|let|var)\s+(?P<rest>\w+\s*=(?!=).*)")
_FUNCTION = re.compile(r"(?P<indent>\s*)(?:function|func|fn)\s+(?P<rest>\w+\s*\(.*)")
_SIGNS = re.compile(r"\s*&&\s*|\s*\|\|\s*|!(?!=)\s*")
_FIRST_WORD = re.compile(r"(?P<indent>\s*)(?P<word>[a-z]{3,9})\b")
_KEYWORDS = (
    "import", "from", "def", "class", "return", "while", "for", "elif", "else", "try",
    "except", "finally", "with", "print", "break", "continue", "global", "raise", "pass",
)  # fmt: skip
_WORDS = {"&&": " and ", "||": " or ", "!": "not "}

F_STRING = re.compile(r"(?i)(?<![\w\"'])(?:f|rf|fr)(?P<quote>[\"'])(?!(?P=quote){2})")


def masked(line: str) -> str:
    """Return a line of the same length with strings as `_` and comments as blanks.

    A string that is never closed reaches to the end of the line.
    """

    def cover(match: re.Match[str]) -> str:
        return ("_" if match["string"] is not None else " ") * len(match[0])

    return _STRING_OR_COMMENT.sub(cover, line)


def code_end(line: str) -> int:
    """Return where the code of a line ends: before the blanks and the comment behind it."""
    return len(masked(line).rstrip())


def readings(line: str) -> Iterator[str]:
    """Return what a line may have been meant as, where something in it is of another language.

    A colon that was left out, `print` as a statement, one `=` in a condition, and what other
    languages write in the place of Python's words.
    """
    mask, end = masked(line), code_end(line)
    code, mask, behind = line[:end], mask[:end], line[end:]
    found = chain.from_iterable(slip(code, mask) for slip in _SLIPS)
    yield from (f"{each}{behind}" for each in found if each != code)
    if code.lstrip().startswith("//"):
        yield line.replace("//", "#", 1)


def _colon(code: str, mask: str) -> Iterator[str]:
    if not code.strip():
        return
    if _HEADER.match(mask):
        body = code[: len(_TAIL.sub("", mask))]
        yield f"{body}:"
    elif mask.endswith((")", "]")):
        # The last line of a header of several; of anything else Python takes no colon.
        yield f"{code}:"


def _print(code: str, mask: str) -> Iterator[str]:
    match = _PRINT.fullmatch(mask)
    if match is None:
        return
    head, rest = code[: match.start("rest")], code[match.start("rest") : match.end("rest")]
    head = head[: match.end("head")]
    to = _PRINT_TO.fullmatch(rest)
    if to is not None:
        yield f"{head}print({to['what']}, file={to['file']})"
    else:
        end = ', end=" "' if match["comma"] else ""
        yield f"{head}print({rest}{end})"


def _comparison(code: str, mask: str) -> Iterator[str]:
    if not _CONDITION.match(mask):
        return
    for match in _EQUALS.finditer(mask):
        before, after = code[: match.start()], code[match.end() :]
        if before.count("(") == before.count(")"):
            yield f"{before}=={after}"
            if "(" in after:
                yield f"{before}:={after}"


def _else_if(code: str, mask: str) -> Iterator[str]:
    match = re.match(r"\s*(?P<word>else\s+if|elseif|elsif)\b", mask)
    if match is not None:
        before, rest = code[: match.start("word")], code[match.end("word") :]
        yield f"{before}elif{rest}"


def _signs(code: str, mask: str) -> Iterator[str]:
    if not _SIGNS.search(mask):
        return
    pieces, at = [], 0
    for match in _SIGNS.finditer(mask):
        pieces += [code[at : match.start()], _WORDS[match[0].strip()]]
        at = match.end()
    yield "".join([*pieces, code[at:]])


def _step(code: str, mask: str) -> Iterator[str]:
    match = _STEP.fullmatch(mask)
    if match is not None:
        yield f"{code[: match.end('head')]} {match['sign'][0]}= 1"


def _except(code: str, mask: str) -> Iterator[str]:
    match = _EXCEPT.fullmatch(mask)
    if match is None:
        return
    head, what, name = (match[each] for each in ("head", "what", "name"))
    tail = code[match.start("tail") :]
    # An exception's name has a capital, what it is bound to has none.
    together = f"({what}, {name})"
    yield f"{head}{together}{tail}" if name[:1].isupper() else f"{head}{what} as {name}{tail}"


def _bare_def(code: str, mask: str) -> Iterator[str]:
    match = _BARE_DEF.fullmatch(mask)
    if match is not None:
        yield f"{code[: match.end('head')]}():"
        yield f"{code[: match.end('head')]}(self):"


def _foreign_words(code: str, mask: str) -> Iterator[str]:
    for pattern, word in ((_DECLARED, ""), (_FUNCTION, "def ")):
        match = pattern.fullmatch(mask)
        if match is not None:
            rest = code[match.start("rest") :].removesuffix(";")
            yield f"{match['indent']}{word}{rest}"
            yield from (f"{match['indent']}{word}{each}" for each in _colon_of(rest))


def _keyword(code: str, mask: str) -> Iterator[str]:
    match = _FIRST_WORD.match(mask)
    if match is not None and match["word"] not in _KEYWORDS:
        for keyword in _KEYWORDS:
            if is_slip_of(match["word"], keyword):
                yield f"{match['indent']}{keyword}{code[match.end('word') :]}"


def _colon_of(rest: str) -> Iterator[str]:
    body = _TAIL.sub("", rest)
    yield f"{body}:"


_SLIPS: tuple[Callable[[str, str], Iterator[str]], ...] = (
    _colon,
    _print,
    _comparison,
    _else_if,
    _signs,
    _step,
    _except,
    _bare_def,
    _foreign_words,
    _keyword,
)


def with_other_quotes(line: str) -> Iterator[str]:
    """Return the line with the strings inside an f-string's braces in the other kind of quotes.

    Before Python 3.12 an f-string's own quotes may not stand in its braces.
    """
    for match in F_STRING.finditer(line):
        quote = match["quote"]
        other = "'" if quote == '"' else '"'
        text, depth = list(line), 0
        for at in range(match.end(), len(line)):
            if line[at] in "{}":
                depth += 1 if line[at] == "{" else -1
            elif line[at] == quote and not depth:
                break
            elif line[at] == quote:
                text[at] = other
            elif line[at] == other and depth:
                return
        changed = "".join(text)
        if changed != line:
            yield changed
