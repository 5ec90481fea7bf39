"""Pictures of pairs: read, brought to sRGB and to one size, laid over each other."""
