"""`Retry-After` and statuses are read as RFC 9110 and OpenAI define them."""

import json
import pickle

import pytest

from iea.reward_fns.chat import EndpointUnusableError, RequestRejectedError, RetryableError, errors
from iea.reward_fns.chat.errors import retry_after_s, status_error

NOW = 1_600_000_000.0  # Sun, 13 Sep 2020 12:26:40 GMT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        (" 0 ", 0.0),
        ("Sun, 13 Sep 2020 12:27:10 GMT", 30.0),
        ("Sun, 13 Sep 2020 12:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("inf", 0.0),
        ("nan", 0.0),
        ("", 0.0),
        ("1.5", 1.5),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0.0),
        ("Fri, 31 Dec 9999999999999999999 23:59:59 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -0000", 251802300799.0),
        ("Sun Sep 13 12:27:10 2020", 30.0),
        ("Mon, 01 Jan 0001 00:00:00 +1400", 0.0),
        ("9" * 400, 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors.time, "time", lambda: NOW)
    assert retry_after_s(header) == seconds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, EndpointUnusableError) for status in (301, 302, 307, 308, 401, 402, 404)),
        *((status, RetryableError) for status in (101, 408, 409, 425, 429, 500, 502, 503, 504, 529, 600)),
        *((status, RequestRejectedError) for status in (400, 403, 413, 415, 422)),
    ],
)
def test_a_status_has_its_kind_of_error(status: int, kind: type[Exception]) -> None:
    error = status_error(status, {}, "no")
    assert type(error) is kind and error.reason == f"http_{status}" and f"HTTP {status}: no" in str(error)


def test_a_long_body_is_quoted_in_part() -> None:
    assert len(str(status_error(400, {}, "no" * 10**5))) < 400


def test_an_error_is_one_line_without_control_characters() -> None:
    assert str(status_error(400, {}, "a\n\x1b[31mb\u202ec\x00")) == "HTTP 400: a  [31mb c "


def test_an_empty_account_makes_the_endpoint_unusable() -> None:
    body = json.dumps({"error": {"message": "no", "code": "insufficient_quota"}})
    error = status_error(429, {}, body)
    assert isinstance(error, EndpointUnusableError) and error.reason == "no_money"


def test_errors_can_be_pickled() -> None:
    for kind in (RetryableError, RequestRejectedError, EndpointUnusableError):
        copied = pickle.loads(pickle.dumps(kind("a", "b")))
        assert (type(copied), copied.reason, copied.text, str(copied)) == (kind, "a", "b", "b")
