"""Cooperation 配合: the units beside the lead, each with a feedback line of its own."""
