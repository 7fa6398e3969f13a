"""Answer what a program asks for at its terminal, as a person trying it out would.

`input`, `getpass` and `sys.stdin` are answered by what the code does with the answer (`callsite`)
and by the prompt's words (`prompts`): menus option by option, then the way out; numbers within
their bounds; a number to be guessed by halving. Every prompt and answer is told. The same program
gets the same answers every time. A program that asks on and on is stopped after `MAX_PROMPTS`.
"""

from __future__ import annotations

import ast
import builtins
import io
import os
import sys
import time

from . import prompts, shells
from .callsite import Reader, Site

MAX_PROMPTS = 60
MAX_OPTIONS = 24
"""Of one menu that are tried, before the way out is."""
PATIENCE = 3
"""How often a question without options is answered before the way out is tried."""
MAX_LINES = 3
"""What `for line in sys.stdin` gets before the end of it."""
SAMPLE = "The quick brown fox jumps over the lazy dog.\nA second line, with 3 numbers: 1 2 3.\n"
DATE = (2024, 5, 17, 10, 30, 0, 4, 138, 0)
_NUMBERS = ("5", "3", "10", "7", "2", "1")
_WAYS_OUT = ("q", "quit", "exit", "n", "no", "0", "done", "")
_YES = ("y", "yes")
_NO = ("n", "no")
_MENU = ("choice", "option", "choose", "select", "menu", "command", "action")


def around(execute: object, _: dict, job: dict, channel: object) -> object:
    """Return `execute` with somebody at the terminal."""
    work = job["paths"]["work"]
    conversation = Conversation(Answerer(work), channel)

    def answered() -> None:
        builtins.input = conversation.input
        # A job that brings its own standard input is answered by that.
        sys.stdin = conversation.stdin
        if any(b"getpass" in text for text in job["files"].values()):
            import getpass

            getpass.getpass = conversation.getpass
        execute()

    return answered


class Conversation:
    """The terminal: prompts are shown, answers echoed and told, and there is an end to it."""

    def __init__(self, answerer: Answerer, channel: object) -> None:
        """Ask `answerer`, and tell `channel` what was asked and answered."""
        self.answerer = answerer
        self.channel = channel
        self.asked = 0
        self.original = builtins.input
        self.stdin = Typed(self)

    def input(self, prompt: object = "", /) -> str:
        """Stand in for the built-in of that name."""
        if sys.stdin is not self.stdin:
            return self.original(prompt)
        text = str(prompt)
        sys.stdout.write(text)
        answer = self.reply(text, _caller(2), "input")
        sys.stdout.write(f"{answer}\n")  # a terminal echoes what is typed
        sys.stdout.flush()
        return answer

    def getpass(self, prompt: str = "Password: ", stream: object = None, **_: object) -> str:
        """Stand in for `getpass.getpass`."""
        (stream or sys.stderr).write(f"{prompt}\n")
        return self.reply(prompt, _caller(2), "getpass")

    def reply(self, prompt: str, frame: object, function: str) -> str:
        """Return the answer, or stop the program where it has asked too often."""
        self.asked += 1
        if self.asked > MAX_PROMPTS:
            self.channel.tell("observed", kind="asks-on", prompts=MAX_PROMPTS)
            self.channel.tell("seen-enough")
            while True:
                time.sleep(1)
        try:
            answer = self.answerer.answer(prompt, frame, function)
        except Exception as error:  # a fault of ours is none of the program's
            self.channel.tell("observed", kind="not-instrumented", error=repr(error)[:300])
            answer = "1"
        self.channel.tell("observed", kind="input", prompt=prompt[-200:], answer=answer[:200])
        return answer


def _caller(depth: int) -> object:
    """Return the frame that many calls out, which asks."""
    return sys._getframe(depth)  # noqa: SLF001 - there is no other way to a frame


class Typed(io.TextIOBase):
    """Standard input, typed line by line by the same person."""

    encoding = "utf-8"

    def __init__(self, conversation: Conversation) -> None:
        """Have `conversation` answer."""
        super().__init__()
        self.conversation = conversation
        self.lines = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of what is really there."""
        return 0

    def readline(self, _: int = -1, /) -> str:
        """Return the next answer as a line."""
        return self._line(_caller(2), "readline")

    def __next__(self) -> str:
        """Return the next line, until there have been enough."""
        if self.lines >= MAX_LINES:
            raise StopIteration
        return self._line(_caller(2), "")

    def read(self, _: int = -1, /) -> str:
        """Return all lines at once."""
        frame, lines = _caller(2), []
        while self.lines < MAX_LINES:
            lines.append(self._line(frame, "read"))
            if self.conversation.answerer.wants_one_number:
                self.lines = MAX_LINES
        return "".join(lines)

    def readlines(self, _: int = -1, /) -> list:
        """Return all lines as a list."""
        return self.read().splitlines(keepends=True)

    def _line(self, frame: object, function: str) -> str:
        self.lines += 1
        return self.conversation.reply("", frame, function) + "\n"


class Answerer:
    """Decides what to type: keeps, for each place that asks, how often it did."""

    def __init__(self, work: str) -> None:
        """Read the program's own files below `work` only."""
        self.work = os.path.join(work, "")
        self.readers: dict = {}
        self.sites: dict = {}
        self.times: dict = {}
        self.bounds: dict = {}
        self.commands = 0
        """How many were given to shells."""
        self.wants_one_number = False
        """Of the last answer: the code makes one number of all of it."""

    def answer(self, prompt: str, frame: object, function: str) -> str:
        """Return the answer to `prompt`, asked by `function` called from `frame`."""
        shell = shells.of(frame)
        if shell is not None:
            self.commands += 1
            return shells.line(shell, self.commands - 1)
        key, site, frame = self._site(frame, function)
        turn = self.times.get((key, prompt), 0)
        self.times[key, prompt] = turn + 1
        self.wants_one_number = bool(site.number) and site.split is None
        secret = _secret(site, frame)
        if secret is not None and not site.choices:
            return self._guess(key, site, secret, prompt)
        tried = _worth_trying(prompt, site, frame)
        ways_out = _ways_out(prompt, site, self.readers.get(key[0]), tried)
        inside = [each for each in tried if each not in ways_out] or tried
        enough = min(len(inside), MAX_OPTIONS) if len(inside) > 1 else PATIENCE
        if turn < enough or not ways_out:
            chosen = inside[turn % len(inside)]
        else:
            chosen = ways_out[(turn - enough) % len(ways_out)]
        if site.opened and chosen == "sample.txt":
            _lay_sample()
        return chosen

    def _site(self, frame: object, function: str) -> tuple:
        """Return the key, the site and the frame of the program's own line that asks."""
        name = function
        while frame.f_back is not None and not frame.f_code.co_filename.startswith(self.work):
            name, frame = frame.f_code.co_name, frame.f_back
        key = (frame.f_code.co_filename, frame.f_lineno)
        callers, site = frame, self.sites.get(key)
        if site is None:
            site = self.sites[key] = Site()
        else:
            return key, site, site.frame_of(frame)
        depth = 0
        while self._reader(callers).read(callers.f_lineno, site, name) and callers.f_back:
            if not callers.f_back.f_code.co_filename.startswith(self.work):
                break
            name, callers, depth = callers.f_code.co_name, callers.f_back, depth + 1
        site.depth = depth
        return key, site, callers

    def _reader(self, frame: object) -> Reader:
        path = frame.f_code.co_filename
        if path not in self.readers:
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except (OSError, UnicodeDecodeError):
                text = ""
            self.readers[path] = Reader(text)
        return self.readers[path]

    def _guess(self, key: tuple, site: Site, secret: float, prompt: str) -> str:
        """Halve the range a number to be guessed lies in, by what the program would have said."""
        low, high, last = self.bounds.get(key) or (*_range(prompt, site, key, self), None)
        if last is not None and last < secret:
            low = max(low, last + 1)
        elif last is not None and last > secret:
            high = min(high, last - 1)
        if not low <= secret <= high:
            low, high = min(low, int(secret)), max(high, int(secret) + 1)
        guess = int(low + high) // 2
        # Once it is found, what is asked for next is another number.
        self.bounds[key] = (low, high, guess) if guess != secret else None
        return str(guess)


def _range(prompt: str, site: Site, key: tuple, answerer: Answerer) -> tuple:
    named = prompts.number_range(prompt)
    if named is None and site.low is not None and site.high is not None:
        named = (site.low, site.high)
    reader = answerer.readers.get(key[0])
    return named or (reader.range_in_words() if reader else None) or (1, 100)


# ── what is worth typing ─────────────────────────────────────────────────────────────────────────


def _worth_trying(prompt: str, site: Site, frame: object) -> list:
    """Return the answers to give, one after the other; never empty."""
    if site.split is not None or site.count > 1:
        return [_several(prompt, site)]
    if site.date_format:
        return [time.strftime(site.date_format, DATE)]
    if site.one_letter and not site.choices:
        return list("etaoinshrdlucmfwygpbvkxqjz")  # what it is `in` are the letters so far
    menu = _menu(prompt, site, frame)
    if menu:
        return menu
    yes_no = prompts.yes_no(prompt)
    if yes_no and not site.number:
        return list(yes_no)
    words = list(prompts.by_words(prompt))
    if site.number or (site.evaluated and "+" not in "".join(words)):
        return _numbers(prompt, site)
    return words or (["sample.txt"] if site.opened else ["hello", "5", "3"])


def _menu(prompt: str, site: Site, frame: object) -> list:
    """Return the options of a menu, those that say yes before those that say no."""
    options = list(site.choices)
    for table in site.tables:
        options += _keys(_value(table, frame))
    for mapping in site.mappings:
        known = _value(mapping, frame)
        options += _keys(known) if isinstance(known, dict) else []
    offered = prompts.options(prompt)
    options = list(dict.fromkeys(options or offered))
    named = any(word in prompt.lower() for word in _MENU)
    if site.number and not named and len(options) < 3:
        return []  # `if n == 0` is a special case of a number, and no menu
    if all(each in site.quits or each == prompts.quit_word(prompt) for each in options):
        return []  # `if word == "done": break` ends what is gathered, and is no menu either
    if options and set(map(str.lower, options)) <= {*_YES, *_NO, ""}:
        return _spelled(options)
    return options


def _spelled(options: list) -> list:
    """Return yes, then no, as the code spells them; where it knows one of the two, both."""
    lower = [each.lower() for each in options]
    long = any(len(each) > 1 and each in ("yes", "no") for each in lower)
    yes = next((each for each in options if each.lower() in _YES), "yes" if long else "y")
    no = next((each for each in options if each.lower() in _NO), "no" if long else "n")
    return [yes, no]


def _ways_out(prompt: str, site: Site, reader: Reader | None, tried: list) -> list:
    """Return the answers that lead out of a loop of questions, the surest first."""
    found = [each for each in (prompts.quit_word(prompt),) if each is not None]
    menu = reader.quit_in_menu if reader else []
    found += [each for each in menu if each in site.choices or each in tried]
    if set(map(str.lower, tried)) <= {*_YES, *_NO}:
        return [*found, tried[-1]]
    words = [each for each in site.quits if each.lower() in _WAYS_OUT]
    found += words or (site.quits if len(site.choices) > 1 and not found else [])
    if found:
        return list(dict.fromkeys(found))
    return [] if site.number or site.split is not None else [*_WAYS_OUT, *tried]


def _numbers(prompt: str, site: Site) -> list:
    bounds = prompts.number_range(prompt)
    low, high = bounds or (site.low, site.high)
    if low is not None and high is not None and high > low:
        low, high = int(low), int(high)
        if high - low <= MAX_OPTIONS:
            middle = (low + high) // 2
            return [str(each) for each in (*range(middle, high + 1), *range(low, middle))]
        return [str(each) for each in ((low + high) // 2, low + 1, high - 1, low, high)]
    words = [each for each in prompts.by_words(prompt) if each.lstrip("-").isdigit()]
    edge = [] if low is None else [str(int(low) + 1), str(int(low))]
    return list(dict.fromkeys((*(words or _NUMBERS), *edge, *_NUMBERS)))


def _several(prompt: str, site: Site) -> str:
    count = site.count if site.count > 1 else 3
    words = prompts.by_words(prompt)
    numeric = site.number or words[:1] == ("5",)
    values = ("3", "4", "5", "1", "2") if numeric else ("red", "green", "blue", "alice", "5")
    separator = site.split or " "
    return separator.join((values * count)[:count])


def _keys(value: object) -> list:
    """Return the answers a table of the program's knows."""
    if isinstance(value, (dict, list, tuple, set, frozenset)) and len(value) <= 2 * MAX_OPTIONS:
        texts = [str(each) for each in value if isinstance(each, (str, int))]
        return sorted(texts) if isinstance(value, (set, frozenset)) else texts
    return []


def _secret(site: Site, frame: object) -> float | None:
    """Return the number the program compares its answers with from both sides, if there is one."""
    for node, sides in site.ordered.values():
        if len(sides) > 1 and site.number:
            value = _value(node, frame)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return value
    return None


def _value(node: ast.AST, frame: object) -> object:
    """Look a dotted name up in a frame, running nothing of the program's; None where it fails."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, frame)
        return getattr(owner, "__dict__", {}).get(node.attr)
    return None


def _lay_sample() -> None:
    """Write the file whose name was just given, where there is none of that name."""
    try:
        with open("sample.txt", "x", encoding="utf-8") as file:
            file.write(SAMPLE)
    except OSError:
        pass
