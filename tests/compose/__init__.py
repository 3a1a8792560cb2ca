"""docker-compose.yml cannot rot unseen: its commands are started, and five stories told through it."""
