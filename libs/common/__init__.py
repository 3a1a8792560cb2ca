"""The toolbox 公共工具箱: everything that is the same in all four services, in rooms of its own."""
