"""Which language a block that is not Python is written in, by its label or by its content."""

from __future__ import annotations

import re
from re import IGNORECASE, MULTILINE

from validator.reading.classify import label_word

_NAMES = {
    "javascript": "JavaScript", "js": "JavaScript", "jsx": "JavaScript", "node": "JavaScript",
    "typescript": "TypeScript", "ts": "TypeScript", "tsx": "TypeScript",
    "java": "Java", "kotlin": "Kotlin", "swift": "Swift", "scala": "Scala", "dart": "Dart",
    "c": "C", "cpp": "C++", "c++": "C++", "csharp": "C#", "cs": "C#", "c#": "C#",
    "go": "Go", "golang": "Go", "rust": "Rust", "rs": "Rust", "zig": "Zig", "ruby": "Ruby",
    "rb": "Ruby", "php": "PHP", "perl": "Perl", "lua": "Lua", "r": "R", "julia": "Julia",
    "haskell": "Haskell", "html": "HTML", "sql": "SQL", "matlab": "MATLAB", "vb": "Visual Basic",
}  # fmt: skip
"""What info strings call the languages programs are written in."""
_SIGNS = (
    (
        "C++",
        re.compile(r"^\s*#include\s*<(?:iostream|vector|string)>|^using namespace ", MULTILINE),
    ),
    ("C", re.compile(r"^\s*#include\s*[<\"]\w+\.h[>\"]", MULTILINE)),
    ("C#", re.compile(r"^\s*using System\b.*;", MULTILINE)),
    (
        "Java",
        re.compile(r"^\s*(?:public\s+(?:final\s+)?class\s+\w+|import java[\w.]*;)", MULTILINE),
    ),
    ("Rust", re.compile(r"^\s*(?:pub\s+)?fn\s+\w+.*\{\s*$", MULTILINE)),
    ("Go", re.compile(r"^package\s+\w+\s*$|^func\s+\w*\(.*\{\s*$", MULTILINE)),
    ("PHP", re.compile(r"<\?php\b")),
    ("HTML", re.compile(r"<(?:!doctype html|html|body|script)\b", IGNORECASE)),
    (
        "JavaScript",
        re.compile(
            r"^\s*(?:(?:const|let|var)\s+[\w{\[].*=|(?:async\s+)?function\b.*\{|import\s.*\sfrom\s+['\"])"
            r"|=>\s*\{|\bconsole\.log\(",
            MULTILINE,
        ),
    ),
)
"""Lines that only one of them has; HTML before JavaScript, which it often holds."""


def language_of(label: str, text: str) -> str | None:
    """Return the name of the programming language of a block; None where nothing says one.

    The label is believed first: a block that is Python all the same was found out before.
    """
    named = _NAMES.get(label_word(label))
    if named is not None:
        return named
    return next((name for name, sign in _SIGNS if sign.search(text)), None)
