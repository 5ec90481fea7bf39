"""A client for endpoints with OpenAI's chat completions: hosted models, vLLM, verl's served reward model.

`ChatClient` returns completions from its cache or the endpoint, counted against a budget. `Caller` limits and repeats
calls, of an endpoint or of any other service: concurrency, rate, retries, timeouts, circuit breaker. `errors` lists the
failures.
"""

from iea.reward_fns.chat.caller import Breaker, Caller, ChatSettings
from iea.reward_fns.chat.client import ChatClient
from iea.reward_fns.chat.completion import Completion, CompletionCache
from iea.reward_fns.chat.errors import ChatError, EndpointUnusableError, RequestRejectedError, RetryableError
from iea.reward_fns.chat.usage import Budget, Usage

__all__ = [
    "Breaker",
    "Budget",
    "Caller",
    "ChatClient",
    "ChatError",
    "ChatSettings",
    "Completion",
    "CompletionCache",
    "EndpointUnusableError",
    "RequestRejectedError",
    "RetryableError",
    "Usage",
]
