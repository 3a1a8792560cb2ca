"""Rules 规则: which tier a class goes to and how long a tier has, as dated data.

Loaded from `services/disputes/data/rules.yaml` and changed through the API; former values stand in the
history. Publishes `jiayuan.disputes.rule.v1` in full state.
"""
