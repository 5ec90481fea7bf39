"""Hold the lock of a folder of data until it is killed."""

import sys
import threading
from pathlib import Path

from iea.data_prep.lock import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    threading.Event().wait()
