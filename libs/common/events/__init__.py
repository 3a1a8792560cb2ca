"""Events 事件: one log, many cursors.

Write path: `record` (contract in, history and outbox row out) -> `sequencer` -> `log`.
Read path: a bus (`bus_local`, `bus_kafka`) -> `gate` -> handler -> `park` for what can never work.
"""
