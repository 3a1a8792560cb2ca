"""The toolbox and the shared vocabulary of the four services."""
