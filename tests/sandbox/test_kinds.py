"""What kind a program is taken for, by which line, and with which arguments it is run."""

from __future__ import annotations

import pytest

from validator.facts import (
    Command,
    Part,
    Plan,
    ProgramKind,
    Reply,
    SourceFile,
    Span,
    Submission,
)
from validator.sandbox.kinds import plan

SERVE = "from flask import Flask\n\napp = Flask(__name__)\n\n\n"


def planned(text: str, *commands: str, path: str = "main.py", **others: str) -> Plan:
    return plan(submission(text, *commands, path=path, **others))


def submission(text: str, *commands: str, path: str = "main.py", **others: str) -> Submission:
    files = [SourceFile(path, text, tuple(range(1, text.count("\n") + 1)))]
    files += [SourceFile(f"{name}.py", body, ()) for name, body in others.items()]
    return Submission(
        reply=Reply((Part(text, "reply.md"),)),
        files=tuple(files),
        commands=tuple(Command(each, Span(1, 1)) for each in commands),
        entry_point=path,
    )


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("print(1)\n", "script", "nothing in it opens a window, listens or asks"),
        ("import argparse\nargparse.ArgumentParser().parse_args()\n", "cli",
         "it imports argparse (main.py:1)"),
        ("import click\n\n\n@click.command()\ndef main():\n    pass\n\n\nmain()\n", "cli",
         "it imports click (main.py:1)"),
        ("import sys\n\nprint(sys.argv[1])\n", "cli", "it reads sys.argv (main.py:3)"),
        ('name = input("Name: ")\nprint(name)\n', "interactive", "it asks for input (main.py:1)"),
        ("import sys\n\nfor line in sys.stdin:\n    print(line)\n", "interactive",
         "it asks for input (main.py:3)"),
        ("import curses\n\ncurses.wrapper(print)\n", "interactive",
         "it imports curses (main.py:1)"),
        ("def area(w, h):\n    return w * h\n", "library", "it only defines things (main.py:1)"),
        (("import unittest\n\n\nclass T(unittest.TestCase):\n    def test_it(self):\n        pass\n"
         '\n\nif __name__ == "__main__":\n    unittest.main()\n'), "tests", "it tests (main.py:4)"),
        ("def add(a, b):\n    return a + b\n\n\ndef test_add():\n    assert add(1, 1) == 2\n",
         "tests", "it tests (main.py:5)"),
        (f'{SERVE}@app.route("/")\ndef home():\n    return "hi"\n', "server",
         "it imports flask (main.py:1)"),
        ("import socket\n\ns = socket.socket()\ns.listen()\ns.accept()\n", "server",
         "it imports socket (main.py:1)"),
        ("import socket\n\ns = socket.socket()\ns.bind(('', 9))\ns.recvfrom(9)\n", "server",
         "it imports socket (main.py:1)"),
        ("from aiohttp import web\n\nweb.run_app(web.Application())\n", "server",
         "it imports aiohttp (main.py:1)"),
        # Near misses: clients of what others serve.
        ("import socket\n\ns = socket.socket()\ns.sendto(b'', ('', 9))\ns.recvfrom(9)\n", "script",
         "nothing in it opens a window, listens or asks"),
        ("import aiohttp\nimport asyncio\n\nasyncio.run(aiohttp.ClientSession().close())\n",
         "script", "nothing in it opens a window, listens or asks"),
        ("import asyncio\nimport websockets\n\nasyncio.run(websockets.connect('x'))\n", "script",
         "nothing in it opens a window, listens or asks"),
        ("import cmd\n\n\nclass Shell(cmd.Cmd):\n    pass\n\n\nShell().cmdloop()\n", "interactive",
         "it asks for input (main.py:8)"),
        ("import termios\n\nprint(termios.tcgetattr(0))\n", "interactive",
         "it imports termios (main.py:1)"),
        ("import streamlit as st\n\nst.title('hi')\n", "server",
         "it imports streamlit (main.py:1)"),
        ("import matplotlib.pyplot as plt\n\nfig = plt.figure()\n\n\ndef draw():\n    plt.show()\n",
         "plot", "it imports matplotlib.pyplot (main.py:1)"),
        ("import arcade\n\narcade.run()\n", "game", "it imports arcade (main.py:1)"),
        ("from PyQt5.QtWidgets import QApplication\n\nQApplication([]).exec_()\n", "window",
         "it imports PyQt5.QtWidgets (main.py:1)"),
    ],
)  # fmt: skip
def test_a_program_is_taken_for_its_kind_by_a_line_that_says_so(
    text: str, kind: str, reason: str
) -> None:
    made = planned(text)

    assert (made.kind.value, made.reason) == (kind, reason)


@pytest.mark.parametrize(
    "text",
    [
        # Its own `input` method is not the built-in.
        "class Net:\n    def input(self):\n        return 1\n\n\nprint(Net().input())\n",
        # Talking of flask is not serving.
        "import flask\n\nprint(flask.__name__)\n",
        # A definition that is used is a program.
        "def area(w, h):\n    return w * h\n\n\nprint(area(1, 2))\n",
        # A helper that is named like a test, in a program that does more.
        "def test_speed():\n    return 3\n\n\nprint(test_speed())\n",
        "def broken(:\n",
        "",
    ],
)
def test_what_only_looks_like_a_kind_is_a_script(text: str) -> None:
    assert planned(text).kind is ProgramKind.SCRIPT


def test_a_game_that_also_plots_and_asks_is_a_game_and_is_answered() -> None:
    made = planned(
        "import pygame\nimport matplotlib.pyplot as plt\n\nname = input()\n"
        "plt.plot([1])\nplt.show()\npygame.display.flip()\n"
    )

    assert (made.kind, made.drivers) == (ProgramKind.GAME, ("answers",))


def test_the_user_overrules_what_the_code_says() -> None:
    program = submission('name = input("Name: ")\n')

    assert plan(program, "script").kind is ProgramKind.SCRIPT
    assert plan(program, "script").reason == "asked for"
    assert plan(program, "interactive").reason == "it asks for input (main.py:1)"


def test_an_app_that_is_only_defined_is_served_and_one_that_runs_serves_itself() -> None:
    defined = planned(f'{SERVE}@app.route("/")\ndef home():\n    return "hi"\n')
    runs = planned(f'{SERVE}if __name__ == "__main__":\n    app.run()\n')

    assert (defined.kind, defined.drivers) == (ProgramKind.SERVER, ("serving",))
    assert (runs.kind, runs.drivers) == (ProgramKind.SERVER, ())


def test_routes_are_read_from_the_code_with_their_parameters_filled_in() -> None:
    made = planned(
        f'{SERVE}@app.route("/")\ndef home():\n    return ""\n\n\n'
        '@app.route("/item/<int:item_id>")\ndef item(item_id):\n    return ""\n\n\n'
        '@app.route("/user/<name>", methods=["GET", "POST"])\ndef user(name):\n    return ""\n\n\n'
        '@app.route("/make", methods=["POST"])\ndef make():\n    return ""\n\n\n'
        'd = {"a": 1}\nd.get("/not-a-route of ours")\n'
    )

    assert made.routes == ("/", "/item/1", "/user/sample")


# ── command lines ────────────────────────────────────────────────────────────────────────────────

CALC = "import argparse\n\nargparse.ArgumentParser().parse_args()\n"


def test_a_command_line_is_run_bare_then_as_the_reply_shows_then_for_its_help() -> None:
    made = planned(
        CALC,
        "pip install rich",
        "python calc.py add 3 4  # seven",
        "python3 ./calc.py mul '3 x' | head",
        path="calc.py",
    )

    assert made.invocations == ((), ("add", "3", "4"), ("mul", "3 x"), ("--help",))


@pytest.mark.parametrize(
    "command",
    [
        "python -m pytest calc.py -v",
        "python other.py --fast",
        "python calc.py <input> [options]",
        "python calc.py path/to/file",
        "ls -la",
        "python calc.py 'unclosed",
        "rm -rf calc.py",
    ],
)
def test_a_command_that_starts_something_else_or_is_a_template_is_no_invocation(
    command: str,
) -> None:
    made = planned(CALC, command, path="calc.py", other="print(1)\n")

    assert made.invocations == ((), ("--help",))


def test_a_program_that_takes_no_arguments_is_run_once() -> None:
    assert planned("print(1)\n", "python main.py add 3 4").invocations == ((),)


def test_a_django_script_is_told_to_serve() -> None:
    made = planned(
        "from django.core.management import execute_from_command_line\nimport sys\n\n"
        "execute_from_command_line(sys.argv)\n"
    )

    assert made.kind is ProgramKind.SERVER
    assert made.invocations == (("runserver", "--noreload", "8000"),)
