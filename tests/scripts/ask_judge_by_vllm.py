"""Ask a judge in vLLM: its folder, a file of conversations, bounds on the answers as JSON, the file of answers."""

import json
import sys
from pathlib import Path

from vllm import LLM, SamplingParams
from vllm.sampling_params import StructuredOutputsParams

if __name__ == "__main__":  # vLLM starts its engine in a process that imports this one
    model, asked, bounds, out = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]), Path(sys.argv[4])
    conversations = json.loads(asked.read_text())
    served = LLM(model, dtype="float32", max_model_len=1024, enforce_eager=True)
    said = []
    for bound in bounds:
        held = StructuredOutputsParams(**bound)
        sampling = SamplingParams(temperature=0, seed=0, max_tokens=392, structured_outputs=held)
        answers = served.chat(conversations, sampling, chat_template_kwargs={"enable_thinking": False})
        said.append([answer.outputs[0].text for answer in answers])
    out.write_text(json.dumps(said))
