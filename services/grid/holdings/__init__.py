"""Holdings 在办单位: what reaches everybody who has a case, where several have it at once."""
