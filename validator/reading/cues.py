"""What the words before a block say it is: a step, a better version, another way, an example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.reading.passage import Stretch

_COMPLETE = re.compile(
    r"\b(?:correct(?:ed|ion)?|fix(?:ed)?|updated?|revised|complete|full|final|whole|entire|together"
    r"|modified|improved version|refactored|oops|my bad|apologi[sz]e|(?:a|my) mistake|wait[,.!]"
    r"|(?:is|was|['’]s) (?:wrong|incorrect)"
    r"|verbessert\w*|korrigiert\w*|vollständig\w*|überarbeitet\w*|aktualisiert\w*"
    r"|corrigée?s?|améliorée?s?|complète|corregid[oa]s?|mejorad[oa]s?|actualizad[oa]s?|complet[oa]"
    r"|исправленн\w*|улучшенн\w*|обновлённ\w*|обновленн\w*|полн(?:ый|ая|ое))\b"
    r"|修改后|修改後|修正|改进|改進|改良|更新后|更新後|完整|完全な",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(
    r"\b(?:alternativ\w*|another|or you|you (?:can|could) also|also be|instead"
    r"|more (?:efficient|concise|pythonic|elegant)|other (?:way|option|approach)|option \d"
    r"|andere (?:Möglichkeit|Variante|Art)|autre (?:façon|méthode|solution|version)"
    r"|otra (?:forma|manera|opción|solución|versión)|друг(?:ой|ое) (?:способ|вариант|решение))\b"
    r"|另一种|另一種|也可以|或者|別の方法",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(
    r"\b(?:alternativ\w*|optional(?:ly)?|varia(?:nt|tion)s?|instead"
    r"|if you (?:want|need|prefer|wish|would|are looking|['’]d)"
    r"|(?:another|other|different) (?:way|approach|version|solution|implementation|method)"
    r"|(?:option|approach|method|solution|version|way)\s*\#?[2-9]"
    r"|more (?:efficient|concise|pythonic|elegant|robust|general|compact))\b",
    re.IGNORECASE,
)
_OR = re.compile(r"\W*or\b", re.IGNORECASE)
_USAGE = re.compile(
    r"\b(?:usage|examples?|use (?:it|this|the)|to (?:use|test|call)|test\w*|try (?:it|this)|call\w*"
    r"|output|result|invoke|for instance|demo\w*"
    r"|Beispiel\w*|Aufruf|exemples?|utilisation|ejemplos?|uso|пример\w*)\b|示例|用法|使用例|调用",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:chang|modif|updat|replac|rewrit|fix|edit|adjust|correct|improv)\w*\b", re.IGNORECASE
)
_CHANGED = re.compile(
    r"\b(?:chang|modif|updat|replac|rewrit|edit|adjust)\w*\s+(?:[\w'’]+\s+){0,4}?[`*]*(?P<name>\w+)(?:\(\))?[`*]"
    r"|\b(?:chang|modif|updat|replac|rewrit|edit|adjust)\w*\s+(?:[\w'’]+\s+){0,3}?(?P<plain>\w+)\(\)",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"^\W*(?:example|exemple|ejemplo|beispiel|esempio|exemplo|пример|例|示例)\s*(?:no\.?\s*|#\s*)?\d+\b",
    re.IGNORECASE,
)
_STEP = r"\b(?:step|next|then|finally|now|after that|add)\b"
_NUMBERED = re.compile(
    rf"^\s*(?:#+\s*|\**\s*)?(?:step\s*)?\d+[.):]|{_STEP}",
    re.IGNORECASE,
)
_ADDED = re.compile(_STEP, re.IGNORECASE)
_CODE = r"(?:\s+(?:code|version|way|approach|example|practice|implementation))?\W*$"
_WRONG = re.compile(
    r"\b(?:wrong|incorrect|bad|before|original|buggy|broken|old|python ?2|instead of|rather than)"
    rf"{_CODE}",
    re.IGNORECASE,
)
_RIGHT = re.compile(
    r"\b(?:right|correct|good|after|new|better|fixed|improved|python ?3|write|use)"
    rf"{_CODE}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cue:
    """The last two filled lines before a block, and what they say of it."""

    text: str
    line: str
    """The last of them alone."""
    own: str = ""
    """The comment the block itself begins with."""

    @classmethod
    def of(cls, stretch: Stretch) -> Cue:
        """Return what is said before a stretch; nothing where it begins the reply."""
        first = stretch.passage.lines[0].strip() if stretch.passage.lines else ""
        own = first if first.startswith("#") else ""
        return cls(" ".join(stretch.lead[-2:]), stretch.lead[-1] if stretch.lead else "", own)

    @property
    def complete(self) -> bool:
        """True where it is said to be all of the program, or to have put it right."""
        return _COMPLETE.search(self.text) is not None

    @property
    def alternative(self) -> bool:
        """True where it is said to be one of several, or to add to them."""
        return _ALTERNATIVE.search(self.text) is not None or self.optional

    @property
    def optional(self) -> bool:
        """True where it is said that one can do without, or has another way to do the same."""
        return _OPTIONAL.search(self.text) is not None or _OR.match(self.line) is not None

    @property
    def change(self) -> bool:
        """True where it is said to change what was shown."""
        return _CHANGE.search(self.text) is not None

    @property
    def changed(self) -> str:
        """What it is said to change, by name; empty where none is given."""
        match = _CHANGED.search(self.text)
        return (match["name"] or match["plain"]) if match is not None else ""

    @property
    def example(self) -> bool:
        """True where it is one of several examples that are counted."""
        return _EXAMPLE.search(self.line) is not None

    @property
    def usage(self) -> bool:
        """True where it is said to show how something is called, or what comes of it."""
        return _USAGE.search(self.text) is not None

    @property
    def step(self) -> bool:
        """True where it is said to go on, or is counted."""
        return _NUMBERED.search(self.text) is not None

    @property
    def added(self) -> bool:
        """True where it is said to go on, in words."""
        return _ADDED.search(self.text) is not None

    def rights(self, earlier: Cue) -> bool:
        """Return True where this is the right one to an earlier wrong one: before, and after."""
        wrong = _WRONG.search(earlier.line) or _WRONG.search(earlier.own)
        right = _RIGHT.search(self.line) or _RIGHT.search(self.own)
        return wrong is not None and right is not None
