"""What deadlines are reckoned by 期限依据."""
