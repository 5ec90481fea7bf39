"""Options from a dataclass of settings: one for every field, with its type, its default and its description.

The dataclass stands beside the code that it configures, and importing that takes a second. A command therefore names it,
and gets its options only once it has been chosen: `iea --help` and `iea data --help` import nothing.
"""

import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperGroup

from iea.recipe.cli.options import SHARED

Command = Callable[..., None]


class LazyGroup(TyperGroup):
    """A group that completes a command of `options_of` when it is chosen."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        complete = getattr(command and command.callback, "complete", None)
        if complete is not None:
            single = typer.Typer(add_completion=False)
            single.command(name)(complete())
            command = typer.main.get_command(single)
        return name, command, rest


def options_of(*paths: str, **annotations: Any) -> Callable[[Command], Command]:
    """Decorate a command of a LazyGroup: each parameter annotated with one of the dataclasses becomes their options.

    A field's help is its entry in the dataclass's docstring, `name : text`, where several names may share an entry. The
    command receives the dataclass, whose own checks raise ValueError; or, where the annotation is `Callable[[], Config]`,
    a function that makes it. A field whose type admits None may be left out. Each of several dataclasses has a panel of the
    help, under the first line of its docstring.

    Parameters
    ----------
    paths : the dataclasses, such as "iea.data_prep.mix.step.MixConfig"
    annotations : by field name, an annotation in place of the field's, or a function that makes it. A field that is a
        parameter of the command too is one option for both
    """

    def decorate(command: Command) -> Command:
        def listed() -> None:
            raise AssertionError("a LazyGroup completes a command before it runs it")

        listed.__name__, listed.__doc__ = command.__name__, command.__doc__
        listed.complete = lambda: _completed(command, paths, annotations)  # type: ignore[attr-defined]
        return listed

    return decorate


def one_of(path: str, text: str, *, argument: bool = False) -> Callable[[], Any]:
    """Return a function that makes the annotation of an option whose values are the names in a table.

    Parameters
    ----------
    path : the table or a function that returns it, such as "iea.data_prep.label.methods.METHODS"
    text : first sentence of the help
    argument : make it a positional argument
    """

    def annotation() -> Any:
        table = _imported(path)
        names = list(table() if callable(table) else table)
        info = typer.Argument if argument else typer.Option
        listed = f"{', '.join(names[:-1])} or {names[-1]}"
        return Annotated[str, info(help=f"{text}: {listed}.", autocompletion=lambda: names)]

    return annotation


def described_fields(config: type) -> dict[str, str]:
    """Return the description of each field that is in the docstring of a dataclass, or of those it inherits from.

    >>> class Crop:
    ...     '''Settings of a crop.
    ...
    ...     width, height : side of the result, px; at least 28, and a
    ...         multiple of it
    ...     '''
    >>> described_fields(Crop)["height"]
    'Side of the result, px; at least 28, and a multiple of it.'
    """
    found: dict[str, str] = {}
    for one in reversed(config.__mro__):
        entries = re.findall(r"^(\w+(?:, \w+)*) : (.+(?:\n +.+)*)", inspect.cleandoc(one.__doc__ or ""), re.MULTILINE)
        for names, text in entries:
            text = " ".join(text.split()).rstrip(".") + "."
            found |= dict.fromkeys(names.split(", "), text[:1].upper() + text[1:])
    return found


def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _completed(command: Command, paths: tuple[str, ...], annotations: dict[str, Any]) -> Command:
    """Return the command with the fields of its dataclasses for parameters."""
    classes = [_imported(path) for path in paths]
    names = {config.__name__: config for config in classes} | {"Callable": Callable}
    own = inspect.signature(command, eval_str=True, locals=names).parameters
    configs = {name: config for name, one in own.items() if (config := _config(one.annotation)) in classes}
    parameters: list[inspect.Parameter] = []
    for name, one in own.items():
        if name in configs:
            fields = _options(configs[name], annotations, panel=len(configs) > 1)
            parameters += [field for field in fields if field.name not in own]
        else:
            parameters.append(one.replace(kind=one.KEYWORD_ONLY))

    def run(**given: Any) -> None:
        arguments = {name: given[name] for name in own if name not in configs}
        for name, config in configs.items():
            make = partial(_made, config, given)
            arguments[name] = make() if own[name].annotation is config else make
        command(**arguments)

    run.__doc__ = command.__doc__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}  # typer reads both
    return run


def _config(annotation: Any) -> Any:
    """Return X of `X` and of `Callable[[], X]`."""
    return get_args(annotation)[-1] if get_origin(annotation) is Callable else annotation


def _options(config: Any, annotations: dict[str, Any], *, panel: bool) -> Iterator[inspect.Parameter]:
    types = get_type_hints(config, include_extras=True)
    described = described_fields(config)
    title = inspect.cleandoc(config.__doc__).splitlines()[0].rstrip(".") if panel else None
    for field in dataclasses.fields(config):
        annotation = annotations.get(field.name) or SHARED.get(field.name)
        if annotation is None:
            flags = [f"--{field.name[:-2].replace('_', '-')}"] if field.name.endswith("_s") else []  # seconds
            info = typer.Option(*flags, help=described.get(field.name), rich_help_panel=title)
            annotation = Annotated[_listed(types[field.name]), info]
        elif inspect.isfunction(annotation):
            annotation = annotation()
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        if default is dataclasses.MISSING:
            default = None if type(None) in get_args(types[field.name]) else inspect.Parameter.empty
        kind = inspect.Parameter.KEYWORD_ONLY
        yield inspect.Parameter(field.name, kind, default=default, annotation=annotation)


def _listed(annotation: Any) -> Any:
    """Return list[X] for tuple[X, ...], which typer takes for a pair of values."""
    return list[get_args(annotation)[0]] if get_origin(annotation) is tuple else annotation  # type: ignore[misc]


def _made(config: Any, given: dict[str, Any]) -> Any:
    """Return the dataclass of the options given, which are lists where a field is a tuple."""
    types = get_type_hints(config)
    values = {field.name: given[field.name] for field in dataclasses.fields(config)}
    return config(**{n: tuple(v or ()) if get_origin(types[n]) is tuple else v for n, v in values.items()})
