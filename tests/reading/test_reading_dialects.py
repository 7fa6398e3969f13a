"""Code told in other ways than a fence of Markdown: other markup, notebooks, shells, terminals."""

from __future__ import annotations

import json

import pytest

from validator.facts import Part, Reply, ReplyKind
from validator.reading import read

PROGRAM = (
    "def area(width, height):\n    return width * height\n\n\n"
    "for side in range(1, 4):\n    if side < 3:\n        print(side, area(side, side))\n"
)
SHAPES, MAIN = (
    "def area(w, h):\n    return w * h\n",
    "from shapes import area\n\nprint(area(2, 3))\n",
)
COLOURED = PROGRAM.replace("def", "\x1b[38;5;81mdef\x1b[0m").replace("print", "\x1b[32mprint\x1b[m")
NUMBERED = "".join(f"{n:>2} | {line}\n" for n, line in enumerate(PROGRAM.splitlines(), 9))
ANSWERED = {"explanation": "It prints areas.", "code": PROGRAM}
ADDED = "".join(f"+{line}\n" for line in PROGRAM.splitlines())
CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": ["# Areas"]},
    {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install rich\n", "import math"]},
    {"cell_type": "code", "source": ["def area(r):\n", "    return math.pi * r * r"]},
    {"cell_type": "code", "source": "print('\"', area(2))", "outputs": [{"text": ["12\n"]}]},
]
NOTEBOOK = json.dumps({"cells": CELLS, "metadata": {}, "nbformat": 4}, indent=1)
HIGHLIGHTED = (
    '<pre><code><span class="k">def</span> <span class="nf">area</span>(width, height):\n'
    '    <span class="k">return</span> width * height\n\n'
    "for side in range(1, 4):\n    if side &lt; 3:\n        print(side, area(side, side))\n"
    "</code></pre>\n"
)


def reading(text: str):
    return read(Reply((Part(text, "reply.md"),)))


def filled(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def fenced(text: str, label: str = "python") -> str:
    return f"```{label}\n{text}```\n"


ONE = {
    "LaTeX, listings": "Here:\n\n\\begin{lstlisting}[language=Python]\n"
    f"{PROGRAM}\\end{{lstlisting}}\n",
    "LaTeX, minted": f"A text.\n\\begin{{minted}}{{python}}\n{PROGRAM}\\end{{minted}}\n",
    "Org": f"#+BEGIN_SRC python :results output\n{PROGRAM}#+END_SRC\n",
    "reStructuredText": "Here:\n\n.. code-block:: python\n   :linenos:\n\n"
    + "".join(f"   {line}\n" if line else "\n" for line in PROGRAM.splitlines()),
    "AsciiDoc": f"Here:\n\n[source,python]\n----\n{PROGRAM}----\n\nRun it with care.\n",
    "BBCode": f"Here:\n[code=python]\n{PROGRAM}[/code]\nCheers!\n",
    "Jira": f"Here:\n{{code:python}}\n{PROGRAM}{{code}}\n",
    "Jekyll": f"Here:\n{{% highlight python %}}\n{PROGRAM}{{% endhighlight %}}\n",
    "a wiki": f'<syntaxhighlight lang="python">\n{PROGRAM}</syntaxhighlight>\n',
    "HTML, coloured": HIGHLIGHTED,
    "HTML, in one line": "<p>Here:</p><code>"
    + PROGRAM.replace("<", "&lt;").replace("    ", "&nbsp;&nbsp;&nbsp;&nbsp;").replace("\n", "<br>")
    + "</code>",
    "CDATA": f"<code><![CDATA[\n{PROGRAM}]]></code>\n",
    "Code Llama, with tests": f"[PYTHON]\n{PROGRAM}[/PYTHON]\n"
    "[TESTS]\nassert area(2, 3) == 6\n[/TESTS]\n",
    "a fence that code is glued to": f"Sure:\n```{PROGRAM}```\n",
    "a fence's copy button": f"```python\nCopy code\n{PROGRAM}```\n",
    "a page's copy button": f"Here it is:\n\npythonCopy code{PROGRAM}\nThis prints areas.\n",
    "a terminal's colours": f"{COLOURED}\n",
    "a terminal's colours, in a fence": fenced(COLOURED),
    "line numbers without a fence": f"The file:\n\n{NUMBERED}\nThat is all of it.\n",
    "line numbers with arrows": fenced(NUMBERED.replace(" | ", "→")),
    "the marks of a diff, under another label": fenced(ADDED),
    "marks of citations": fenced(PROGRAM.replace("height\n", "height【4†source】\n", 1)),
    "marks of citations, as stored": fenced(
        PROGRAM.replace("height\n", "height:contentReference[oaicite:0]{index=0}\n", 1)
    ),
    "full-width marks": fenced(
        PROGRAM.replace("(", "（").replace(")", "）").replace(":", "：").replace(", ", "， ")
    ),
    "a string of JSON": json.dumps(f"Here it is:\n\n{fenced(PROGRAM)}\nEnjoy!"),
    "a string of Python": repr(f"It's here:\n\n{fenced(PROGRAM)}"),
    "line ends written out": f"Here:\n\n{fenced(PROGRAM)}\nEnjoy!".replace("\n", "\\n"),
    "a program with its line ends written out": PROGRAM.replace("\n", "\\n"),
    "an answer in JSON": json.dumps(ANSWERED, indent=2),
    "an answer in JSON, fenced": fenced(f"{json.dumps(ANSWERED)}\n", "json"),
    "a patch that adds a file": f"*** Begin Patch\n*** Add File: area.py\n{ADDED}*** End Patch\n",
    "a patch that adds a file, fenced": fenced(
        f"--- /dev/null\n+++ b/area.py\n@@ -0,0 +1,7 @@\n{ADDED}", "diff"
    ),
    "a tool's tags": f"<write_to_file>\n<path>area.py</path>\n<content>\n{PROGRAM}</content>\n"
    "</write_to_file>\n",
    "a file a shell writes": fenced(f"cat > app.py <<'EOF'\n{PROGRAM}EOF\npython app.py\n", "bash"),
    "a file tee writes, unlabelled": fenced(
        f"mkdir -p demo\ntee demo/app.py <<EOF > /dev/null\n{PROGRAM}EOF\npython3 demo/app.py\n", ""
    ),
    "a program a shell gives to Python": fenced(f"python3 - <<'PY'\n{PROGRAM}PY\n", "sh"),
}


@pytest.mark.parametrize("way", ONE)
def test_one_program_is_found_however_it_is_told(way):
    found = reading(ONE[way])
    assert [filled(file.text) for file in found.files] == [filled(PROGRAM)]
    assert not found.truncations


@pytest.mark.parametrize(
    "text",
    [
        f"*** shapes.py ***\n\n{SHAPES}\n*** main.py ***\n\n{MAIN}",
        f"--- shapes.py ---\n{SHAPES}\n--- main.py ---\n{MAIN}",
        f"==== shapes.py ====\n{fenced(SHAPES)}==== main.py ====\n{fenced(MAIN)}",
        f'<file path="shapes.py">\n{SHAPES}</file>\n<file path="main.py">\n{MAIN}</file>\n',
        json.dumps(
            {
                "files": [
                    {"path": "shapes.py", "content": SHAPES},
                    {"path": "main.py", "content": MAIN},
                ]
            }
        ),
        json.dumps({"shapes.py": SHAPES, "main.py": MAIN}, indent=2),
        fenced(f"cat <<'A' > shapes.py\n{SHAPES}A\n\ncat >main.py << \"B\"\n{MAIN}B\n", "bash"),
    ],
)
def test_files_are_told_apart_by_the_names_between_them(text):
    found = reading(text)
    files = {file.path: filled(file.text) for file in found.files}
    assert files == {"shapes.py": filled(SHAPES), "main.py": filled(MAIN)}
    assert found.entry_point == "main.py"


def test_what_a_shell_does_beside_writing_files_stays_a_command():
    script = f"pip install rich\ncat > app.py <<'EOF'\n{PROGRAM}EOF\npython app.py --fast\n"
    found = reading(fenced(script, "bash"))
    assert [each.text for each in found.commands] == ["pip install rich", "python app.py --fast"]
    assert [each.text for each in found.requirements] == ["rich"]
    assert found.files[0].reply_lines[0] == 4


@pytest.mark.parametrize(
    "script",
    [
        "psql <<EOF\nselect 1;\nEOF\n",
        "cat <<EOF\nimport os\nprint(os.name)\nEOF\n",
        "echo $((1 << 4)) > bits.txt\n",
        'sort <<< "b a"\n',
    ],
)
def test_a_shell_that_writes_no_file_holds_none(script):
    found = reading(fenced(script, "bash"))
    assert not found.files
    assert [block.kind.value for block in found.blocks] == ["shell"]


def test_a_shift_in_python_is_no_file():
    text = "bits = 1 << 4\nEOF = 2\nprint(bits << EOF)\n"
    assert reading(fenced(text, "")).files[0].text == text


def test_the_cells_of_a_notebook_make_one_program():
    found = reading(NOTEBOOK)
    code = "import math\n\ndef area(r):\n    return math.pi * r * r\n\nprint('\"', area(2))\n"
    assert found.files[0].text == code
    assert [each.text for each in found.commands] == ["pip install rich"]
    lines = NOTEBOOK.split("\n")
    stands = [lines[number - 1] if number else "" for number in found.files[0].reply_lines]
    assert all(
        json.dumps(line)[1:-1] in there
        for line, there in zip(code.split("\n"), stands, strict=False)
    )
    assert reading(fenced(f"{NOTEBOOK}\n", "json")).files[0].text == code


@pytest.mark.parametrize(
    ("cell", "requirements"),
    [
        ("!pip install \\\n  six \\\n  rich", ["six", "rich"]),
        ("!{sys.executable} -m pip install six", ["six"]),
        ('!"{sys.executable}" -m pip install six', ["six"]),
        ("!pip -q install six", ["six"]),
        ("%pip install -q six", ["six"]),
        ("%uv pip install six", ["six"]),
        ("%%capture\n!pip install six", ["six"]),
        ("%timeit pip", []),
    ],
)
def test_what_a_notebook_installs_is_no_code(cell, requirements):
    found = reading(fenced(f"{cell}\nimport six\nprint(six)\n"))
    assert found.files[0].text == "import six\nprint(six)\n"
    assert [each.text for each in found.requirements] == requirements
    assert {each.kind for each in found.recoveries} == {"notebook-magic"}


def test_a_cell_for_the_shell_is_commands():
    cells = [
        {"cell_type": "code", "source": ["%%bash\n", "pip install \\\n", "  six\n", "echo hi"]},
        {"cell_type": "code", "source": ["import six\n", "print(six)"]},
    ]
    whole = json.dumps({"cells": cells, "nbformat": 4}, indent=1)
    apart = fenced("%%sh\npip install six\necho hi\n") + fenced("import six\nprint(six)\n")
    for text in (whole, apart):
        found = reading(text)
        assert [each.text for each in found.commands] == ["pip install six", "echo hi"]
        assert found.files[0].text == "import six\nprint(six)\n"


def test_a_remainder_at_the_beginning_of_a_line_is_no_magic():
    text = "x = 7 \\\n  % 2\nprint(x)\n"
    assert reading(fenced(text)).files[0].text == text


@pytest.mark.parametrize(
    "text", ['{"cells": [1, 2], "cell_type": "code"}', '{"cells": [{"cell_type": "markdown"}]}']
)
def test_json_without_cells_of_code_is_no_notebook(text):
    found = reading(text)
    assert not found.files
    assert "notebook" not in {each.kind for each in found.recoveries}


@pytest.mark.parametrize(
    "value",
    [
        {"answer": "x = 1"},
        {"code": 404, "content": "import os\nprint(os.name)\n"},
        {"notes.py": "Call it later.", "main.py": "print(1)\n"},
        {"name": "Ann", "age": 3},
        {"name": "app", "code": '"""Say What It Is."""\nprint("It Is Fine")\n'},
    ],
)
def test_json_that_answers_nothing_holds_no_program(value):
    assert not reading(json.dumps(value)).files


@pytest.mark.parametrize("name", ["area.py", "tools/area.py"])
def test_a_file_that_a_patch_adds_has_the_name_it_says(name):
    patch = f"*** Begin Patch\n*** Add File: {name}\n{ADDED}*** End Patch\n"
    assert [file.path for file in reading(patch).files] == [name]
    patch = f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1,7 @@\n{ADDED}"
    assert [file.path for file in reading(fenced(patch, "diff")).files] == [name]


def test_what_was_escaped_is_reported_where_it_stands():
    found = reading("\n" + json.dumps(f"Here:\n\n{fenced(PROGRAM)}"))
    assert found.recoveries[0].kind == "escaped-lines"
    assert {each.span.last for each in found.recoveries} == {2}
    assert set(found.files[0].reply_lines) == {2}


@pytest.mark.parametrize(
    "program",
    [
        "print('a\\nb\\nc')\n",
        'RED = "\x1b[31m"\nprint(RED, "deep\x1b[0m")\n',
        "print('全角：（括号）')  # 注释：没问题\n",
        'row = {"Copy code": 1}\nprint("pythonCopy code", row)\n',
        "x = [1]\nif x[0] >3 and x[x[0]]>2:\n    print(x)\n",
        'print("""\n[code]\nprint(1)\n[/code]\n""")\n',
        "table = '1 | 2'\nprint(table)\n",
        "print('+')\n+1\n+2\n",
    ],
)
def test_a_program_that_only_looks_like_it_is_left_alone(program):
    found = reading(fenced(program))
    assert found.files[0].text == program
    assert not found.recoveries


SETTING = "def add(a, b):\n    return a + b\n\ndef main():\n    print(add(1, 2))\n\nmain()\n"
CHANGED = "def main():\n    print(add(add(1, 2), 3))\n"


@pytest.mark.parametrize(
    "words",
    [
        "Instead, change `main` to:",
        "For three numbers, replace `main()` with:",
        "Now rewrite main():",
    ],
)
def test_a_function_said_to_be_changed_is_put_into_its_program(words):
    found = reading(f"{fenced(SETTING)}\n{words}\n\n{fenced(CHANGED)}")
    assert filled(found.files[0].text) == filled(
        SETTING.replace("print(add(1, 2))", "print(add(add(1, 2), 3))")
    )
    assert found.decision is not None
    assert found.decision.kind is ReplyKind.CORRECTED


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Verbesserte Version:", ReplyKind.CORRECTED),
        ("Voici la version corrigée :", ReplyKind.CORRECTED),
        ("Versión corregida:", ReplyKind.CORRECTED),
        ("Исправленная версия:", ReplyKind.CORRECTED),
        ("修改后的代码：", ReplyKind.CORRECTED),
        ("Eine andere Möglichkeit:", ReplyKind.ALTERNATIVES),
        ("另一种写法：", ReplyKind.ALTERNATIVES),
        ("Und noch einmal:", ReplyKind.ALTERNATIVES),
    ],
)
def test_a_program_said_again_is_what_the_words_say_in_other_languages_too(words, kind):
    found = reading(f"{fenced(SETTING)}\n{words}\n\n{fenced(SETTING.replace('1, 2', '3, 4'))}")
    assert found.decision is not None
    assert found.decision.kind is kind


WRITING = "with open('a.txt', 'w') as out:\n    out.write('hi')\n"
COUNTING = "for i in range(3):\n    print(i)\n"


@pytest.mark.parametrize("word", ["Example", "Beispiel", "Exemple", "示例"])
def test_examples_that_have_nothing_in_common_are_programs_of_their_own(word):
    text = f"**{word} 1: files**\n{fenced(WRITING)}**{word} 2: loops**\n{fenced(COUNTING)}"
    found = reading(text)
    assert found.files[0].text == WRITING
    assert found.decision is not None
    assert found.decision.kind is ReplyKind.ALTERNATIVES


def test_examples_that_go_on_with_each_other_are_steps():
    first, second = "ages = {'Ann': 3}\nprint(ages)\n", "for name in ages:\n    print(name)\n"
    found = reading(f"Example 1:\n{fenced(first)}Example 2:\n{fenced(second)}")
    assert found.files[0].text == f"{first}\n{second}"
