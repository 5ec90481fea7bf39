"""Table 2 of the paper: editing and summaries, by stage and system."""

from iea.recipe.evaluation.tables.cells import EDIT
from iea.recipe.evaluation.tables.paper.layout import Column, PaperTable
from iea.recipe.evaluation.tables.paper.measured import measured_rows

COLUMNS = {
    "edit_l": ("distance", EDIT),
    "edit_r_like": ("r_like", EDIT),
    "edit_r_use": ("r_use", EDIT),
    "refine_l": ("distance", ("refine",)),
    "refine_r_like": ("r_like", ("refine",)),
    "refine_r_use": ("r_use", ("refine",)),
    "rouge_l": ("rouge_l_union", ("summary",)),
    "r_align": ("r_align", ("summary",)),
}

TABLE = PaperTable(
    "table2",
    "Table 2: image editing and summaries. L is the mean of L1 and RMSE. ROUGE-L is that of the package rouge, as in the "
    "paper. Refine is ours alone. The photographs, the judge and the editor of our rows are not those of the paper.",
    (
        Column("edit_l", "Edit L ↓"),
        Column("edit_r_like", "Edit R_like ↑"),
        Column("edit_r_use", "Edit R_use ↑"),
        Column("refine_l", "Refine L ↓"),
        Column("refine_r_like", "Refine R_like ↑"),
        Column("refine_r_use", "Refine R_use ↑"),
        Column("rouge_l", "Summary ROUGE-L ↑"),
        Column("r_align", "Summary R_align ↑"),
    ),
    lambda sources: measured_rows(sources.systems, COLUMNS),
)
