"""Queues 待办: the one queue of acceptor, duty chief and dispatcher by deadline, and claiming from it."""
