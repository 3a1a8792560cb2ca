"""Assignments 交办: the steps of who gave the task, over REST for direct tasks, by handover for a case's."""
