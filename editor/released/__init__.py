"""The published editor, as a baseline: its tools, its rendering, and the answers of its models.

The editor of the published system (arXiv 2606.08016) has sixteen tools with the names of ours and other formulas. This package
renders as that one does, with its faults, so that programs written for it can be scored and compared. docs/released.md has the
formulas, the faults, and the facts that were measured. Only the baseline may import this package: the project's own editor,
reward and data do not depend on it.
"""

from iea.editor.released.answer import Answer, read_answer
from iea.editor.released.render import render
from iea.editor.released.tools import HIGHEST, LOWEST, NAMES, effective

__all__ = ["HIGHEST", "LOWEST", "NAMES", "Answer", "effective", "read_answer", "render"]
