"""What is typed at a program's prompts: by the code around them, and by their own words."""

from __future__ import annotations

import builtins
import contextlib
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seeing import guest

if TYPE_CHECKING:
    from pathlib import Path

Told = list[dict[str, Any]]


class Channel:
    """Hears what would go to the supervisor."""

    def __init__(self) -> None:
        self.told: Told = []

    def tell(self, event: str, data: bytes = b"", **fields: Any) -> None:
        if event == "seen-enough":
            raise Stopped
        self.told.append(fields)


class Stopped(BaseException):
    """In place of the supervisor's end to a program that asks on and on."""


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a program with somebody at its terminal; return `(prompt, answer)` of each question."""

    def run(text: str) -> list[tuple[str, str]]:
        channel, path = Channel(), tmp_path / "main.py"
        path.write_text(text)
        job = {"paths": {"work": str(tmp_path)}, "files": {"main.py": text.encode()}}
        monkeypatch.setattr(builtins, "input", builtins.input)
        monkeypatch.setattr(sys, "stdin", sys.stdin)
        monkeypatch.chdir(tmp_path)
        code = compile(text, str(path), "exec", dont_inherit=True)

        def execute() -> None:
            exec(code, {"__name__": "__main__"})

        with contextlib.suppress(Stopped, SystemExit):
            guest("answers").around(execute, {}, job, channel)()
        return [
            (each["prompt"], each["answer"]) for each in channel.told if each["kind"] == "input"
        ]

    return run


MENU = """\
items = []
while True:
    print("1. Add\\n2. List\\n3. Leave\\n4. Exit")
    choice = input("Choice: ").strip()
    if choice == "1":
        items.append((input("Item name: "), int(input("How many? "))))
    elif choice == "2":
        print(items)
    elif choice == "3":
        items.clear()
    elif choice == "4":
        break
"""


def test_a_menu_is_explored_option_by_option_and_then_left(talk: Any) -> None:
    assert talk(MENU) == [
        ("Choice: ", "1"),
        ("Item name: ", "Alice"),
        ("How many? ", "5"),
        ("Choice: ", "2"),
        ("Choice: ", "3"),
        ("Choice: ", "4"),
    ]


def test_the_same_program_gets_the_same_answers(talk: Any) -> None:
    assert talk(MENU) == talk(MENU)


def test_a_menu_read_by_a_function_and_told_apart_by_its_caller_is_explored(talk: Any) -> None:
    said = talk(
        'def ask():\n    return input("> ").lower()\n\n\n'
        'while True:\n    command = ask()\n    match command:\n        case "go":\n'
        '            print("gone")\n        case "look":\n            print("seen")\n'
        '        case "leave":\n            break\n'
    )

    assert [answer for _, answer in said] == ["go", "look", "leave"]


def test_a_menu_in_a_dictionary_is_explored(talk: Any) -> None:
    said = talk(
        'DO = {"a": print, "b": print}\nwhile True:\n    choice = input("Pick (q to quit): ")\n'
        '    if choice == "q":\n        break\n    if choice in DO:\n        DO[choice]()\n'
    )

    assert [answer for _, answer in said] == ["a", "b", "q"]


def test_a_number_is_guessed_by_halving(talk: Any) -> None:
    said = talk(
        'secret = 37\nwhile True:\n    guess = int(input("Guess a number between 1 and 100: "))\n'
        '    if guess < secret:\n        print("low")\n    elif guess > secret:\n'
        '        print("high")\n    else:\n        break\n'
    )

    assert [answer for _, answer in said] == ["50", "25", "37"]


def test_letters_are_guessed_one_after_the_other(talk: Any) -> None:
    said = talk(
        'left = set("tea")\nwhile left:\n    letter = input("Guess a letter: ")\n'
        "    if len(letter) != 1:\n        raise SystemExit(1)\n    left.discard(letter)\n"
    )

    assert [answer for _, answer in said] == ["e", "t", "a"]


def test_letters_and_moves_made_before_are_not_taken_for_a_menu(talk: Any) -> None:
    hangman = talk(
        'left, seen = set("tea"), set()\nwhile left:\n    letter = input("Guess: ").lower()\n'
        "    if not letter.isalpha() or len(letter) != 1 or letter in seen:\n        continue\n"
        "    seen.add(letter)\n    left.discard(letter)\n"
    )
    board = talk(
        'board = [" "] * 9\nwhile " " in board:\n    move = int(input("Choose 1-9: ")) - 1\n'
        '    if move < 0 or move > 8 or board[move] != " ":\n        continue\n'
        '    board[move] = "X"\n'
    )

    assert [answer for _, answer in hangman] == ["e", "t", "a"]
    assert len(board) == 9


def test_a_sentinel_ends_a_loop_that_gathers(talk: Any) -> None:
    said = talk(
        'words = []\nwhile True:\n    word = input("Word (done to finish): ")\n'
        '    if word == "done":\n        break\n    words.append(word)\nassert words\n'
    )

    assert said[-1][1] == "done"
    assert len(said) <= 5


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ('int(input("Age: "))', "5"),
        ('float(input("Radius: "))', "5"),
        ('n = int(input("Pick (1-3): "))\nassert 1 <= n <= 3', "2"),
        ('a, b = map(int, input("Two numbers: ").split())', "3 4"),
        ('x, y = input("x,y: ").split(",")', "red,green"),
        ('t = input("").split()\nprint(int(t[0]), [int(each) for each in t[1:]])', "3 4 5"),
        ('t = input("").split()\nprint(list(map(float, t[1:])))', "3 4 5"),
        ('t = input("").split()\nprint(sorted(t), len(t[0]))', "red green blue"),
        ('n = [int(e) for e in input("Numbers: ").split()]', "3 4 5"),
        ('input("Continue? (y/n) ")', "y"),
        ('ok = input("Really? ") == "yes"', "yes"),
        ('input("Your e-mail: ")', "alice@example.com"),
        ('import datetime\nd = input("When? ")\ndatetime.datetime.strptime(d, "%d.%m.%Y")',
         "17.05.2024"),
        ('import getpass\ngetpass.getpass()', "Passw0rd!2024"),
        ('open(input("File: ")).read()', "sample.txt"),
        ('input("Press Enter to go on")', ""),
        ('import sys\nint(sys.stdin.readline())', "5"),
        (('if input("rock, paper or scissors? ") not in ("rock", "paper", "scissors"):\n'
         '    raise ValueError'), "rock"),
        ('n = int(input("n: "))\nif n == 0:\n    print("nought")', "5"),
    ],
)  # fmt: skip
def test_a_prompt_is_answered_as_a_person_would(talk: Any, code: str, answer: str) -> None:
    assert talk(code + "\n")[0][1] == answer


def test_endless_asking_comes_to_an_end(talk: Any) -> None:
    said = talk('while True:\n    print(input("> "))\n')

    assert len(said) == guest("answers").MAX_PROMPTS


def test_lines_of_standard_input_come_to_an_end(talk: Any) -> None:
    assert len(talk("import sys\nfor line in sys.stdin:\n    print(line)\n")) == 3
    assert len(talk("import sys\nprint(sys.stdin.read())\n")) == 3
    assert len(talk("import sys\nprint(int(sys.stdin.read()))\n")) == 1


def test_a_program_that_brings_its_own_input_is_left_alone(talk: Any) -> None:
    text = 'import io, sys\nsys.stdin = io.StringIO("mine\\n")\nassert input() == "mine"\n'

    assert talk(text) == []


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_prompt_has_an_answer_by_its_words(prompt: str) -> None:
    prompts = guest("prompts")

    assert isinstance(prompts.by_words(prompt), tuple)
    assert isinstance(prompts.options(prompt), list)
    assert prompts.quit_word(prompt) is None or isinstance(prompts.quit_word(prompt), str)
    assert prompts.yes_no(prompt) is None or len(prompts.yes_no(prompt)) == 2
    bounds = prompts.number_range(prompt)
    assert bounds is None or bounds[0] < bounds[1]


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(1, 5))
def test_any_text_can_be_read_for_its_questions(text: str, line: int) -> None:
    callsite = guest("callsite")

    assert callsite.Reader(text).read(line, callsite.Site()) in (True, False)


# ── what pages are asked for ─────────────────────────────────────────────────────────────────────

DOCUMENT = {
    "paths": {
        "/items/{item_id}": {
            "put": {
                "parameters": [{"name": "item_id", "in": "path", "schema": {"type": "integer"}}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Item"}}
                    }
                },
            },
            "get": {
                "parameters": [
                    {"name": "item_id", "in": "path", "schema": {"type": "integer"}},
                    {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}},
                ]
            },
        },
        "/upload": {"post": {"requestBody": {"content": {"multipart/form-data": {}}}}},
    },
    "components": {
        "schemas": {
            "Item": {
                "type": "object",
                "required": ["name", "price"],
                "properties": {
                    "name": {"type": "string", "examples": ["Foo"]},
                    "price": {"type": "number"},
                    "tax": {"type": "number"},
                },
            }
        }
    },
}


def test_a_thing_is_made_before_it_is_asked_for_and_taken_away_last() -> None:
    described = guest("routes").from_openapi(DOCUMENT)

    assert described == [
        ("PUT", "/items/1", b'{"name": "Foo", "price": 1.5}'),
        ("GET", "/items/1?q=sample", b""),
    ]
    assert guest("routes").requests(["/about", "/items/1?q=sample"], described) == [
        ("GET", "/", b""),
        ("GET", "/about", b""),
        *described,
    ]
    assert guest("routes").from_openapi(
        {"paths": {"/x/{id}": {"delete": {}, "get": {}}, "/x": {"post": {}, "get": {}}}}
    ) == [
        ("GET", "/x", b""),
        ("POST", "/x", b""),
        ("GET", "/x/{id}", b""),
        ("DELETE", "/x/{id}", b""),
    ]


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    document: dict[str, Any] = {"node": {"type": "object", "properties": {}}}
    document["node"]["properties"]["next"] = {"$ref": "#/node"}

    assert isinstance(guest("routes").sample({"$ref": "#/node"}, document), dict)
