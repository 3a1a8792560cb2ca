"""What stands against a merge. Pure."""

from __future__ import annotations

from libs.common.errors import Invalid


class MergeTargetInvalid(Invalid):
    """A case merges into another one that is still there (合并目标无效)."""

    code = "merge-target-invalid"
    zh = "不能合并到自身或已合并、撤回、作废的案件"
    en = "A case cannot be merged into itself or into one that was merged, withdrawn or voided"
