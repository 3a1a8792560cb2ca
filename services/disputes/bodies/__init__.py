"""Bodies 调解组织: who mediates, in three tiers over the area tree, and whose seal and number they use.

Loaded from `services/disputes/data/bodies.yaml` and `areas.csv`, changed through the API. Publishes
`jiayuan.disputes.body.v1` in full state; no person is named.
"""
