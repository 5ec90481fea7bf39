"""Table 7 of the paper: similarity of the edited images to the references."""

from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.tables.cells import PROGRAM_KINDS
from iea.recipe.evaluation.tables.paper.layout import Column, PaperTable
from iea.recipe.evaluation.tables.paper.measured import measured_rows

NAMES = ("clip_i", "lpips", "ssim", "psnr", "delta_e", "l1", "rmse", "mse")

TABLE = PaperTable(
    "table7",
    "Table 7: similarity of the edited images to the references, over Edit and Refine. CLIP-I is nearly blind to changes of "
    "color: the metrics beside it are ours.",
    tuple(Column(name, METRICS[name].heading, METRICS[name].format) for name in NAMES),
    lambda sources: measured_rows(sources.systems, {name: (name, PROGRAM_KINDS) for name in NAMES}),
)
