"""Dossiers 任务卷宗: one task with what must be known to act, lists, history, personal data in full."""
