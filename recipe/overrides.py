"""Write overrides for hydra's command line: the only place that quotes a value."""

import hashlib
import os
import re
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import OmegaConf

LONGEST = 40  # characters of a value in a name


def override(key: str, value: str | Path | float) -> str:
    """Return `key=value`, quoted where it must be, so that hydra reads the value as it is.

    Raises
    ------
    ValueError : no quoting gives this value: it has "${", the `$NAME` of a variable, or a backslash at an odd place

    Examples
    --------
    >>> override("iea.model", "/data/sft")
    'iea.model=/data/sft'
    >>> print(override("iea.model", "/data/a=b, it's (new)"))
    iea.model='/data/a=b, it\\'s (new)'
    """
    if isinstance(value, int | float):
        return f"{key}={value}"
    text = str(value)
    for written in (f"{key}={text}", interpolated(key, text)):
        if is_literal(text) and _read(written) == text:
            return written
    raise ValueError(
        f"the value of {key} must not contain '${{', the $NAME of a variable or backslashes at odd places, got {text!r}; "
        "rename it"
    )


def is_literal(text: str) -> bool:
    """Return True unless hydra or verl (os.path.expandvars on the paths of rows) would replace a part of the text."""
    return "${" not in text and os.path.expandvars(text) == text


def plain_name(value: object) -> str:
    """Return a value as a part of a folder's name, without `/`, spaces or what verl takes for a step.

    A changed or long name ends with a digest, so that different values have different names.

    Examples
    --------
    >>> plain_name(0.5), plain_name("/data/sft/global_step_20/huggingface")
    ('0.5', 'data-sft-step20-huggingface-b71117')
    """
    text = str(value)
    safe = re.sub(r"[^\w.+-]+", "-", text).replace("global_step_", "step").strip("-.")
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return text if text == safe[-LONGEST:] else f"{safe[-LONGEST:].lstrip('-.')}-{digest}"


OmegaConf.register_new_resolver("iea_name", plain_name, replace=True)  # iea.recipe.plugin imports this, in all of verl


def interpolated(key: str, text: str) -> str:
    """Return `key=text`, quoted, where `${...}` in the text stays a reference to another setting."""
    return f"{key}={QuotedString(text=text, quote=Quote.single).with_quotes()}"


def _read(written: str) -> object:
    try:
        return OverridesParser.create().parse_override(written).value()
    except HydraException:
        return None
