r"""Write a table as LaTeX: booktabs, for pdflatex, xelatex and lualatex.

A document needs \usepackage{booktabs,graphicx}.
"""

from collections.abc import Iterable, Sequence

SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "↑": r"$\uparrow$",
        "↓": r"$\downarrow$",
        "Δ": r"$\Delta$",
        "†": r"\textdagger{}",
        "–": "--",
        "[": "{[}",
        "]": "{]}",
    }
)


def escape(text: str) -> str:
    r"""Return text in which LaTeX sees no command, in one line.

    >>> escape("R_like ↑, 50% of {a}")
    'R\\_like $\\uparrow$, 50\\% of \\{a\\}'
    """
    return " ".join(text.split()).translate(SPECIAL)


def latex_table(
    name: str,
    title: str,
    headings: Sequence[str],
    groups: Iterable[Sequence[Sequence[str]]],
    notes: Sequence[str],
    figure: str = "",
) -> str:
    """Return a table environment.

    Parameters
    ----------
    name : of the label, tab:NAME
    title : caption
    headings : of the columns; the first two are texts, the others numbers
    groups : rows of cells, a rule between groups
    notes : lines below the table
    figure : file of an image below the table; "" = none
    """
    bodies = [" \\\\\n".join(" & ".join(map(escape, row)) for row in rows) + r" \\" for rows in groups if rows]
    lines = [
        r"\begin{table}",
        r"\centering\small",
        rf"\caption{{{escape(title)}}}",
        rf"\label{{tab:{name}}}",
        rf"\resizebox{{\linewidth}}{{!}}{{\begin{{tabular}}{{ll{'r' * (len(headings) - 2)}}}",
        r"\toprule",
        " & ".join(map(escape, headings)) + r" \\",
        r"\midrule",
        "\n\\midrule\n".join(bodies),
        r"\bottomrule",
        r"\end{tabular}}",
        *(rf"\par\footnotesize {escape(note)}" for note in notes),
        *([rf"\par\includegraphics[width=\linewidth]{{{figure}}}"] if figure else []),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"
