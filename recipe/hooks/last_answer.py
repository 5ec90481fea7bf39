"""Train the last answer of a conversation alone: the first program of an Image-Look is wrong on purpose.

verl 0.9.1 gives every assistant turn a loss. A row with one answer is not changed. Loaded through `data.custom_cls`.
"""

from typing import Any

import torch
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

COMPARED_ROWS = 64


class LastAnswerDataset(MultiTurnSFTDataset):  # type: ignore[misc]  # verl is untyped
    """verl's SFT dataset with the loss mask of the last turn alone.

    verl compares the tokens of the turns with those of the whole conversation, in every row: a third of the time of a row,
    since its images are processed again. The template is the same in all rows, so the first ones show a fault.
    """

    compared = 0

    def sanity_check(self, *arguments: Any) -> None:
        """Compare the tokens of the first rows."""
        if self.compared < COMPARED_ROWS:
            super().sanity_check(*arguments)
            self.compared += 1

    def _process_single_message(self, index: int, message: Any, full_message: Any, **kwargs: Any) -> Any:
        tokens, loss_mask, *others = super()._process_single_message(index, message, full_message, **kwargs)
        last = index == len(full_message) - 1
        return tokens, loss_mask if last else torch.zeros_like(loss_mask), *others
