"""Dossiers 案卷: what one may read of a case: the case itself, lists, search, history, the masked reporter.

Personal data is masked; the reporter is shown in full only to the person whose present step needs it, each
time with a recorded reason.
"""
