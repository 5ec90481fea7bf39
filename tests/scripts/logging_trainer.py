"""Stand in for a verl trainer: log two steps to verl's metric file and print a line."""

import json
import os

with open(os.environ["VERL_FILE_LOGGER_PATH"], "a") as log:
    log.writelines(json.dumps({"step": step, "data": {"train/loss": 1 / step}}) + "\n" for step in (1, 2))
print("trained", os.environ["IEA_HOME"])
