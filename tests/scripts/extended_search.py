"""Search a pair with a method that was added as a file, and print the result as JSON.

python extended_search.py METHOD
"""

import json
import sys

import numpy as np

from iea.data_prep.label.match import match
from iea.data_prep.label.methods import METHODS
from iea.editor import Program, render

original = np.random.default_rng(0).integers(60, 190, (48, 64, 3), dtype=np.uint8)
reference = render(original, Program({"exposure": 40, "tint": -20}))
found = match(original, reference, Program({"exposure": 20, "tint": -10}), METHODS[sys.argv[1]])
print(json.dumps({"program": dict(found.program), "r_like": found.rating["r_like"]}))
