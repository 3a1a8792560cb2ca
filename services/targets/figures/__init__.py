"""Figures 数据: what a report says or a verified task brings, in the form in which they are rolled up."""
