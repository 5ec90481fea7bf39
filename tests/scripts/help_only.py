"""Run `iea --help`, then print its CPU time in seconds, including the start of Python."""

import time

from iea.recipe.cli import app

app(["--help"], standalone_mode=False)
print(time.process_time())
