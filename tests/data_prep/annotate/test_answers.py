"""What was paid for stays: whole files, nothing believed that is not a completion, one process at a time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iea.data_prep.annotate.answers import Answers, key_of
from iea.data_prep.annotate.reply import Completion

ONE = Completion("é \u2603", "", False, True, 3, 4)


def test_what_was_put_is_got(tmp_path):
    answers = Answers(tmp_path)
    key = key_of({"model": "m"})
    assert answers.get(key) is None
    answers.put(key, ONE)
    assert answers.get(key) == ONE == Answers(tmp_path).get(key)
    answers.put(key, ONE)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{key}.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"text": "x"}', '{"other": 1}', "\x00" * 100])
def test_what_is_no_completion_counts_as_not_there(content, tmp_path):
    answers = Answers(tmp_path)
    answers.put("ab", ONE)
    (path,) = tmp_path.rglob("*.json")
    path.write_text(content)
    assert answers.get("ab") is None
    answers.put("ab", ONE)
    assert answers.get("ab") == ONE


def test_the_key_depends_on_the_content_and_not_on_the_order():
    assert key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1}) != key_of({"a": 1, "b": [3]})


def test_a_second_asker_is_refused_until_the_first_is_dead(tmp_path):
    code = (
        "import sys; from pathlib import Path; from iea.data_prep.annotate.answers import Answers\n"
        "with Answers(Path(sys.argv[1])).locked():\n    print('mine', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None and first.stdout.readline() == b"mine\n"
        with pytest.raises(ValueError, match="one run at a time"), Answers(Path(tmp_path)).locked():
            pass
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    with Answers(tmp_path).locked():
        pass
