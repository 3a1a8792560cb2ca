"""Repairs 报修: a case goes as a repair order to the estate's firm, emergency centre or fallback unit.

It is a dispatch by a handover of kind `case-repair`: its class says by when somebody is to be on site, day
and night, and by when it is to be finished. The unit tells when it came and when it finished; its answer
goes to the grid's check, its return to the dispatcher's queue, as of every dispatch.
"""
