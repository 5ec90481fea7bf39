"""Run `iea --help`, then print the seconds of processor time that took, start of Python included."""

import time

from iea.recipe.cli import app

app(["--help"], standalone_mode=False)
print(time.process_time())
