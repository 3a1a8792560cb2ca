"""One working day played over REST against a running platform 演示：一天的工作.

`make demo`, or `python -m services.demo`. It is a client like any other: it knows addresses, roles and what
they answer, and imports no service. Everything that it enters is labelled 演示; ids are fresh each time, so
it can be run again and again.
"""
