"""The tiny policy: built offline, complete, with one vocabulary in model and tokenizer."""

import json
from pathlib import Path

import pytest

pytest.importorskip("transformers")
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

TEXTS = ["make it a little warmer", '{"temperature": 20, "exposure": -45}'] * 50


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from iea.recipe.tiny.policy import build_tiny_model

    out = tmp_path_factory.mktemp("tiny") / "model"
    assert build_tiny_model(out, iter(TEXTS)) > 1_000_000
    return out


def test_model_and_tokenizer_have_one_vocabulary(model: Path) -> None:
    from transformers import AutoTokenizer

    vocabulary = json.loads((model / "config.json").read_text())["text_config"]["vocab_size"]
    assert vocabulary == len(AutoTokenizer.from_pretrained(model))


def test_the_tokenizer_decodes_programs_exactly(model: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    for text in ('{"temperature": -100, "vignette": 5}', "naïve — 100 % ☀"):
        assert tokenizer.decode(tokenizer(text).input_ids) == text


def test_a_prompt_has_one_image_token_per_merged_patch(model: Path) -> None:
    from PIL import Image
    from transformers import AutoProcessor

    from iea.recipe.tiny.policy import TinySize

    processor = AutoProcessor.from_pretrained(model)
    message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "warmer"}]}
    text = processor.apply_chat_template([message], add_generation_prompt=True)
    inputs = processor(text=[text], images=[Image.new("RGB", (112, 112))], return_tensors="pt")
    pads = (inputs.input_ids == processor.tokenizer.convert_tokens_to_ids("<|image_pad|>")).sum()
    assert pads == (112 // (2 * TinySize.patch_px)) ** 2


def test_same_seed_gives_the_same_weights(model: Path, tmp_path: Path) -> None:
    from iea.recipe.tiny.policy import build_tiny_model

    build_tiny_model(tmp_path / "again", iter(TEXTS))
    assert (tmp_path / "again/model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()
