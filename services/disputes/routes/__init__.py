"""Routes 流转: which body and tier has the dispute, up and down."""
