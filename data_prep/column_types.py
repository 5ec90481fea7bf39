"""Compare the columns of a parquet file with those of a wanted table: the one place that checks types on reading."""

import pyarrow as pa


def misfit(found: pa.Schema, wanted: pa.Schema) -> str | None:
    """Return the first column of `wanted` that `found` lacks or has with another type, in words; None if it has all.

    Types differ where a cast would change the meaning: a text is not a list, a float is not an integer. A column of nulls
    alone has every type; the checks of its rows name it.

    >>> misfit(pa.schema([("expert", pa.string())]), pa.schema([("expert", pa.list_(pa.string()))]))
    "the column 'expert' must be list<item: string>, got string"
    """
    return _fields(list(found), list(wanted), "")


def _fields(found: list[pa.Field], wanted: list[pa.Field], parent: str) -> str | None:
    types = {field.name: field.type for field in found}
    if len(types) < len(found):
        return f"the columns{' of ' + repr(parent[:-1]) if parent else ''} must have different names"
    for field in wanted:
        place = f"{parent}{field.name}"
        if field.name not in types:
            return f"it must have the column {place!r}"
        if text := _type(types[field.name], field.type, place):
            return text
    return None


def _type(found: pa.DataType, wanted: pa.DataType, place: str) -> str | None:
    is_ = pa.types
    if is_.is_dictionary(found):
        found = found.value_type
    if is_.is_null(found):
        return None
    if is_.is_struct(wanted) and is_.is_struct(found):
        return _fields(list(found), list(wanted), f"{place}.")
    if is_.is_list(wanted) and (is_.is_list(found) or is_.is_large_list(found) or is_.is_fixed_size_list(found)):
        return _type(found.value_type, wanted.value_type, place)
    fits = (
        found == wanted
        or (is_.is_string(wanted) and (is_.is_large_string(found) or is_.is_string_view(found)))
        or (is_.is_integer(wanted) and is_.is_integer(found))
        or (is_.is_floating(wanted) and (is_.is_floating(found) or is_.is_integer(found)))
    )
    return None if fits else f"the column {place!r} must be {wanted}, got {found}"
