"""Duty list 职责清单: for a category in an area, the lead unit and the cooperating units."""
