"""`make bench` 性能测试: figures as ratios, each against a limit taken in the same run on the same server.

API, worker, database and load generator are separate processes. `figures` lists what is measured and what it
must reach, `board` keeps the rounds and writes `var/bench.json`, `stage` holds servers and processes, one
module per kind of work measures it. Nothing here is asserted by a test: a clock is no judge of correctness.
"""
