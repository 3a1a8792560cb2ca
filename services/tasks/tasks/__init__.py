"""Tasks 任务: work given to a unit, from a case through a handover or entered here by an assigner."""
