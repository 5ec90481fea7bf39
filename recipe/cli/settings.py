"""Options from a dataclass of settings: one for every field, with its type, its default and its description."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints

from typer import Option

from iea.recipe.cli.options import SHARED

Command = TypeVar("Command", bound=Callable[..., None])


def from_fields(**annotations: Any) -> Callable[[Command], Command]:
    """Decorate a command: each parameter annotated with a dataclass becomes one option for every field.

    A field's help is its entry in the dataclass's docstring, `name : text`, where several names may share an entry. The
    command receives the dataclass, whose own checks raise ValueError.

    Parameters
    ----------
    annotations : by field name, an annotation that takes the place of the field's, for arguments and special options

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Crop:
    ...     '''Settings of a crop.
    ...
    ...     width, height : side of the result, px
    ...     '''
    ...
    ...     width: int
    ...     height: int = 224
    >>> @from_fields()
    ... def crop(settings: Crop) -> None:
    ...     print(settings)
    >>> print(inspect.signature(crop, eval_str=True).parameters["height"].default)
    224
    >>> crop(width=32, height=64)
    Crop(width=32, height=64)
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        configs = {
            name: parameter.annotation
            for name, parameter in signature.parameters.items()
            if dataclasses.is_dataclass(parameter.annotation)
        }
        parameters = [
            one
            for name, parameter in signature.parameters.items()
            for one in (
                _options(configs[name], annotations)
                if name in configs
                else [parameter.replace(kind=parameter.KEYWORD_ONLY)]
            )
        ]

        @functools.wraps(command)
        def run(**given: Any) -> None:
            made = {name: _made(config, given) for name, config in configs.items()}
            rest = {name: value for name, value in given.items() if name in signature.parameters}
            command(**made, **rest)

        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # typer reads both
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run  # type: ignore[return-value]  # it takes the fields in place of the dataclass

    return decorate


def field_help(config: type) -> dict[str, str]:
    """Return the description of each field that the dataclass's docstring has."""
    entries = re.findall(r"^(\w+(?:, \w+)*) : (.+(?:\n +.+)*)", inspect.getdoc(config) or "", re.MULTILINE)
    return {name: _sentence(text) for names, text in entries for name in names.split(", ")}


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _options(config: Any, annotations: dict[str, Any]) -> Iterator[inspect.Parameter]:
    types, described = get_type_hints(config, include_extras=True), field_help(config)
    for field in dataclasses.fields(config):
        annotation = annotations.get(field.name) or SHARED.get(field.name)
        annotation = annotation or Annotated[types[field.name], Option(help=described.get(field.name))]
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        if default is dataclasses.MISSING:
            default = inspect.Parameter.empty
        yield inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )


def _made(config: Any, given: dict[str, Any]) -> Any:
    """Return the dataclass of the options given, which are lists where a field is a tuple."""
    types = get_type_hints(config)
    values = {field.name: given[field.name] for field in dataclasses.fields(config)}
    return config(**{n: tuple(v) if get_origin(types[n]) is tuple else v for n, v in values.items()})
