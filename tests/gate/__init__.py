"""The gate 门禁: what must hold of the code itself, run by `make check`."""
