"""Addresses 地址: which estate or building a text such as 兰溪路100弄3号 means, told with a confidence.

Every name and door number that is known is kept in one spelling (`domain.normal`); what of them occurs in a
text is found by one indexed statement.
"""
