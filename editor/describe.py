"""Write docs/tools.md, the table of tools.

iea tools > docs/tools.md
"""

from iea.editor.markdown import markdown_table
from iea.editor.tools import TOOLS

_HEAD = f"""# The {len(TOOLS)} tools

Made by `iea tools`; edit the files in `editor/tools/`, not this page.

In order of application, which does not depend on the order in a program. Values are integers; 0 is the identity. A
chain of curves is one table per channel; color and spatial layers follow, then one clip and one rounding.

"""


def tools_page() -> str:
    """Return a Markdown page with one line per tool."""
    columns = ("tool", "range", "a negative value", "a positive value", "kind", "formula")
    rows = (
        (f"`{tool.name}`", f"{tool.low} to {tool.high}", tool.minus or "-", tool.plus, tool.kind, tool.reference)
        for tool in TOOLS.values()
    )
    return _HEAD + markdown_table(columns, rows)
