"""`prints` 案件单: a case with its steps and photos on paper, as its reader may see them."""
