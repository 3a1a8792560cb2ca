"""`notices` 通知: what has happened is told to whom it concerns, once, by message or in the app."""
