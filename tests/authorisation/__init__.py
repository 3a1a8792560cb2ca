"""Who may do what, where: every operation × role × area, over HTTP, against one table written by hand."""
