"""Chat completions from a cache or an endpoint.

Not the openai package: it takes a second to import, and its own retries ignore the rate limit and cannot be counted.
aiohttp is imported by the first request: worker processes never send one.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakValueDictionary

from iea.reward_fns.chat.caller import Breaker, Caller, ChatSettings
from iea.reward_fns.chat.completion import Completion, CompletionCache, request_key
from iea.reward_fns.chat.errors import EndpointUnusableError, RetryableError, status_error
from iea.reward_fns.chat.usage import Usage

if TYPE_CHECKING:
    import aiohttp

Body: TypeAlias = Callable[[], Mapping[str, Any]]
SHORTEST_KEY = 5  # a shorter "key" is a placeholder, and its letters may occur anywhere


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
        self._locks = WeakValueDictionary[str, asyncio.Lock]()
        # not aiohttp's trust_env, which would add passwords from ~/.netrc
        direct = not settings.url.startswith("https:") or proxy_bypass(urlsplit(settings.url).hostname or "")
        self._proxy = None if direct else getproxies().get("https")

    async def complete(self, request: Mapping[str, Any], body: Body | None = None) -> Completion:
        """Return a completion.

        Parameters
        ----------
        request : keys of a chat completion request: messages with text or image parts, sampling parameters, and keys of
            the server's own (vLLM: `structured_outputs`, `chat_template_kwargs`). The settings add the model
        body : returns the request to send, called in a thread, where `request` is a short form of it for the cache, for
            example with digests in place of images

        Raises
        ------
        RetryableError : no attempt succeeded, or none in time
        RequestRejectedError : this request cannot succeed
        EndpointUnusableError : no request can succeed, or the budget is spent
        """
        request = {"model": self.settings.model, **request}
        if self.cache is None:
            return await self._request(request, body)
        key = request_key(request)
        async with self._locks.setdefault(key, asyncio.Lock()):  # equal requests are sent once
            completion = self.cache.get(key)
            if completion:
                self.usage.reuse(completion)
            else:
                completion = await self._request(request, body)
                self.cache.put(key, completion)  # not awaited: a cancellation must not lose it
            return completion

    async def _request(self, request: Mapping[str, Any], body: Body | None) -> Completion:
        if body is not None:
            request = {"model": self.settings.model, **await asyncio.to_thread(body)}
        sent = 0

        async def once() -> Completion:
            nonlocal sent
            key, completion = self._key(), None
            self.usage.begin(retry=sent > 0)
            sent += 1
            try:
                completion = await self._send(request, key)
            finally:
                self.usage.end(completion)
            return completion

        return await self._caller.call(once)

    async def _send(self, request: Mapping[str, Any], key: str) -> Completion:
        """Send one request. Neither its completion nor its errors hold the key, even if the server quotes it."""
        import aiohttp

        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{self.settings.url.rstrip('/')}/chat/completions"
        session = await anext(self._sessions)  # never suspends, so calls do not meet in the generator
        try:
            async with session.post(url, json=request, headers=headers, proxy=self._proxy) as response:
                text = await response.text(errors="replace")
        except aiohttp.ClientError as error:  # refused, reset, cut short
            text = f"the connection failed: {type(error).__name__}: {error}"
            raise RetryableError("connection", text) from None
        if len(key) >= SHORTEST_KEY:
            text = text.replace(key, "***")
        if response.status != 200:
            raise status_error(response.status, response.headers, text)
        return Completion.from_body(text)

    def _key(self) -> str:
        name = self.settings.key_env
        key = os.environ.get(name, "").strip()
        if name and not key:
            text = f"the environment variable {name} must hold the API key, got nothing; set it"
            raise EndpointUnusableError("no_key", text)
        return key


async def _sessions() -> "AsyncGenerator[aiohttp.ClientSession, None]":
    """Yield one session again and again. It ends with the event loop: loops close their unfinished generators."""
    import aiohttp

    no_limit = aiohttp.ClientTimeout(total=None)  # of time and number: the caller limits both
    async with aiohttp.ClientSession(timeout=no_limit, connector=aiohttp.TCPConnector(limit=0)) as session:
        while True:
            yield session
