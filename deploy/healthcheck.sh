#!/bin/bash
# Asks a FlashTix of this machine for a path and exits 0 if the answer is a 200. The slim image has no curl; bash opens
# the socket by itself.
#
# usage: flashtix-healthcheck [PATH [PORT]]
#        PATH is /healthz (the process answers) or /readyz (the store does too); PORT is 8080 unless given
set -eu

path=${1:-/healthz}
port=${2:-8080}

exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$path" >&3
# A node that has accepted and says nothing is not well either.
read -r -t 4 status <&3
case $status in
    'HTTP/1.1 200'*) exit 0 ;;
    *) echo "flashtix-healthcheck: $path: $status" >&2; exit 1 ;;
esac
