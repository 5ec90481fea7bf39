"""Let the policy see its own edit: program -> its result as a second image -> the final program, which the reward scores.

The second turn has the form of Image-Look (`iea.reward_fns.tasks.look`), whose rows teach it by SFT. It is a user turn and
not a tool's: the processor's template of Qwen2.5-VL never shows tools, and verl's tool loop does not execute the last call.

An Image-Edit has one turn only where there is nothing to look at: the first answer holds no program, was cut off, or
cannot be rendered. It is then the final answer. Other tasks have one turn as well.

Loaded through `actor_rollout_ref.model.external_lib=iea.recipe.hooks.two_turns`; see the layer `two_turns`.
"""

import logging
import time
from typing import Any
from uuid import uuid4

from PIL import Image
from verl.experimental.agent_loop.agent_loop import register

from iea.data_prep.ingest.decode import to_8_bits
from iea.recipe.hooks.agent_loop import CachedImageLoop
from iea.reward_fns.prompts import IMAGE
from iea.reward_fns.tasks import task_of
from iea.reward_fns.tasks.look import is_short, look_turn, render_answer
from iea.reward_fns.workers import WorkerDied, WorkerError, WorkerTimeout, shared_pool

NAME = "iea_two_turns"
WORKERS = 1  # processes that render, for each process of agent loops

_log = logging.getLogger(__name__)


@register(NAME)
class TwoTurnLoop(CachedImageLoop):
    """verl's single-turn loop, and a second turn of the same conversation after an answer with a program."""

    async def run(self, sampling_params: dict[str, Any], priority: int = 0, **kwargs: Any) -> Any:
        """Return an AgentLoopOutput; `answers` of its extra fields are the answers by turn, for the reward."""
        sampling = {**sampling_params, "max_tokens": self.config.iea.answer_length}
        output = await super().run({**sampling}, priority, **kwargs)  # a server may take keys out
        if task_of(kwargs["data_source"]).name != "edit":
            return output
        answers = output.extra_fields["answers"] = [self._text(output.response_ids)]
        if output.response_ids[-1:] != [self.tokenizer.eos_token_id]:  # cut off, or ended by another token
            return output
        start = time.perf_counter()
        look = await self._look(kwargs["raw_prompt"], kwargs["extra_info"]["original"], answers[0])
        output.metrics.tool_calls = time.perf_counter() - start
        if look is not None:
            answers += await self._continue(output, kwargs["raw_prompt"], look, sampling, int(priority))
        return output

    async def _look(self, prompt: list[dict[str, Any]], original: str, answer: str) -> dict[str, Any] | None:
        """Return the user turn that shows the result of an answer, None if there is none."""
        timeout_s = self.config.reward.custom_reward_function.reward_kwargs.timeout_s
        try:
            result = await shared_pool(WORKERS).run(timeout_s, render_answer, original, answer, about=original)
        except (WorkerDied, WorkerError, WorkerTimeout) as error:  # the reward reads the same file and reports it
            _log.error("an edit of %r has no second turn, its program cannot be rendered: %s", original, error)
            return None
        if result is None:
            return None
        content = look_turn(is_short(prompt))["content"]
        # the bounds of the first image: the result has its size, to which verl then reduces it likewise
        shown = next(part for turn in prompt for part in turn["content"] if "image" in part)
        image = {**shown, "image": Image.fromarray(to_8_bits(result))}
        return {"role": "user", "content": [image, {"type": "text", "text": content.removeprefix(IMAGE)}]}

    async def _continue(
        self, output: Any, prompt: list[dict[str, Any]], look: dict[str, Any], sampling: dict[str, Any], priority: int
    ) -> list[str]:
        """Add the second turn to the output of the first one; return its answer, if there is room for one."""
        images = (await self.process_multi_modal_info([look]))["images"]
        look["content"][0] = {"type": "image", "image": images[0]}
        before = [*prompt, {"role": "assistant", "content": self._text(output.response_ids)}]
        tokens = [*output.prompt_ids, *output.response_ids]
        merged, mask, log_probs = await self.ct_merge_context_msg(
            before, [*before, look], tokens, output.response_mask, output.response_logprobs
        )
        room = self.response_length - len(mask)
        if room < 1:
            _log.error("data.max_response_length has no room for a second answer; raise it")
            return []
        shown = [*output.multi_modal_data["images"], *images]
        start = time.perf_counter()
        second = await self.server_manager.generate(
            request_id=f"det-{priority}-2" if self.rollout_config.full_determinism else uuid4().hex,
            prompt_ids=merged.token_ids,
            sampling_params={**sampling, "max_tokens": min(sampling["max_tokens"], room)},
            image_data=shown,
            mm_processor_kwargs=output.mm_processor_kwargs,
            priority=priority,
        )
        output.metrics.generate_sequences += time.perf_counter() - start
        merged, mask, log_probs = await self.ct_merge_assistant_token(
            merged.token_ids, second.token_ids, mask, log_probs, assistant_logprobs=second.log_probs or None
        )
        output.response_ids = merged.token_ids[len(output.prompt_ids) :]
        output.response_mask, output.response_logprobs = mask, log_probs
        output.multi_modal_data = {**output.multi_modal_data, "images": shown}
        output.extra_fields["max_global_steps"] = second.extra_fields.get("max_global_steps")
        output.num_turns += 2
        return [self._text(second.token_ids)]

    def _text(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))
