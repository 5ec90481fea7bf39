"""Find the bundled photographs; print the packages that this imported."""

import sys

from iea.data_prep.ingest.sources.bundled import everyday_photographs

assert everyday_photographs()
print([name for name in ("skimage", "sklearn", "matplotlib") if name in sys.modules])
