"""Compare the edits of systems by a grader: a model behind an endpoint that looks at the images."""
