"""Count how often upstream's process group adds gloo on the CPU to the device's backend."""

import inspect

from iea.recipe.cpu import patches

print(inspect.getsource(patches.upstream_init_ray).count("cpu:gloo,"))
