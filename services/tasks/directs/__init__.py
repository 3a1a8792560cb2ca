"""Direct tasks 直接交办: entered by an assigner, steered by them, verified by another than the doer."""
