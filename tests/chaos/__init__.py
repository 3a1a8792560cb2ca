"""Chaos 混沌测试: the platform killed under load, and what the ledger of acknowledged writes says after it.

`load` sends writes and keeps the `ledger`; `platform` starts, kills and restarts the real processes; `faults`
chooses the kills by a seed; `evidence` reads what databases, logs and bus hold; `checker` compares, purely.
`SEED=<n>` repeats a run's choices.
"""
