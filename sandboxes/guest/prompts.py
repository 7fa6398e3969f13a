"""What a person would type at a prompt, by its words alone. Pure, and always the same."""

from __future__ import annotations

import re

_QUIT_HINTS = (
    re.compile(r"""(?:type|enter|press|use|input|or)?\s*['"“(\[]?\b(\w+|-1)['"”)\]]?\s+(?:to|=|for)
                   \s+(?:quit|exit|stop|finish|end|leave|cancel)""", re.IGNORECASE | re.VERBOSE),
    re.compile(r"['\"(\[/](q|quit|exit|stop|done)['\")\]]", re.IGNORECASE),
)  # fmt: skip
_QUIT_TEXTS = ("q", "quit", "exit", "stop", "done", "end", "x", "n", "no", "0", "-1", "bye")
_YES_NO = re.compile(
    r"\b(y(?:es)?)\s*[/|,]\s*(?:or\s+)?(no?)\b|\b(yes)\s+or\s+(no)\b", re.IGNORECASE
)
_AGAIN = re.compile(
    r"\bagain\b|\banother\b|\bcontinue\b|\bmore\b|\brepeat\b|\brestart\b", re.IGNORECASE
)
_QUESTION = re.compile(r"^\s*(?:do|would|are|is|shall|should|want|can|have)\b.*\?", re.IGNORECASE)
_RANGE = re.compile(
    r"(-?\d+(?:\.\d+)?)\s*(?:-|–|to|and|through|\.\.+)\s*(-?\d+(?:\.\d+)?)(?!\d*[/-]\d)",
    re.IGNORECASE,
)
_OPTIONS = re.compile(r"[(\[]\s*(\w+(?:\s*[/,|]\s*\w+)+)\s*[)\]]")
_SPOKEN = re.compile(r"\b(\w+)(?:\s*,\s*(\w+))*\s*,?\s+or\s+(\w+)\b", re.IGNORECASE)

_BY_WORD = (
    (r"press (?:any|enter|return)|hit enter|enter to continue|any key", ("",)),
    (r"e-?mail", ("alice@example.com",)),
    (r"url|website|link|address of (?:the )?site", ("https://example.com",)),
    (r"pass(?:word|phrase|code)", ("Passw0rd!2024",)),
    (r"user\s?name|login", ("alice",)),
    (r"phone|mobile|telephone", ("5550123456",)),
    (r"zip|postal", ("12345",)),
    (r"birth", ("1990-05-17",)),
    (r"yyyy[-/]mm[-/]dd|\bdate\b", ("2024-05-17",)),
    (r"hh:mm|\btime\b", ("10:30",)),
    (r"file|path|folder|directory", ("sample.txt",)),
    (r"operat(?:or|ion)|\+\s*[,/ ]\s*-", ("+", "-", "*", "/")),
    (r"expression|equation|formula|calculat", ("2 + 3 * 4",)),
    (r"colou?r", ("red", "blue")),
    (r"\bletter|character|guess a l", tuple("etaoinshrdlucmfwygpbvkxqjz")),
    (r"\b(?:row|col(?:umn)?|position|cell|square|move)\b", tuple("123456789")),
    ((r"how (?:many|much|long|old|far|tall)|number|amount|quantity|count|size|length|width|height"
     r"|radius|\bage\b|weight|mark|grade|score|price|cost|salary|rate|limit|\bn\b|digit|integer"
     r"|temperature|principal|balance|deposit|withdraw|distance|speed|seconds|minutes|level"
     r"|\bid\b|index"), ("5", "3", "10", "7", "2", "1")),
    (r"\byear\b", ("2024",)),
    (r"month", ("5",)),
    (r"\bday\b", ("17",)),
    (r"first name", ("Alice",)),
    (r"(?:last|sur|family) ?name", ("Smith",)),
    (r"title|book|movie|song", ("The Long Way",)),
    (r"author", ("Alice Smith",)),
    (r"name|who are you|player", ("Alice", "Bob", "Carol", "Dave")),
    (r"city|town|location|where", ("London",)),
    (r"country", ("France",)),
    (r"language", ("English",)),
    (r"word", ("level", "garden")),
    (r"sentence|text|string|message|phrase|note|task|todo|item|description|comment|question",
     ("hello world", "buy milk", "a second one")),
    (r"choice|option|choose|select|pick", ("1", "2", "3", "4", "5", "6")),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), answers) for pattern, answers in _BY_WORD)


def by_words(prompt: str) -> tuple:
    """Return the answers a prompt's own words suggest, the first the likeliest; empty for none."""
    for pattern, answers in _COMPILED:
        if pattern.search(prompt):
            return answers
    return ()


def yes_no(prompt: str) -> tuple | None:
    """Return how yes and no are spelled where a prompt asks for them, else None."""
    match = _YES_NO.search(prompt)
    if match:
        return match[1] or match[3], match[2] or match[4]
    return ("y", "n") if _QUESTION.search(prompt) and not by_number(prompt) else None


def by_number(prompt: str) -> bool:
    """Tell whether a prompt asks for a number: `How many?`."""
    return by_words(prompt)[:1] == ("5",)


def asks_again(prompt: str) -> bool:
    """Tell whether a prompt asks whether to go on."""
    return bool(_AGAIN.search(prompt))


def number_range(prompt: str) -> tuple | None:
    """Return the two bounds a prompt or a text names: `between 1 and 100`, `(1-10)`."""
    match = _RANGE.search(prompt)
    if match is None:
        return None
    low, high = float(match[1]), float(match[2])
    return (low, high) if low < high else None


def options(prompt: str) -> list:
    """Return the answers a prompt offers: `(add/remove/quit)`, `rock, paper or scissors`."""
    match = _OPTIONS.search(prompt)
    if match:
        return [each.strip() for each in re.split(r"[/,|]", match[1])]
    match = _SPOKEN.search(prompt)
    if match and "," in match[0]:
        return [each for each in re.split(r"\s*,\s*(?:or\s+)?|\s+or\s+", match[0]) if each]
    return []


def quit_word(prompt: str) -> str | None:
    """Return the answer a prompt says leaves the program: `(q to quit)`."""
    for pattern in _QUIT_HINTS:
        for match in pattern.finditer(prompt):
            if match[1].lower() in _QUIT_TEXTS:
                return match[1]
    return None
