"""Studies 会商: when a unit has returned a case, those concerned study whose duty it is, on record."""
