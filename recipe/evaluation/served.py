"""Look at an endpoint that serves a model."""

import json
from urllib.error import HTTPError, URLError
from urllib.request import urlopen


def served_name(url: str) -> str:
    """Return the name of the only model, or the first one, that an endpoint serves.

    Raises
    ------
    ValueError : the endpoint does not answer, or names no model
    """
    try:
        with urlopen(f"{url.rstrip('/')}/models", timeout=10) as reply:
            return str(json.load(reply)["data"][0]["id"])
    except (URLError, OSError, ValueError, LookupError, TypeError) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise ValueError(
            f"the address must be that of an endpoint that lists its models, such as http://127.0.0.1:8000/v1, got {url!r}: "
            f"{error}; start it first, or name the model"
        ) from error
