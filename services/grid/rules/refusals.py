"""What a rule can be asked for and does not say. Pure."""

from __future__ import annotations

from libs.common.errors import Invalid


class ChannelUnknown(Invalid):
    """No such channel (来源渠道不存在)."""

    code = "channel-unknown"
    zh = "来源渠道 {channel} 不存在"
    en = "There is no channel '{channel}'"


class LevelUnknown(Invalid):
    """No such level (办理层级不存在)."""

    code = "level-unknown"
    zh = "办理层级 {level} 不存在"
    en = "There is no level '{level}'"
