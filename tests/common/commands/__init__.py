"""Commands of operators, as they are typed."""
