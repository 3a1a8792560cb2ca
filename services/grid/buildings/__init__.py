"""Buildings 楼栋: of each estate, with their door numbers, storeys and lifts, kept by the office."""
