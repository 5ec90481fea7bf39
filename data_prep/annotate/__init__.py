"""Who explains a pair of pictures: a model behind an OpenAI-compatible endpoint, or measurements and a grammar."""

from iea.data_prep.annotate.teacher import Answer, Question, Teacher, UnansweredError

__all__ = ["Answer", "Question", "Teacher", "UnansweredError"]
