"""`links` 反映人链接: what a message leads its reporter to, how far it is and how satisfied they are."""
