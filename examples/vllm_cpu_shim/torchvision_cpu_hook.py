"""Make the published torchvision wheel importable beside a CPU build of torch.

torchvision has no CPU wheel. Its compiled half cannot load without CUDA, and torchvision/_meta_registrations.py then
fails to register fake kernels for `torchvision::nms` and `::qnms`, whose schemas do not exist. The hook declares the two
schemas, without kernels, just before the first import of torchvision.
"""

import importlib.abc
import sys

_libraries = []  # a torch Library removes its schemas when it is garbage-collected


class _BeforeTorchvision(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname == "torchvision":
            sys.meta_path.remove(self)
            _declare_schemas()


def _declare_schemas():
    try:
        import torch
    except ImportError:
        return
    if torch.version.cuda is not None or torch.version.hip is not None:
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _libraries.append(library)


def install():
    if not any(isinstance(finder, _BeforeTorchvision) for finder in sys.meta_path):
        sys.meta_path.insert(0, _BeforeTorchvision())
