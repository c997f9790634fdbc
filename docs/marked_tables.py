"""Tables that a script writes into a page, between two marks; the rest of the page is written by hand.

    <!-- generated: losses -->
    ...
    <!-- end -->

The word before the colon says which script writes the table: `generated` is docs/make_reference.py, `measured` is
docs/make_results.py.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence


def marked(word: str) -> re.Pattern[str]:
    """Return the pattern of the tables with a word; its groups are the first mark, the name, the table, the last mark.

    >>> marked("generated").findall("<!-- generated: losses -->old<!-- end -->")
    [('<!-- generated: losses -->', 'losses', 'old', '<!-- end -->')]
    """
    return re.compile(rf"(<!-- {word}: ([\w -]+) -->)(.*?)(<!-- end -->)", re.DOTALL)


def filled(page: str, word: str, tables: Mapping[str, Callable[[], str]]) -> str:
    r"""Return a page with every table of a word written again.

    >>> filled("<!-- measured: speed -->old<!-- end -->", "measured", {"speed": lambda: "new"})
    '<!-- measured: speed -->\n\nnew\n\n<!-- end -->'
    """
    return marked(word).sub(lambda found: f"{found[1]}\n\n{tables[found[2]]()}\n\n{found[4]}", page)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a Markdown table; `|` in a cell is escaped.

    >>> table(["a", "b"], [["1", "x|y"]])
    '| a | b |\n|---|---|\n| 1 | x\\|y |'
    """
    lines = [head, *rows]
    text = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(head), *text[1:]])
