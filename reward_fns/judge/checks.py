"""Checks before the judge. They reject answers that are not English sentences about an edit, or that address the judge.

| check | found in | score |
|---|---|---|
| empty | without a letter | -10 |
| long | more than MAX_CHARS characters | -10 |
| markup | with code, JSON, tags, lists or line breaks | -10 |
| script | with a letter that English does not have, such as one that only looks Latin | -10 |
| hidden | with invisible characters, stacked marks, or words in disguise: "s c o r e", "sc0re" | -10 |
| prompt | the words of the task: "the first image is ...", "one English sentence", "describe the edit" | -10 |
| prompt_injection | words to or about the judge and its task: "ignore the above", "score: 10", "as was intended" | -10 |
| language | not English: foreign words outnumber English ones, or of four or more words none is known | -10 |
| repeated | a clause twice, a phrase or a word again and again, or few different words | -10 |
| soup | a list of properties without verbs, both sides of two opposites, an action "and" or "or" its reverse | -10 |
| sentences | more than MAX_SENTENCES, without greetings and thanks | -10 |
| vague | no word names a change of an image ("do as was wished"), or "the right amount", unless a reference is as vague | at most 0 |

-10 is the rubric's worst score, 0 its "too vague to tell". The first check that fires decides; if none does, the judge. Of a
vague sentence the judge is asked too: it may be about another topic, which is -10.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from iea.reward_fns.judge.letters import disguises, folded, is_foreign
from iea.reward_fns.judge.opposites import contradictions, is_hedged
from iea.reward_fns.judge.prompt import LOWEST
from iea.reward_fns.judge.words import ARTICLES, EFFECTS, ENGLISH, FOREIGN, HOLDING, JUDGMENTS, META, NAMED, STEMS

MAX_CHARS = 1_000  # all sixteen tools in one request take about 700; the longest of 26,902 real ones has 342
MAX_SENTENCES = 3  # the prompt asks for one; 99.5 % of real requests have three at most


@dataclass(frozen=True)
class Rejection:
    """The check that rejected an answer, and its score in [-10, 10]: instead of the judge's, or as the highest possible one."""

    check: str
    score: int

    @property
    def needs_judge(self) -> bool:
        """True if the judge's score counts where it is lower."""
        return self.score > LOWEST


@dataclass(frozen=True)
class Answer:
    """An answer with its references, and its words."""

    text: str
    references: Sequence[str]

    @cached_property
    def words(self) -> list[str]:
        return words_of(self.text)

    @cached_property
    def plain(self) -> str:
        return folded(self.text)


def words_of(text: str) -> list[str]:
    """Return the words in lower case, with the apostrophes inside them."""
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.replace("\u2019", "'").lower())


def rejection(text: str, references: Sequence[str] = ()) -> Rejection | None:
    """Return the first rejection of an answer; None = the judge decides.

    Parameters
    ----------
    text : the model's answer
    references : sentences with the intended meaning; vague ones allow a vague answer
    """
    answer = Answer(text.strip(), references)
    return next((Rejection(name, score) for name, score, found in CHECKS if found(answer)), None)


_MARKUP = re.compile(r"[\n\r\v\f\x85\u2028\u2029{}\[\]<>|`\\_]|^\s*(?:[-*#]|\d+[.)])\s|\*\*|://")

_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:above|previous|prior|instructions?|rules?|rubric)\b"
    r"|\b(?:scores?|rating|grade|points)\b\W*(?:(?:should|must|be|is|are|of|as|a|an|it|this|to|with)\W+){0,4}[-+]?(?:\d|ten\b|max)"
    r"|\b(?:answer|output|respond|reply|return|print|say|rate|assign|award|give|write)\b"
    r"(?:\W+(?:it|this|me|with|a|an|the|only|number|integer|score|as|just|sentence)){0,5}\W+[-+]?(?:10|ten)\b(?!\W*%)"
    r"|[.!?;=]\s*[-+]?(?:10|ten)\W*$|\s:\s*10\W*$|^\W*10\b(?!\W*(?:%|percent|points?|more))"
    r"|\b(?:10|ten)\s*(?:/|(?:out )?of\b|on\b|over\b)\s*(?:10|ten)\b"
    r"|\b(?:photo|photograph|image|picture|pic|it)\W{1,3}10[^\w%\u00b0]*$"
    r"|(?<!\bby)(?<!\bto)(?<!\bat)(?<!\bup)(?<!\bdown)(?<!\bplus)(?<!\bminus)(?<!\babout)(?<!\baround)\W+ten\W*$"
    r"|^\W*\d+\s*(?:\+|plus|minus|times)\s*\d"
    r"|\b(?:largest|highest|biggest|greatest) (?:possible |allowed )?(?:number|integer)\b"
    r"|\b(?:top|end|maximum|highest) (?:of|on|end of) (?:the|your) scale\b"
    r"|\b(?:deduct|subtract)\W+(?:no|zero|0|nothing)\b"
    r"|\blead to the same\b|\bsame edit\b(?! (?:to|on|for)\b)"
    r"|\b(?:full|top|highest|maximum|perfect|best)\W+(?:marks?|scores?|points?|rating)\b"
    r"|\blanguage model\b"
    r"|\b(?:identical|same|equivalent|matches|equal)\b.{0,25}\b(?:first|reference|other) sentence\b"
    r"|\bthe (?:reference|prediction)\b|\b(?:first|second|reference) (?:reference|sentence|prediction)\b"
    r"|\b(?:like|match|matches|matching|as|per|than|equals?|both|this|above|same|two|one|each|reach|hit|follow)\W+(?:the )?"
    r"(?:target|sentences?|captions?)\b"
    r"|\b(?:system|human|user|assistant|meant|understood|reference|prediction|first|second) ?:",
    re.IGNORECASE,
)

_TASK_WORDS = re.compile(
    r"\b(?:first|second|original|edited|left|right|two) (?:images?|photos?|photographs?|pictures?) "
    r"(?:is|are|was|were|shows?|and|to)\b.{0,40}\b(?:edit|edited|original|first|second|before|after)\b"
    r"|\b(?:one|single|short|english) (?:english )?sentence\b"
    r"|\bwhat (?:had|has|did|is|was|were)\b.{0,30}\b(?:asked|wanted|ask|want|request)\b"
    r"|\b(?:describe|summarize|summarise|explain)\b.{0,40}\b(?:edits?|editing|changes?|intent|intention|difference)\b",
    re.IGNORECASE,
)


def _injection(answer: Answer) -> bool:
    return bool(_INJECTION.search(answer.plain)) or not META.isdisjoint(words_of(answer.plain))


def _language(answer: Answer) -> bool:
    english = sum(word in ENGLISH for word in answer.words)
    foreign = sum(word in FOREIGN for word in answer.words)
    return foreign > english or (english == 0 and len(answer.words) >= 4)


_SAID = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[-+]\d+")
_AMOUNT = re.compile(r"[-+]\d")


def _repeated(answer: Answer) -> bool:
    words, parts = _SAID.findall(answer.plain), re.split(r"[,;.!?]|\band\b|\bthen\b", answer.plain)
    clauses = [tuple(clause) for clause in map(_SAID.findall, parts) if len(clause) >= 2]
    return (
        len(set(clauses)) < len(clauses)
        or any(_again(words, size, 2 * size) for size in (1, 2))
        or any(_again(clause, size, size) for clause in clauses for size in range(3, len(clause) // 2 + 1))
        or (len(words) >= 12 and len(set(words)) < 0.4 * len(words))
    )


def _again(words: Sequence[str], size: int, limit: int) -> bool:
    """Return True if `limit` words in a row equal those `size` before them: a phrase that is repeated at once."""
    run = 0
    for word, before in zip(words[size:], words, strict=False):
        run = run + 1 if word == before else 0
        if run == limit:
            return True
    return False


def _soup(answer: Answer) -> bool:
    text, words = " ".join(answer.words), answer.words
    held = sum(word in HOLDING for word in words) + len(
        _AMOUNT.findall(answer.plain)
    )  # "contrast +20" asks for something, and so does "more contrast"
    held += sum(one in ("more", "less") and other in EFFECTS for one, other in pairwise(words))
    named = len(EFFECTS.intersection(words))
    bare = len(words) >= 5 and held == 0 and ARTICLES.isdisjoint(words)
    return bare or (named >= 6 and 3 * held < named) or is_hedged(text) or contradictions(text) >= 2


_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bmr)(?<!\bmrs)[.!?]+(?:\s|$)")
_COURTESY = re.compile(r"\W*(?:hi|hello|hey|dear|thanks?|thank you|thx|cheers|please)\b(?:\W+\w+){0,3}\W*")


def _sentences(answer: Answer) -> bool:
    parts = (part.strip() for part in _SENTENCE_END.split(answer.plain))
    return sum(bool(part) and not _COURTESY.fullmatch(part) for part in parts) > MAX_SENTENCES


def _vague(answer: Answer) -> bool:
    return is_vague(answer.text) and not any(map(is_vague, answer.references))


_COMPLAINT = re.compile(
    r"\b(?:too|rather|extremely|terribly|unbearably) ([^\W\d_]+)"
)  # of words that nobody listed: milky


_UNSTATED = re.compile(r"\b(?:right|correct|proper|appropriate) (?:amounts?|values?)\b")


def is_vague(text: str) -> bool:
    """Return True if a sentence names no change of an image, and so fits every edit."""
    plain = re.sub(r"\bb ?[/&] ?w\b", "bw", folded(text))
    if _UNSTATED.search(plain):
        return True
    said, complained = words_of(plain), _COMPLAINT.findall(plain)
    named = any(word in NAMED or word.startswith(STEMS) for word in said)
    return not named and JUDGMENTS.issuperset(complained)


CHECKS: tuple[tuple[str, int, Callable[[Answer], object]], ...] = (
    ("empty", LOWEST, lambda answer: not any(map(str.isalpha, answer.text))),
    ("long", LOWEST, lambda answer: len(answer.text) > MAX_CHARS),
    ("markup", LOWEST, lambda answer: _MARKUP.search(answer.text)),
    ("script", LOWEST, lambda answer: any(map(is_foreign, answer.text))),
    ("hidden", LOWEST, lambda answer: disguises(answer.text)),
    ("prompt", LOWEST, lambda answer: _TASK_WORDS.search(answer.plain)),
    ("prompt_injection", LOWEST, _injection),
    ("language", LOWEST, _language),
    ("repeated", LOWEST, _repeated),
    ("soup", LOWEST, _soup),
    ("sentences", LOWEST, _sentences),
    ("vague", 0, _vague),
)
"""Name, score and test of each check, as in the table above; a true result rejects."""
