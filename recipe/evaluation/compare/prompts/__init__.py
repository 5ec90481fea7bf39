"""The prompts of the grader: one file each, with its text, its images and the form of its answer."""
