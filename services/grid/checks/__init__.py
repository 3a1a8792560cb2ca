"""Checks 核实与核查: an inspector verifies a report before acceptance, and checks the result before closing.

Nobody checks what they handled. A failed check is rework 返工: same unit or squad, counted, no fresh clock.
"""
