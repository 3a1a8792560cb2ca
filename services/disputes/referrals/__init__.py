"""Referrals 移交: disputes that grid hands over, and what its sender says afterwards."""
