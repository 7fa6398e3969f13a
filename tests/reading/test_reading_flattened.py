"""Code whose line ends were lost gets them back where grammar decides."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest

from validator.reading.flattened import unflatten


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def sign(number):
    if number > 0:
        return "+"
    if number < 0:
        return "-"
    return "0"


def load(path):
    try:
        with path.open() as file:
            text = file.read()
    except OSError as error:
        error.add_note(path.name)
        raise
    return [line for line in text.split() if line]


def longest(words):
    best = ""
    for word in words:
        if len(word) <= len(best):
            continue
        best = word
    return best or None


def keyed(pairs):
    table = {}
    for key, value in pairs:
        table[key] = lambda x, v=value: x + v
    return table


FUNCTIONS = [gcd, sign, load, longest, keyed]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_flattened_function_comes_back_as_it_was(function):
    source = textwrap.dedent(inspect.getsource(function))
    lines = unflatten(" ".join(source.split()))
    assert lines is not None
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(source))


def test_methods_stay_in_their_class():
    lines = unflatten(
        "class Dog: def __init__(self, name): self.name = name def bark(self): print(self.name)"
    )
    assert lines == [
        "class Dog:",
        "    def __init__(self, name):",
        "        self.name = name",
        "    def bark(self):",
        "        print(self.name)",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "if you want to see more, run it: print(x)",
        "for example, this: works well",
        "def f(x): # add one y = x + 1 return y",
        "while the loop runs the score goes up",
        "import the module and call it",
        "class sizes are small: ten or fewer",
        "def broken(: return",
        "x = 1",
    ],
)
def test_what_is_not_flattened_code_is_left_alone(line):
    assert unflatten(line) is None
