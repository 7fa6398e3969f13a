"""What happened to a program on its way is undone by name, and what only looks like it is left."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, Submission
from validator.reading import read


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def fenced(code: str, label: str = "python") -> Submission:
    return reading(f"```{label}\n{code.strip()}\n```\n")


def program(found: Submission) -> str:
    file = found.file(found.entry_point)
    return file.text.rstrip("\n") if file else ""


def kinds(found: Submission) -> list[str]:
    return sorted({recovery.kind for recovery in found.recoveries})


DAMAGED = {
    "entities": (
        """\
if 1 &lt; 2 and 3 &gt; 2:
    print(&quot;yes&quot;)
""",
        """\
if 1 < 2 and 3 > 2:
    print("yes")
""",
        ["html-entities"],
    ),
    "break tags": (
        """\
import os<br>print(os.sep)<br/>
x = '<br>'
""",
        """\
import os
print(os.sep)
x = '<br>'
""",
        ["line-breaks"],
    ),
    "break tags and entities on one line": (
        "def f():<br>&nbsp;&nbsp;&nbsp;&nbsp;return 1<br>print(f())",
        """\
def f():
    return 1
print(f())
""",
        ["html-entities", "line-breaks", "odd-spaces"],
    ),
    "smart quotes": (
        """\
print(“it’s”)
x = "don’t"
print(‘a’)
""",
        """\
print("it's")
x = "don’t"
print('a')
""",
        ["smart-quotes"],
    ),
    "quotes and entities on one line": (
        "if 1 &lt; 2: print(“a”)",
        'if 1 < 2: print("a")',
        ["html-entities", "smart-quotes"],
    ),
    "no-break and zero-width spaces": (
        """\
def\u00a0f():
\u00a0\u00a0\u00a0\u00a0return\u00a01
print('a\u200db')\u200b
""",
        """\
def f():
    return 1
print('a\u200db')
""",
        ["odd-spaces"],
    ),
    "mixed tabs": (
        """\
def f(x):
    if x:
\treturn 1
    return 2
""",
        """\
def f(x):
    if x:
        return 1
    return 2
""",
        ["mixed-tabs"],
    ),
    "quote marks": (
        """\
> import os
> print(os.sep)
""",
        """\
import os
print(os.sep)
""",
        ["quote-marks"],
    ),
    "a gutter": (
        """\
1 import os
2
3 def f():
4     return 1
5 print(f())
""",
        """\
import os

def f():
    return 1
print(f())
""",
        ["gutter"],
    ),
    "a gutter with bars": (
        """\
 9 | import os
10 |
11 | def f():
12 |     return 1
""",
        """\
import os

def f():
    return 1
""",
        ["gutter"],
    ),
    "bold dunders": (
        """\
class A:
    def **init**(self):
        self.x = 1
if **name** == "**main**":
    A()
""",
        """\
class A:
    def __init__(self):
        self.x = 1
if __name__ == "__main__":
    A()
""",
        ["eaten-dunder"],
    ),
    "escaped underscores": (
        """\
def my\\_f(a\\_b):
    return a\\_b \\* 2
if \\_\\_name\\_\\_ == "\\_\\_main\\_\\_":
    my\\_f(1)
""",
        """\
def my_f(a_b):
    return a_b * 2
if __name__ == "__main__":
    my_f(1)
""",
        ["escaped-markup"],
    ),
    "a constructor called with what it takes, and a guard beside it": (
        """\
class Dog:
    def init(self, name):
        self.name = name
    def str(self):
        return self.name
if name == 'main':
    print(Dog('x'))
""",
        """\
class Dog:
    def __init__(self, name):
        self.name = name
    def __str__(self):
        return self.name
if __name__ == '__main__':
    print(Dog('x'))
""",
        ["eaten-dunder"],
    ),
    "a constructor that gives what others read": (
        """\
class Worm:
    def init(self):
        self.body = []
    def grow(self):
        self.body.append(1)
Worm().grow()
""",
        """\
class Worm:
    def __init__(self):
        self.body = []
    def grow(self):
        self.body.append(1)
Worm().grow()
""",
        ["eaten-dunder"],
    ),
    "a constructor of a subclass": (
        """\
import tkinter as tk
class App(tk.Tk):
    def init(self):
        super().init()
App()
""",
        """\
import tkinter as tk
class App(tk.Tk):
    def __init__(self):
        super().__init__()
App()
""",
        ["eaten-dunder"],
    ),
    "a guard alone": (
        """\
def greet(name):
    print(name)
if name == "main":  # start
    greet("you")
""",
        """\
def greet(name):
    print(name)
if __name__ == "__main__":  # start
    greet("you")
""",
        ["eaten-dunder"],
    ),
    "a guard beside what a window's library gives": (
        """\
from tkinter import *
if (name=='main'): Tk().mainloop()
""",
        """\
from tkinter import *
if (__name__=='__main__'): Tk().mainloop()
""",
        ["eaten-dunder"],
    ),
    "stars": (
        """\
def f(args, *kwargs):
    print(args, kwargs)
f(1, a=2)
""",
        """\
def f(*args, **kwargs):
    print(args, kwargs)
f(1, a=2)
""",
        ["eaten-stars"],
    ),
    "one line": (
        "import os def f(x): y = x + 1 return y print(f(2))",
        """\
import os
def f(x):
    y = x + 1
    return y
print(f(2))
""",
        ["flattened"],
    ),
    "a session": (
        """\
>>> import math
>>> for i in range(2):
...     print(i)
...
0
1
>>> print(math.pi)
3.14
""",
        """\
import math
for i in range(2):
    print(i)

print(math.pi)
""",
        ["prompts"],
    ),
    "a notebook's session": (
        """\
In [1]: import math

In [2]: def f():
   ...:     return 1
   ...:

In [3]: print(f())
Out[3]: 1
""",
        """\
import math
def f():
    return 1

print(f())
""",
        ["prompts"],
    ),
    "magics": (
        """\
%matplotlib inline
!pip install rich
import math
for i in range(2):
    !ls
print(math.pi % 2)
""",
        """\
import math
for i in range(2):
    pass
print(math.pi % 2)
""",
        ["notebook-magic"],
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damage_is_undone_and_named(damage):
    came, sound, named = DAMAGED[damage]
    found = fenced(came)
    assert program(found) == sound.rstrip("\n")
    assert kinds(found) == named


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_recovery_shows_the_lines_as_they_stood(damage):
    found = fenced(DAMAGED[damage][0])
    first = found.recoveries[0]
    stood = found.reply.lines[first.span.first - 1 : first.span.last]
    assert first.before.rstrip("\n").split("\n")[0].strip() == stood[0].strip()
    assert first.before != first.after


SOUND = {
    "entities in a string": "import html\nx = '&lt;b&gt;'\nprint(html.unescape(x))",
    "tags in a string": "x = 'a<br>b'\nprint(x)",
    "quotes in a string": "print('“so”, she said: it’s')",
    "a joined emoji": "print('👩\u200d💻')",
    "a method really called init": (
        "class Dog:\n    def init(self, name):\n        self.name = name\nd = Dog()\nd.init('x')"
    ),
    "an init beside dunders that were not eaten": (
        "class Dog:\n    def __repr__(self):\n        return 'dog'\n    def init(self):\n"
        "        self.x = 1\nprint(Dog())"
    ),
    "a hook of a framework": (
        "import bt\nclass Line(bt.Indicator):\n    def init(self):\n        self.x = 1\nLine()"
    ),
    "an init nothing needs": "class A:\n    def init(self):\n        pass\nA()",
    "a variable really called name": "name = 'main'\nif name == 'main':\n    print(1)",
    "a variable called name, given by a loop": (
        "for name in ['main', 'menu']:\n    print(name)\nif name == 'main':\n    print(1)"
    ),
    "a variable called name, given by a function": (
        "def ask():\n    global name\n    name = input()\nask()\nif name == 'main':\n    print(1)"
    ),
    "a name that may be imported": "from menu import *\nif name == 'main':\n    print(1)",
    "a name that is imported with all of its module": (
        "from os import *\nif name == 'main':\n    print(1)"
    ),
    "a name given behind the parser's back": (
        "globals()['name'] = 'main'\nif name == 'main':\n    print(1)"
    ),
    "a parameter called name, and a choice of a menu": (
        "def choose(name):\n    if name == 'main':\n        print(1)\nchoose('main')"
    ),
    "a guard whose fault is another": "import sys\nif _name_ == '_main_':\n    print(sys.argv)",
    "a guard in a docstring": '"""\nif name == \'main\':\n    main()\n"""\nprint(1)',
    "products": "a = b = c = 2\nprint(a * b * c, a*b*c, a**b**c)",
    "keyword arguments": "def f(*args, **kwargs):\n    return args, kwargs\nprint(f(1))",
    "a modulo that begins a line": "x = (5\n% 3)\nprint(x)",
    "a doctest": '"""\n>>> f(1)\n1\n"""\ndef f(x):\n    return x\nprint(f(1))',
    "a regular expression": "import re\nprint(re.findall(r'\\_\\[\\]\\*', 'x'))",
    "tabs throughout": "def f():\n\treturn 1\nprint(f())",
    "numbers first": "1 + 1\n2 + 2\nprint(3)",
}


@pytest.mark.parametrize("case", SOUND)
def test_what_only_looks_damaged_stays(case):
    found = fenced(SOUND[case])
    assert program(found) == SOUND[case]
    assert kinds(found) == []


def test_a_fault_beside_things_that_look_like_damage_changes_none_of_them():
    code = "x = '&lt; “so” \\_ '\ny = '<br>'\nprint(x y)"
    found = fenced(code)
    assert program(found) == code
    assert kinds(found) == []


def test_a_shell_line_of_a_notebook_is_a_command():
    found = fenced("!pip install rich\nimport rich\nrich.print(1)")
    assert [command.text for command in found.commands] == ["pip install rich"]
    assert [line.text for line in found.requirements] == ["rich"]


def test_code_pasted_into_prose_with_typographic_quotes_is_found():
    found = reading("Run this:\n\nimport os\nprint(“sep”, os.sep)\n\nIt prints a separator.\n")
    assert program(found) == 'import os\nprint("sep", os.sep)'
    assert "code-outside-block" in kinds(found)


def test_prose_with_typographic_quotes_stays_prose():
    found = reading("“Hello” is what they’d say, wouldn’t they?\n\nA &lt; B, they said.\n")
    assert found.files == ()
    assert found.recoveries == ()


def test_damage_above_a_bracket_closed_too_often_is_undone():
    found = fenced("def f(n):\n    if n &lt;= 1:\n        return n\n\nprint(f(1)))\n")
    assert program(found) == "def f(n):\n    if n <= 1:\n        return n\n\nprint(f(1)))"
    assert kinds(found) == ["html-entities"]
