"""Fuzzing 模糊测试: operations, life cycles, bus and parsers under generated input (docs/fuzzing.md)."""
