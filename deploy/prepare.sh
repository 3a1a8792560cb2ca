#!/bin/sh
# Makes, once, what docker-compose.yml must not hold: the passwords, and a file for the city's own settings.
#     sh deploy/prepare.sh [FOLDER]
# FOLDER is var/compose unless given (COMPOSE_DATA in .env tells docker compose of another one). What is there
# already stays as it is, so that it may be run again after an upgrade. 首次部署前运行一次；已有的口令不变。
set -eu
umask 077
folder=${1:-var/compose}
secrets=$folder/secrets
mkdir -p "$secrets"
# The folder is closed to everybody else on this machine; a file in it is mounted into the containers that need
# it, whose users have other numbers than we.
chmod 700 "$folder" "$secrets"

new_password() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

keep() { # keep NAME: standard input becomes the secret NAME
    cat >"$secrets/.draft"
    chmod 444 "$secrets/.draft"
    mv "$secrets/.draft" "$secrets/$1"
}

for name in postgres_password admin_kafka_password \
    grid_database_password tasks_database_password disputes_database_password targets_database_password \
    grid_kafka_password tasks_kafka_password disputes_kafka_password targets_kafka_password; do
    [ -s "$secrets/$name" ] || new_password | keep "$name"
done

# Who may log in to the broker. Changed passwords of principals come into it when this runs again.
kafka_login() {
    printf 'org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="%s"' \
        "$(cat "$secrets/admin_kafka_password")"
    for principal in admin grid tasks disputes targets; do
        printf ' user_%s="%s"' "$principal" "$(cat "$secrets/${principal}_kafka_password")"
    done
    printf ';'
}
if [ "$(kafka_login)" != "$(cat "$secrets/kafka_login" 2>/dev/null)" ]; then
    kafka_login | keep kafka_login
fi

if [ ! -e "$folder/jiayuan.env" ]; then
    cat >"$folder/jiayuan.env" <<'SETTINGS'
# The city's own settings, read by every process of the platform: JIAYUAN_* variables, one a line, no quotes.
# 本市的配置项。Every one of them is explained in docs/guides/deployment.md.

# Who issues people's tokens (身份提供方): issuer, audience, and where its public keys are.
JIAYUAN_ISSUER=https://id.jiayuan.invalid
JIAYUAN_AUDIENCE=jiayuan
#JIAYUAN_JWKS_URL=https://id.example.gov.cn/jwks.json

# What events say of their origin, and the address by which people reach the gateway.
JIAYUAN_SOURCE=urn:cn:jiayuan:city
JIAYUAN_PUBLIC_URL=http://127.0.0.1:8080
SETTINGS
fi
echo "$folder: ready 已就绪"
