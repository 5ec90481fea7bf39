"""Use a tool everywhere: prompt, editor, reward, synthetic data, requests, checks and rubric.

python use_tool.py TOOL
"""

import json
import sys

import numpy as np

from iea.data_prep.annotate.label_noise import noisy_label
from iea.data_prep.ingest.sources.camera_raw import compare
from iea.data_prep.language.phrases import PERSONAS
from iea.data_prep.language.requests import instruction, paraphrase, refinement
from iea.data_prep.language.rubric import score_programs
from iea.data_prep.synthesize.judged import JudgedMaker
from iea.data_prep.synthesize.random_programs import deal, draw_card, draw_program
from iea.editor import TOOLS, Program, distance, leave_one_out, program_schema, render
from iea.editor.describe import tools_page as page
from iea.reward_fns import score_text
from iea.reward_fns.judge.checks import rejection
from iea.reward_fns.judge.words import EFFECTS
from iea.reward_fns.prompts import tool_table

name = sys.argv[1]
rng = np.random.default_rng(0)
original = rng.integers(0, 256, (32, 48, 3)).astype(np.uint8)

assert f"\n{name} [" in tool_table() and f"`{name}`" in page() and name in program_schema()["properties"]

for value in (-50, 50):
    program = Program({name: value})
    reference = render(original, program)
    assert distance(original, reference) > 0.01
    found = leave_one_out(original, reference, program)
    assert found.after == 0 < found.without[name]
    score = score_text(original, reference, program.to_json())
    assert score["score"] == 1, score

dealt = {card.sign for card in (deal(0, n) for n in range(2 * len(TOOLS))) if card.tool == name}
drawn = {card.sign for card in (draw_card(rng, without={}) for _ in range(1000)) if card.tool == name}
assert dealt == drawn == {-1, 1}
assert name in draw_program(rng, deal(0, 0), len(TOOLS))

for value in (-100, -45, 20, 80):
    texts = [instruction(rng, {name: value}) for _ in range(20)]
    for persona in PERSONAS:
        texts += [paraphrase(rng, {name: value}, persona) for _ in range(20)]
        texts += [paraphrase(rng, {name: value}, persona, "val") for _ in range(20)]
        texts += [refinement(rng, {name: value}, {"exposure": 20}, persona) for _ in range(20)]
    assert all(rejection(text) is None for text in texts), [text for text in texts if rejection(text)]
assert name in EFFECTS

assert score_programs({name: 20}, {name: 20}) == 10 and score_programs({name: 20}, {name: -20}) == -10
rows = [row for n in range(2 * len(TOOLS)) for row in JudgedMaker(0)({"number": n, "split": "train"})]
assert any(name in row["reference_program"] for row in rows)

assert name in noisy_label(Program({name: 20}), 0.5, rng)
assert compare({}, {"Exposure2012": 1.0})[0] == {"exposure": 50}
print(json.dumps({"used": name}))
