"""Studios 城管社区工作室: one a neighbourhood, a fixed person at a fixed place and time.

The office keeps them, the public reads them; what is heard in them or on visits becomes cases at once.
"""
