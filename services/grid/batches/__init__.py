"""Batches 批量派遣: many cases dispatched in one request, each by itself and each answered by itself."""
