"""Print how often upstream's process group puts gloo on the CPU beside the device's own backend."""

import inspect

from iea.recipe.cpu import patches

print(inspect.getsource(patches.upstream_init_ray).count("cpu:gloo,"))
