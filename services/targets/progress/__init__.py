"""Progress 进度: how far a target is as of a day, over areas, years and plans, nothing counted twice."""
