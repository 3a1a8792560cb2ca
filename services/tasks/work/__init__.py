"""Work 办理: the steps of the unit, from signing to the answer, with those inside the unit."""
