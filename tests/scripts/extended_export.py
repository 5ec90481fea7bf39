"""Export a program: extended_export.py FORMAT PROGRAM prints the lines of the file, and its fidelity, as JSON."""

import json
import sys

from iea.editor import Program
from iea.recipe.agent.exports import export

name, program = sys.argv[1:]
exported = export(Program.from_json(program), name)
print(json.dumps({"text": exported.text.splitlines(), "lines": exported.lines()}))
