"""Formats of image files: their samples, metadata and color profiles, by Pillow, tifffile and imagecodecs."""
