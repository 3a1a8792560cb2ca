"""Units 单位: who can be given work, by which names they are known, and from when to when they exist."""
