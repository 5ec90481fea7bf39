"""A client for endpoints with OpenAI's chat completions: hosted models, vLLM, verl's served reward model.

`ChatClient` returns completions from its cache or the endpoint. `Caller` limits and repeats calls of any service.
"""

from iea.reward_fns.chat.client import ChatClient
from iea.reward_fns.chat.completion import Completion, CompletionCache
from iea.reward_fns.chat.errors import ChatError, EndpointUnusableError, RequestRejectedError, RetryableError
from iea.reward_fns.chat.retries import Breaker, Caller, ChatSettings
from iea.reward_fns.chat.usage import Budget, Usage

__all__ = ["Breaker", "Budget", "Caller", "ChatClient", "ChatError", "ChatSettings", "Completion", "CompletionCache"]
__all__ += ["EndpointUnusableError", "RequestRejectedError", "RetryableError", "Usage"]
