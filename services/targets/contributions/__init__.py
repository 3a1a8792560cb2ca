"""Contributions 任务计入: what verified tasks bring to targets, once per task and once per lot."""
