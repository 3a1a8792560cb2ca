"""Reports 填报: what each unit is expected to tell, period by period; submitted, accepted or sent back."""
