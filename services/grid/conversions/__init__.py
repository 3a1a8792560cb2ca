"""Conversions 转调解: a case that is a property dispute goes to `disputes`, and comes back ended or returned.

It goes with its parties and photos, as a handover of kind `case-dispute`, and only with the reporter's
recorded consent to be named as a party. While mediation has it the handling clock stands, apart from
suspensions, and a hotline is given an interim reply by its limit. The answer closes the case, and nobody
checks it.
"""
