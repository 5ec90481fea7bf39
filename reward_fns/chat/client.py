"""Chat completions from a cache or an endpoint.

Not the openai package: it takes a second to import, and its own retries ignore the rate limit and cannot be counted.
aiohttp is imported by the first request: worker processes never send one.
"""

import asyncio
import os
import re
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakValueDictionary

from iea.reward_fns.chat.completion import Completion, CompletionCache, request_key
from iea.reward_fns.chat.errors import (
    ChatError,
    EndpointUnusableError,
    RequestRejectedError,
    RetryableError,
    status_error,
)
from iea.reward_fns.chat.redact import one_line, redacted
from iea.reward_fns.chat.retries import Breaker, Caller, ChatSettings
from iea.reward_fns.chat.usage import Usage

if TYPE_CHECKING:
    import aiohttp

Body: TypeAlias = Callable[[], Mapping[str, Any]]
LARGEST_BODY = 2 * 2**20  # bytes of a response, unpacked; a completion has some kilobytes
# an endpoint may know one of both names only, and then refuses the other one's name, not its value
LENGTHS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_VALUE_REFUSED = re.compile(
    r"too (?:large|long|many|high|big)|at most|exceed|(?:less|greater) than|range|maximum", re.IGNORECASE
)


class _NameRefusedError(RequestRejectedError):
    """The endpoint does not know the name of the limit of length."""


class ChatClient:
    """Requests chat completions. Belongs to one event loop, and needs no closing: its session ends with the loop.

    An https address is reached through the proxy that the environment names, if any; an http address, such as that of
    verl's router, directly.

    Parameters
    ----------
    cache : completions to reuse and extend; None = every completion is requested
    usage : counts of the run, with its budget; None = new counts without a budget
    """

    def __init__(
        self,
        settings: ChatSettings,
        *,
        cache: CompletionCache | None = None,
        usage: Usage | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self.settings, self.cache, self.usage = settings, cache, usage or Usage()
        self._caller, self._sessions = Caller(settings, breaker), _sessions()
        self._rejections: dict[str, RequestRejectedError] = {}  # final once the endpoint completes another request
        self._length = ""  # the name of LENGTHS that has succeeded, "" = none yet
        self._locks = WeakValueDictionary[str, asyncio.Lock]()
        # not aiohttp's trust_env, which would add passwords from ~/.netrc
        direct = not settings.url.startswith("https:") or proxy_bypass(urlsplit(settings.url).hostname or "")
        self._proxy = None if direct else getproxies().get("https")

    async def complete(self, request: Mapping[str, Any], body: Body | None = None) -> Completion:
        """Return a completion.

        Parameters
        ----------
        request : keys of a chat completion request, the server's own ones included. The settings add the model
        body : returns the request to send, called in a thread, where `request` is a short form of it for the cache, for
            example with digests in place of images

        Raises
        ------
        RetryableError : no attempt succeeded, or none in time
        RequestRejectedError : this request cannot succeed
        EndpointUnusableError : no request can succeed, or the budget is spent
        OSError : the cache cannot be written; before a request is paid, except where the disk became full
        """
        request = {"model": self.settings.model, **request}
        if self.cache is None:
            return await self._request(request, body)
        key = request_key(request)
        async with self._locks.setdefault(key, asyncio.Lock()):  # equal requests are sent once
            known = self.cache.get(key)
            if isinstance(known, RequestRejectedError):
                raise known
            if known:
                self.usage.reuse(known)
                return known
            self.cache.check()
            try:
                completion = await self._request(request, body)
            except RequestRejectedError as error:
                self._rejections[key] = error
                raise
            self.cache.put(key, completion)  # not awaited: a cancellation must not lose it
            while self._rejections:
                self.cache.put(*self._rejections.popitem())
            return completion

    async def _request(self, request: Mapping[str, Any], body: Body | None) -> Completion:
        if body is not None:
            request = {"model": self.settings.model, **await asyncio.to_thread(body)}
        sent, own = 0, next((name for name in LENGTHS if name in request), "")

        async def post(length: str) -> Completion:
            nonlocal sent
            named = {length if name == own else name: value for name, value in request.items()}
            key = self._key()
            outcome: Completion | ChatError | None = None
            self.usage.begin(retry=sent > 0)
            sent += 1
            try:
                outcome = await self._send(named, key, length)
            except ChatError as error:
                outcome = error
                raise
            finally:
                self.usage.end(outcome)
            self._length = length or self._length
            return outcome

        async def once() -> Completion:
            length = own and (self._length or own)
            try:
                return await post(length)
            except _NameRefusedError as refused:
                try:
                    return await post(LENGTHS[length])
                except _NameRefusedError:
                    raise refused from None

        return await self._caller.call(once)

    async def _send(self, request: Mapping[str, Any], key: str, length: str) -> Completion:
        """Send one request, with its limit of length by that name. Neither its completion nor its errors hold the key, even if
        the server quotes it.
        """
        import aiohttp

        headers = {"Accept-Encoding": "gzip"} | ({"Authorization": f"Bearer {key}"} if key else {})
        url = f"{self.settings.url.rstrip('/')}/chat/completions"
        session = await anext(self._sessions)  # never suspends, so calls do not meet in the generator
        options: dict[str, Any] = {"headers": headers, "proxy": self._proxy, "allow_redirects": False}
        try:
            async with session.post(url, json=request, **options) as response:
                text = redacted(await _text(response), key)
        except (aiohttp.ClientError, OSError, EOFError, ValueError) as error:  # refused, reset, cut short, not HTTP
            text = f"the connection failed: {type(error).__name__}: {one_line(redacted(str(error), key))}"
            raise RetryableError("connection", text) from None
        if 200 <= response.status < 300:
            return Completion.from_body(text)
        failure = status_error(response.status, response.headers, text)
        if isinstance(failure, RequestRejectedError) and length and length in text and not _VALUE_REFUSED.search(text):
            raise _NameRefusedError(failure.reason, failure.text)
        raise failure

    def _key(self) -> str:
        name = self.settings.key_env
        key = os.environ.get(name, "").strip()
        if name and not key:
            text = f"the environment variable {name} must hold the API key, got nothing; set it"
            raise EndpointUnusableError("no_key", text)
        if not (key.isascii() and key.isprintable() and " " not in key):  # it would end the header, or be two words
            rule = "must be one line of ASCII characters without spaces; correct it"
            raise EndpointUnusableError("no_key", f"the API key in {name} {rule}")
        return key


async def _text(response: "aiohttp.ClientResponse") -> str:
    """Read a response up to LARGEST_BODY bytes, also after unpacking: one packed kilobyte may become a megabyte."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            break
    if response.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip", "deflate"):
        try:
            body = bytearray(zlib.decompressobj(wbits=47).decompress(body, LARGEST_BODY + 1))  # gzip or zlib
        except zlib.error as error:
            raise RetryableError("broken_response", f"the response must be packed as it says: {error}") from None
    if len(body) > LARGEST_BODY:
        raise RetryableError("broken_response", f"a response must have at most {LARGEST_BODY} bytes, got more")
    return body.decode("utf-8-sig", "replace")


async def _sessions() -> "AsyncGenerator[aiohttp.ClientSession, None]":
    """Yield one session again and again. It ends with the event loop: loops close their unfinished generators."""
    import aiohttp

    no_limit = aiohttp.ClientTimeout(total=None)  # of time and number: the caller limits both
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=no_limit, connector=connector, auto_decompress=False) as session:
        while True:
            yield session
