"""For a person with a photograph, and for agents that serve one: edits, exports, and tools for other programs."""
