"""Tests of the event path 事件."""
