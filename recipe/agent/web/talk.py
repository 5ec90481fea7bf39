"""Speak with the model about a session. Whatever the model does, the photograph and the conversation stay."""

import logging

from starlette.concurrency import run_in_threadpool

from iea.recipe.agent.commands import asks_why
from iea.recipe.agent.explain import why
from iea.recipe.agent.models.model import UNREACHED, Model, ModelError
from iea.recipe.agent.web.limits import Gate
from iea.recipe.agent.web.settings import RefusedError
from iea.recipe.agent.web.store import Live

LONGEST = 1000  # characters of a request
LOG = logging.getLogger(__name__)


async def say(live: Live, request: str, model: Model, gate: Gate) -> list[str]:
    """Take a step of the conversation; return lines that answer "why?", [] for an edit.

    The model works on a copy: a change made meanwhile, also "cancel", wins over its answer.

    Raises
    ------
    RefusedError : the request is empty or too long, the model has no answer, or the session changed meanwhile
    """
    request = request.encode(
        "utf-8", "replace"
    ).decode()  # half of a character, which a browser may send, has no place in JSON
    if not 0 < len(request.strip()) <= LONGEST:
        raise RefusedError(422, "request")
    if asks_why(request):
        return await run_in_threadpool(why, live.talk, live.thumbnail)
    if live.thinking:
        raise RefusedError(409, "thinking")
    revision, talk = live.revision, live.copy()
    live.thinking = True
    try:
        async with gate.entered():
            await run_in_threadpool(talk.say, request, live.small, model)
    except ModelError as error:
        raise _refused(error, model) from error
    except ValueError as error:
        raise RefusedError(422, "nothing", str(error)) from error
    finally:
        live.thinking = False
    with live.changing(since=revision) as latest:
        latest.turns, latest.length = talk.turns, talk.length
    return []


def _refused(error: ModelError, model: Model) -> RefusedError:
    """Return the error for the page; addresses of endpoints are for the log alone."""
    if error.exit_status == UNREACHED:
        LOG.warning("%s", error)
        return RefusedError(502, "model_down")
    address = getattr(getattr(model, "config", None), "url", "")
    text = str(error).replace(address, "the model") if address else str(error)
    return RefusedError(422, "not_done", text.partition("; say it in other words, or give")[0])
