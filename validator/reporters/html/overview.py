"""Many reports as one page: what they come to, by fault and by model, and every reply as a row.

All rows stand in the page, so that it can be read, searched and printed without a script; with it
they are filtered, sorted and shown a page at a time, which is what keeps ten thousand quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from validator.findings import Severity, Verdict
from validator.reporters.html.bars import Bar, bars
from validator.reporters.html.document import bar, document
from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.html.phrases import path
from validator.reporters.html.running import scrolling
from validator.reporters.html.severity import label
from validator.reporters.untrusted import one_line
from validator.reporters.wording import counted, timed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.summary import Fault, Row, Standing, Summary

FAULTS_SHOWN = 25
MODELS_SHOWN = 50
FINDINGS_SHOWN = 6
_NO_MODEL = "(not said)"


_ROWS = Markup("<!--rows-->")
"""Where the rows go in a page without them: text of a reply is escaped, and cannot be this."""


def pieces(rows: Iterable[Row], summary: Summary) -> Iterator[str]:
    """Yield the page that lists `rows` and links to the page of each that has one.

    It comes in pieces, a row at a time, so that no more than one row need be held.
    """
    head, _, tail = _frame(summary).partition(_ROWS.html)
    yield head
    for each in rows:
        yield _row(each, with_model=bool(summary.models)).html
    yield tail


def _frame(summary: Summary) -> str:
    """Return the page without its rows."""
    sections: list[Node] = [element("a", "Verdict", href="#verdict")]
    sections += [element("a", "Faults", href="#faults")] if summary.faults else []
    sections += [element("a", "Models", href="#models")] if summary.models else []
    sections.append(element("a", "Replies", href="#replies"))
    return document(
        f"{summary.count(Verdict.PASSED):,} of {_replies_counted(summary.replies)} passed",
        bar(*sections),
        element(
            "main",
            _verdict(summary),
            _faults(summary),
            _models(summary),
            _replies(summary),
            class_="overview",
        ),
        script="index.js",
    )


def _replies_counted(number: int) -> str:
    return "1 reply" if number == 1 else f"{number:,} replies"


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 1:
        return "< 1 %"
    # 999 of 1000 is not all of them.
    return "> 99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return timed(seconds)
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


# ── what they come to ────────────────────────────────────────────────────────────────────────────


def _verdict(summary: Summary) -> Markup:
    passed = summary.count(Verdict.PASSED)
    said = [
        f"{summary.count(each):,} {each.value}"
        for each in Verdict
        if each is not Verdict.PASSED and summary.count(each)
    ]
    aside = [
        f"{summary.repeated:,} repeated another" if summary.repeated else "",
        f"{summary.unreadable:,} could not be read" if summary.unreadable else "",
    ]
    more = [each for each in (*said, *aside) if each]
    share = _share(passed, summary.replies)
    return element(
        "section",
        element(
            "div",
            element("h1", f"{passed:,} of {_replies_counted(summary.replies)} passed"),
            element(
                "p", f"That is {'; '.join(filter(None, (share, ', '.join(more))))}.", class_="why"
            ),
            element("p", f"Judging took {_duration(summary.seconds)} in all.", class_="next"),
        ),
        bars(
            "Replies by verdict",
            ("Verdict", "Replies"),
            [
                Bar(
                    element(
                        "a",
                        label(verdict),
                        href="#replies",
                        data_filter="verdict",
                        data_value=verdict.value,
                    ),
                    f"{count:,} ({_share(count, summary.replies)})",
                    ((verdict.value, count),),
                )
                for verdict, count in summary.verdicts
            ],
            summary.replies,
        ),
        id="verdict",
        aria_label="Verdict",
        tabindex=-1,
        class_="verdict",
    )


def _section(name: str, title: str, *body: Node) -> Markup:
    return element(
        "section",
        element("h2", title, id=f"{name}-title"),
        *body,
        id=name,
        aria_labelledby=f"{name}-title",
    )


def _faults(summary: Summary) -> Markup | None:
    if not summary.faults:
        return None
    shown, more = summary.faults[:FAULTS_SHOWN], summary.faults[FAULTS_SHOWN:]
    return _section(
        "faults",
        "Faults",
        _fault_bars("Replies that have the fault", shown, summary.replies),
        element(
            "details",
            element("summary", f"{counted(len(more), 'rarer fault')}"),
            _fault_bars("Replies that have the fault", more, summary.replies),
        )
        if more
        else None,
    )


def _fault_bars(caption: str, faults: tuple[Fault, ...], replies: int) -> Markup:
    return bars(
        caption,
        ("Fault", "Replies"),
        [
            Bar(
                element(
                    "a",
                    element("span", label(each.severity), class_=f"badge {each.severity.value}"),
                    element("b", f" {one_line(each.code, 60)} "),
                    one_line(each.name, 80),
                    href="#replies",
                    data_filter="fault",
                    data_value=one_line(each.code, 60),
                ),
                f"{each.replies:,} ({_share(each.replies, replies)})",
                ((each.severity.value, each.replies),),
            )
            for each in faults
        ],
        replies,
    )


def _models(summary: Summary) -> Markup | None:
    if not summary.models:
        return None
    shown = summary.models[:MODELS_SHOWN]
    more = len(summary.models) - len(shown)
    return _section(
        "models",
        "Models",
        bars(
            "Replies by model: passed, failed and inconclusive",
            ("Model", "Passed"),
            [_standing(each) for each in shown],
            1.0,
        ),
        element("p", f"and {counted(more, 'model')} more", class_="gap") if more else None,
    )


def _standing(standing: Standing) -> Bar:
    passed = dict(standing.verdicts).get(Verdict.PASSED, 0)
    worst = ", ".join(
        f"{one_line(each.name, 40)} {_share(each.replies, standing.replies)}"
        for each in standing.faults[:3]
        if each.severity is Severity.ERROR
    )
    others = ", ".join(
        f"{count:,} {verdict.value}"
        for verdict, count in standing.verdicts
        if count and verdict is not Verdict.PASSED
    )
    name = _model_name(standing.model)
    return Bar(
        joined(
            (
                element("a", name, href="#replies", data_filter="model", data_value=name),
                element("small", f" {others}") if others else None,
                element("small", f" {worst}") if worst else None,
            )
        ),
        f"{passed:,} of {standing.replies:,} ({_share(passed, standing.replies)})",
        tuple((verdict.value, count / standing.replies) for verdict, count in standing.verdicts)
        if standing.replies
        else (),
    )


def _model_name(model: str | None) -> str:
    return one_line(model, 120) if model else _NO_MODEL


# ── every reply ──────────────────────────────────────────────────────────────────────────────────


def _replies(summary: Summary) -> Markup:
    columns = (
        "Reply",
        "Verdict",
        "Faults",
        *(("Model",) if summary.models else ()),
        "Kind",
        "Time",
    )
    table = element(
        "table",
        element("caption", "Every reply"),
        element("thead", element("tr", *map(_head, columns))),
        element("tbody", _ROWS),
        id="rows",
        class_="rows",
    )
    return _section(
        "replies",
        "Replies",
        element("div", *_filters(summary), class_="filters scripted", role="search"),
        element("p", _replies_counted(summary.replies), id="shown", role="status"),
        scrolling("Every reply", table),
        element("button", "Show more", type="button", id="more", class_="scripted"),
    )


def _head(name: str) -> Markup:
    # Without the script the button does nothing; its text is the column's name either way.
    button = element("button", name, type="button", data_sort=name.lower())
    return element("th", button, scope="col")


def _filters(summary: Summary) -> Iterator[Node]:
    yield _choice("verdict", "Verdict", [(each.value, each.value) for each in Verdict])
    yield _choice(
        "fault",
        "Fault",
        [
            (one_line(each.code, 60), f"{one_line(each.code, 60)} {one_line(each.name, 80)}")
            for each in summary.faults
        ],
    )
    if summary.models:
        names = dict.fromkeys(_model_name(each.model) for each in summary.models)
        yield _choice("model", "Model", [(name, name) for name in names])
    yield element(
        "label", "Text ", element("input", type="search", id="filter-text", autocomplete="off")
    )
    yield element("button", "Clear", type="button", id="clear", aria_label="Clear the filters")


def _choice(name: str, title: str, options: list[tuple[str, str]]) -> Markup:
    return element(
        "label",
        f"{title} ",
        element(
            "select",
            # An option whose value is left out has its text for one.
            element("option", "any", class_="any"),
            *(element("option", said, value=value) for value, said in options),
            id=f"filter-{name}",
        ),
    )


def _row(row: Row, *, with_model: bool) -> Markup:
    name = path(row.id, 160)
    codes = tuple(dict.fromkeys(one_line(code, 60) for code, _, _ in row.findings))
    model = _model_name(row.model)
    same = f"the same as {one_line(row.same_as, 80)}" if row.same_as is not None else None
    reason = one_line(row.reason, 200) if row.reason else None
    return element(
        "tr",
        element(
            "th",
            element("a", name, href=quote(row.page)) if row.page else name,
            element("small", f" {same}") if same else None,
            scope="row",
        ),
        element(
            "td",
            element("span", label(row.verdict), class_=f"badge {row.verdict.value}"),
            element("small", f" {reason}") if reason else None,
        ),
        element("td", _findings(row)),
        element("td", model if row.model else "") if with_model else None,
        element("td", row.kind or ""),
        element("td", timed(row.seconds), class_="number"),
        data_verdict=row.verdict.value,
        data_faults="\n".join(codes) if codes else None,
        data_model=model,
        data_kind=row.kind or "",
        data_seconds=f"{row.seconds:.3f}",
    )


def _findings(row: Row) -> str:
    names = tuple(
        dict.fromkeys(
            f"{one_line(code, 60)} {one_line(name, 80)}" for code, name, _ in row.findings
        )
    )
    more = len(names) - FINDINGS_SHOWN
    return ", ".join(names[:FINDINGS_SHOWN]) + (f" and {more} more" if more > 0 else "")
