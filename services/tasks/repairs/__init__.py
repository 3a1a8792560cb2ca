"""Repairs 报修单: what a repair order is beside a task: by when to be on site, when somebody came."""
