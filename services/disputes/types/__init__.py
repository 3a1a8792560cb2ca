"""Types 纠纷类型: what property disputes are about, versioned; a dispute keeps the version it was given.

Loaded from `services/disputes/data/types.yaml` and changed through the API. Publishes
`jiayuan.disputes.type.v1` in full state.
"""
