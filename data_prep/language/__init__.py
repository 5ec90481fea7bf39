"""Programs in words: instructions, paraphrases, and how much of a program a sentence says."""
