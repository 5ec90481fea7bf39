"""The agent: photographs at full size, requests in words, conversations, and the look of one image on others."""
