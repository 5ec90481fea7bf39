"""The sixteen tools, one file each."""
