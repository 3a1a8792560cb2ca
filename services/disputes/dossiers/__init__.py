"""Dossiers 卷宗: what is read of a dispute, masked, and in full with a reason."""
