"""Editor: tools that retouch a photograph, and the distance between two images."""

from iea.editor.image import Image
from iea.editor.kernel import LeaveOneOut, distance, distances, leave_one_out, leave_one_outs, render
from iea.editor.program import Program, ProgramError, program_schema
from iea.editor.tool import Tool
from iea.editor.tools import TOOLS

__all__ = [
    "TOOLS",
    "Image",
    "LeaveOneOut",
    "Program",
    "ProgramError",
    "Tool",
    "distance",
    "distances",
    "leave_one_out",
    "leave_one_outs",
    "program_schema",
    "render",
]
