"""Pure-numpy photo editor: sixteen tools, one fixed order, one float pipeline."""
