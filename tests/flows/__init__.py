"""Stories across services, one file each, on the local bus and on a real Kafka."""
