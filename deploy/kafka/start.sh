#!/bin/bash
# The broker of docker-compose.yml. Its folder is formatted once, under an id that no other cluster has: readers
# keep their offsets under it, and a new cluster must not be taken for the one that was lost.
set -euo pipefail
bin=/opt/kafka/bin
properties=/etc/jiayuan/server.properties
if [ ! -e /var/lib/kafka/data/meta.properties ]; then
    id=$("$bin/kafka-storage.sh" random-uuid)
    "$bin/kafka-storage.sh" format --standalone --cluster-id "$id" --config "$properties"
fi
exec "$bin/kafka-server-start.sh" "$properties"
