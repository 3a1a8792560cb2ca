"""Cases 案件: the record of what was found and its life cycle, from report to close.

Owns the case, its reporter (personal data, masked by default) and its photos. The steps around dispatch,
checks, deferrals and closing are rooms of their own that move the case through this one. Publishes
`jiayuan.grid.case.v1`: facts without personal data or free text.
"""
