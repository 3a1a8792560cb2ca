"""What everybody may see without signing in (公众查询、执法公示): no person, no address, no words of anybody.

A case is found by its receipt number, which only its reporter was given, or stands in a list that tells
category, neighbourhood, day and state. What is secret or hidden by the rule `disclosure` stands in none.
"""
