"""The rules about code: a program in, its findings out. Every near miss stands beside its rule."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules_evidence import OFFSET, linted, submission

from validator import fixing
from validator.facts import Diagnostic, Part, Reply, Span, Submission
from validator.findings import Finding, Severity
from validator.reading import read
from validator.rules import RULES, Evidence, judge
from validator.rules.order import early_uses

CODE_RULES = [rule for rule in RULES if rule.code.startswith("RV2")]


def found(text: str, **others: str) -> list[Finding]:
    findings = judge(linted(text, **others)).findings
    return [each for each in findings if each.code.startswith("RV2")]


def codes(text: str, **others: str) -> list[str]:
    return [each.code for each in found(text, **others)]


def the_one(text: str) -> Finding:
    findings = found(text)
    assert len(findings) == 1, findings
    return findings[0]


def fixed(text: str, *, unsafe: bool = False) -> str:
    program = submission(text)
    settled = fixing.settle(
        program, lambda now: judge(linted(now.files[0].text)).findings, unsafe=unsafe
    )
    return settled.submission.files[0].text


NEEDS_PYRIGHT = {"RV208"}
NEEDS_A_RUN = {"RV210"}
BESIDE = {
    "RV203": {"test_main": "from main import add\n\n\ndef test_add():\n    assert add(1, 1)\n"}
}
"""Other files that the example of a page speaks of."""


@pytest.mark.parametrize("rule", CODE_RULES, ids=lambda rule: rule.code)
def test_the_example_of_a_page_is_true(rule: type) -> None:
    if rule.code not in NEEDS_PYRIGHT | NEEDS_A_RUN:
        assert codes(rule.example.bad, **BESIDE.get(rule.code, {})) == [rule.code]
    assert codes(rule.example.good, **BESIDE.get(rule.code, {})) == []


# ── RV201 syntax-error ──


def test_a_syntax_error_is_placed_in_program_and_reply() -> None:
    finding = the_one("x = 1\nprint('a'\ny = 2\n")

    assert finding.message == "SyntaxError: '(' was never closed"
    assert (finding.location.line, finding.location.column) == (2, 6)
    assert finding.location.reply_line == OFFSET + 2
    assert finding.hint == "Close what line 2 opens: `print('a'`."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f():\nreturn 1\n", "IndentationError: expected an indented block after function"),
        ("return 1\n", "SyntaxError: 'return' outside function"),
        ("print 'hi'\n", "SyntaxError: Missing parentheses in call to 'print'"),
        ("x = 'a\x00b'\n", "SyntaxError: source code"),
    ],
)
def test_whatever_the_compiler_refuses_is_a_syntax_error(text: str, message: str) -> None:
    assert the_one(text).message.startswith(message)


def test_only_the_first_error_of_a_file_is_told() -> None:
    assert codes("def f(:\n  x = = 1\nundefined()\n") == ["RV201"]


# ── RV202 broken-main-guard ──

BODY = "def main():\n    pass\n\n\n{guard}\n    main()\n"


@pytest.mark.parametrize(
    "guard",
    [
        "if name == 'main':",
        'if name == "__main__":',
        "if __name__ == 'main':",
        "if __name__ == '__main':",
        "if __name__ == 'main__':",
        "if __name == '__main__':",
        "if _name_ == '_main_':",
        "if __name__ = '__main__':",
        "if __name__ == '__main__'",
        "if **name** == '__main__':",
        r"if \_\_name\_\_ == '\_\_main\_\_':",
        "if __name__ == ‘__main__’:",
        "if __name__ == __main__:",
        "if name == 'main':  # start",
    ],
)
def test_what_was_meant_as_the_guard_is_mended(guard: str) -> None:
    text = BODY.format(guard=guard)

    assert codes(text) == ["RV202"]
    assert 'if __name__ == "__main__":' in fixed(text)
    assert fixed(text).endswith("    main()\n")


@pytest.mark.parametrize(
    "text",
    [
        BODY.format(guard="if __name__ == '__main__':"),
        BODY.format(guard='if (__name__ == "__main__"):'),
        "name = input()\n" + BODY.format(guard="if name == 'main':"),
        "for name in ['main']:\n    if name == 'main':\n        print(name)\n",
        BODY.format(guard="if __name__ == '__mp_main__':"),
        BODY.format(guard="if __name__ != '__main__':"),
        BODY.format(guard="if __name__ in {'__main__', '__mp_main__'}:"),
        '"""Ends with:\n\nif name == \'main\':\n    main()\n"""\n',
        "def f(name):\n    if name == 'maintenance':\n        return 1\n",
    ],
)
def test_what_was_not_is_left_alone(text: str) -> None:
    assert "RV202" not in codes(text)
    assert "__name__" not in fixed(text) or "__name__" in text


def test_a_parameter_called_name_is_a_variable_the_program_has() -> None:
    text = "def greet(name):\n    if name == 'main':\n        print(name)\n\n\ngreet('x')\n"

    assert codes(text) == []


def read_back(code: str) -> Submission:
    return read(Reply((Part(f"Here:\n\n```python\n{code}```\n", "reply.md"),)))


def test_a_guard_that_reading_mended_is_the_replys_fault_until_it_is_fixed() -> None:
    program = read_back(BODY.format(guard="if name == 'main':  # start"))
    assert "if __name__ == '__main__':  # start\n" in program.files[0].text

    (finding,) = judge(Evidence(program)).findings

    assert (finding.code, finding.severity) == ("RV202", Severity.ERROR)
    assert "`if name == 'main': # start` is not the main guard" in finding.message
    assert (finding.location.line, finding.location.reply_line) == (5, 8)
    assert finding.fix is not None
    assert finding.fix.safe
    settled = fixing.settle(program, lambda now: judge(Evidence(now)).findings)
    assert settled.submission == replace(program, recoveries=())
    assert [diff.text for each in settled.applied for diff in each.diffs] == [
        (
            "@@ -3,4 +3,4 @@\n \n \n-if name == 'main':  # start\n"
            "+if __name__ == '__main__':  # start\n     main()\n"
        )
    ]
    assert judge(Evidence(settled.submission)).findings == ()


def test_a_guard_that_was_eaten_beside_other_underscores_is_mangled_markup() -> None:
    dog = "class Dog:\n    def init(self, name):\n        self.name = name\n\n\n"
    program = read_back(f"{dog}if name == 'main':\n    print(Dog('x').name)\n")
    findings = judge(Evidence(program)).findings

    assert {each.code for each in findings} == {"RV106"}


# ── RV203 missing-main-guard ──

STARTS = "def add(a, b):\n    return a + b\n\n\ndef main():\n    print(add(1, 2))\n\n\nmain()\n"


@pytest.mark.parametrize(
    "user",
    [
        "from main import add\nprint(add(1, 1))\n",
        "import main\nprint(main.add(1, 1))\n",
        "import main as program\nprint(program.add(1, 1))\n",
        "def test():\n    from main import main\n    main()\n",
    ],
)
def test_a_file_that_starts_when_it_is_used_is_guarded(user: str) -> None:
    (finding,) = found(STARTS, other=user)

    assert finding.message == "`main()` starts the program when `other.py` imports `main.py`"
    assert finding.severity is Severity.WARNING
    assert finding.fix is not None
    assert finding.fix.safe
    (edit,) = finding.fix.edits
    assert edit.replacement == ('if __name__ == "__main__":', "    main()")


@pytest.mark.parametrize(
    ("text", "user"),
    [
        (STARTS, "import main  # to start it\n"),
        (STARTS, "print('uses nothing of it')\n"),
        (STARTS.replace("\nmain()", "\nif __name__ == '__main__': main()"), "from main import *\n"),
        (STARTS.replace("\nmain()", "\nTOTAL = add(1, 2)"), "from main import TOTAL\n"),
        (STARTS, "from domain import main\n"),
    ],
)  # fmt: skip
def test_a_file_nobody_takes_anything_from_needs_no_guard(text: str, user: str) -> None:
    assert "RV203" not in codes(text, other=user)


def test_a_module_that_starts_what_uses_it_is_changed_only_on_demand() -> None:
    program = submission("from game import add\n\nprint(add(1, 1))\n", game=STARTS)
    (finding,) = [each for each in judge(Evidence(program, ())).findings if each.code == "RV203"]

    assert finding.fix is not None
    assert not finding.fix.safe


# ── RV204 use-before-definition ──


def test_a_call_above_its_function_is_moved_below_it_with_its_comment() -> None:
    text = (
        "import random\n\nfood = None\n# Create food\ngenerate()\n\n"
        "# Keep time\nclock = 1\n\ndef generate():\n    global food\n    food = random.random()\n"
    )
    finding = the_one(text)

    assert finding.code == "RV204"
    assert finding.message == "`generate` is used in line 5, above its definition in line 10"
    assert finding.severity is Severity.ERROR
    assert finding.location.reply_line == OFFSET + 5
    assert fixed(text) == (
        "import random\n\nfood = None\n\n"
        "# Keep time\nclock = 1\n\ndef generate():\n    global food\n    food = random.random()\n"
        "\n\n# Create food\ngenerate()\n"
    )


def test_a_call_is_followed_into_what_it_calls() -> None:
    text = (
        "def main():\n    while True:\n        draw()\n        break\n\n\nmain()\n\n\n"
        "def draw():\n    paint()\n\n\ndef paint():\n    print('x')\n"
    )
    finding = the_one(text)

    assert finding.message == "`main()` is called in line 7, above `draw` (line 10) that it needs"
    assert [(place.line, why) for place, why in finding.related] == [
        (10, "`draw` is defined here"),
        (3, "`draw` is needed here, by way of `main`"),
    ]
    assert fixed(text).endswith("def paint():\n    print('x')\n\n\nmain()\n")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("if __name__ == '__main__':\n    main()\ndef main(): pass\n", {"main"}),
        ("class A(B): pass\nclass B: pass\n", {"B"}),
        ("def f(x=LIMIT): pass\nLIMIT = 3\n", {"LIMIT"}),
        ("@wrap\ndef f(): pass\ndef wrap(g): return g\n", {"wrap"}),
        ("class A:\n    size = SIZE\nSIZE = 3\n", {"SIZE"}),
        ("total += 1\ntotal = 0\n", {"total"}),
        ("print([x + y for x in (1, 2)])\ny = 1\n", {"y"}),
        ("with open(PATH) as f: pass\nPATH = 'x'\n", {"PATH"}),
        ("try:\n    go()\nexcept ValueError:\n    pass\ndef go(): pass\n", {"go"}),
        ("for i in range(N): pass\nN = 3\n", {"N"}),
        (("import asyncio\nasync def main(): await go()\nasyncio.run(main())\n"
         "async def go(): pass\n"), {"go"}),
        (("class G:\n    def __init__(self): self.reset()\n    def reset(self): draw()\n"
         "def main():\n    game = G()\nmain()\ndef draw(): pass\n"), {"draw"}),
        (("class G:\n    def run(self): draw()\nclass H(G): pass\n"
         "game = H()\ngame.run()\ndef draw(): pass\n"), {"draw"}),
        ("import sys\nsys.exit(main())\ndef main(): return 0\n", {"main"}),
        ("def a(): b()\ndef b(): a(); c()\na()\ndef c(): pass\n", {"c"}),
    ],
)  # fmt: skip
def test_needed_too_early(text: str, names: set[str]) -> None:
    uses = early_uses(ast.parse(text))

    assert {use.name for use in uses} == names
    assert all(use.certain or "for x in" in text for use in uses)


@pytest.mark.parametrize(
    "text",
    [
        "def main():\n    helper()\ndef helper(): pass\nmain()\n",
        "def main():\n    global x\n    x = 1\nmain()\nprint(x)\nx = 2\n",
        "try:\n    main()\nexcept NameError:\n    pass\ndef main(): pass\n",
        (
            "import threading\ndef work(): later()\nt = threading.Thread(target=work)\n"
            "def later(): pass\nt.start()\n"
        ),
        "handlers = {'a': lambda: later()}\ndef later(): pass\n",
        "def gen():\n    yield later()\nitems = gen()\ndef later(): pass\nlist(items)\n",
        "items = (later(x) for x in [])\ndef later(x): return x\n",
        "from turtle import *\nreset()\ndef reset(): pass\n",
        "globals().update(go=print)\ngo()\ngo = 1\n",
        "print(max(1, 2))\ndef print(x): pass\n",
        (
            "ready = False\nwhile True:\n    if ready:\n        go()\n        break\n"
            "    def go(): pass\n    ready = True\n"
        ),
        "async def main(): later()\ncoroutine = main()\ndef later(): pass\n",
        "def outer():\n    def inner(): print(x)\n    x = 1\n    inner()\nouter()\nx = 5\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    go()\ndef go(): pass\n",
        "class A:\n    def f(self) -> 'B': return B()\nclass B: pass\n",
        "import sys\ndef main(): pass\nif len(sys.argv) > 9:\n    sys.exit()\nmain()\n",
        "x = [x for x in range(3)]\n",
        "try:\n    import json as codec\nexcept ImportError:\n    codec = None\nprint(codec)\n",
        "match 3:\n    case n:\n        print(n)\n",
        "if (n := 3) > 2:\n    print(n)\n",
        "while True:\n    pass\ngo()\ndef go(): pass\n",
    ],
)
def test_not_needed_too_early(text: str) -> None:
    assert early_uses(ast.parse(text)) == ()


def test_behind_a_condition_it_is_a_warning() -> None:
    text = "def f(x):\n    if x:\n        later()\n\n\nf(0)\n\n\ndef later():\n    pass\n\n\nf(1)\n"
    finding = the_one(text)

    assert (finding.code, finding.severity) == ("RV204", Severity.WARNING)
    assert finding.fix is not None
    assert not finding.fix.safe


def test_a_call_that_shares_its_line_is_not_moved() -> None:
    finding = the_one("x = 1; go()\ndef go():\n    print(x)\n")

    assert finding.code == "RV204"
    assert finding.fix is None


def test_what_needs_the_moved_goes_with_it_and_keeps_its_order() -> None:
    text = (
        "SIZE = 2\nfood = make(1)\nprint('made')\n# Show it\nprint(food)\nprint(make(2))\n\n\n"
        "def make(n):\n    return n * SIZE\n"
    )

    assert fixed(text) == (
        "SIZE = 2\n\n\ndef make(n):\n    return n * SIZE\n\n\n"
        "food = make(1)\nprint('made')\n# Show it\nprint(food)\nprint(make(2))\n"
    )


def test_what_cannot_be_moved_below_what_needs_it_is_left() -> None:
    text = "def a(x=b()):\n    pass\n\n\ndef b(x=a()):\n    pass\n"

    assert found(text)
    assert fixed(text) == text


# ── RV205 never-called ──


@pytest.mark.parametrize(
    "text",
    [
        "def add(a, b):\n    return a + b\n",
        "def main():\n    pass\n\n\nmain()\n",
        "def main(argv):\n    pass\n",
        "from flask import Flask\n\napp = Flask(__name__)\n\n\ndef main():\n    pass\n",
        "def test_main():\n    main()\n\n\ndef main():\n    pass\n",
        "def main():\n    pass\n\n\nENTRY = {'main': main}\n",
        "import click\n\n\n@click.command()\ndef main():\n    pass\n",
    ],
)
def test_a_library_and_a_program_that_starts_are_left_alone(text: str) -> None:
    assert "RV205" not in codes(text)


# ── RV206 undefined-name ──


def test_a_name_is_told_once_however_often_it_is_used() -> None:
    finding = the_one("print(foo)\nprint(foo + 1)\n")

    assert finding.message == "nothing defines `foo`"
    assert [place.line for place, _ in finding.related] == [2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("print(random.random())\n", "import random"),
        ('"""Doc."""\nfrom __future__ import annotations\nprint(time.time())\n', "import time"),
        ("d = defaultdict(int)\n", "from collections import defaultdict"),
    ],
)
def test_a_missing_import_of_the_standard_library_is_added(text: str, line: str) -> None:
    assert codes(text) == ["RV206"]
    assert line in fixed(text).split("\n")
    assert codes(fixed(text)) == []


def test_a_package_imported_by_a_customary_name_is_imported() -> None:
    finding = the_one("print(np.zeros(3))\n")

    assert finding.hint == "Add `import numpy as np`."
    assert fixed("print(np.zeros(3))\n") == "import numpy as np\n\nprint(np.zeros(3))\n"


def test_a_slip_of_the_pen_is_recognised() -> None:
    assert "`snake_list`" in the_one("snake_list = []\nprint(snake_lst)\n").hint


def test_pyright_is_not_believed_where_an_unknown_module_may_define_anything() -> None:
    program = submission("from pygame.locals import *\nprint(QUIT)\n")
    said = Diagnostic(
        "pyright", "reportUndefinedVariable", '"QUIT" is not defined', "main.py", Span(2, 2), 7, 11
    )

    assert judge(Evidence(program, (said,))).findings == ()


# ── RV207 unbound-local ──


def test_a_missing_global_is_declared_below_the_docstring() -> None:
    text = 'n = 0\n\n\ndef hit():\n    """Count."""\n    n += 1\n\n\nhit()\n'

    assert the_one(text).code == "RV207"
    assert fixed(text) == (
        'n = 0\n\n\ndef hit():\n    """Count."""\n    global n\n    n += 1\n\n\nhit()\n'
    )


def test_a_function_on_one_line_has_no_fix() -> None:
    assert the_one("n = 0\ndef hit(): n += 1\nhit()\n").fix is None


def test_a_local_that_hides_a_function_is_not_made_global() -> None:
    program = submission(
        "def plot():\n    if 1 > 2:\n        plot = 3\n    print(plot)\n\n\nplot()\n"
    )
    said = Diagnostic(
        "pyright",
        "reportPossiblyUnbound",
        '"plot" is possibly unbound',
        "main.py",
        Span(4, 4),
        1,
        2,
    )
    (finding,) = judge(Evidence(program, (said,))).findings

    assert (finding.severity, finding.fix) == (Severity.NOTE, None)


# ── RV209 placeholder ──


@pytest.mark.parametrize(
    "text",
    [
        "# TODO: implement this\n",
        "# ... your code here\n",
        "KEY = 'YOUR_API_KEY'\n",
        "KEY = '<your token>'\n",
        "def f():\n    ...\n",
        'def f():\n    """Doc."""\n    ...\n',
    ],
)
def test_what_is_left_to_write_is_a_warning(text: str) -> None:
    finding = the_one(text)

    assert (finding.code, finding.severity) == ("RV209", Severity.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        "# Your score is shown here\n",
        "print('YOUR TURN')\n",
        "class A:\n    pass\n",
        "from typing import Protocol\n\n\nclass P(Protocol):\n    def f(self): ...\n",
        (
            "from abc import ABC, abstractmethod\n\n\nclass P(ABC):\n    @abstractmethod\n"
            "    def f(self): ...\n"
        ),
        "x = ...\n",
        "text = '# your code here'\n",
    ],
)
def test_what_merely_looks_so_is_not(text: str) -> None:
    assert codes(text) == []


# ── anything at all ──

LINES = st.sampled_from(
    [
        "def main():",
        "    helper()",
        "main()",
        "def helper(): pass",
        "x += 1",
        "if name == 'main':",
        "    while True: break",
        "class A(B):",
        "    x = [y for y in z]",
        "try:",
        "except Exception as e:",
        "    global x",
        "import x.y as z",
        "from a import *",
        "",
        "# comment",
        "print(",
        ")",
        "é = '\u2028'",
        "\tlambda: (yield)",
    ]
)


@given(st.lists(LINES, max_size=12).map("\n".join) | st.text(max_size=60))
def test_any_text_is_judged_and_its_fixes_fit(text: str) -> None:
    program = submission(text)
    findings = judge(Evidence(program, ())).findings
    mended = fixing.apply(program, findings, unsafe=True).submission.files[0]

    assert all(each.location.path in (None, "main.py") for each in findings)
    assert len(mended.reply_lines) == mended.text.count("\n") or not mended.text.endswith("\n")
