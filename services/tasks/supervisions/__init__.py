"""Supervisions 督办: a red light proposes one; the supervision office issues it to a unit or says why not."""
