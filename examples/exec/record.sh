#!/bin/sh
# One record of a name server, as a file `$ZONE/NAME` of two lines: the record, and the key it was made under.
#
# mpctl sends one JSON object to standard input:
#   {"action": "...", "idempotency_key": "...", "id": "...", "input": {...}, "prior": {...}}
# and reads one from standard output: {"id": "...", "output": {...}}, or {"found": false}.
# Exit 0 is success, 75 means "try again"; what is written to standard error is the log.
set -eu

request=$(tr -d '\n')
# `prior` repeats the keys of `input` and comes last: it is not needed here.
request=${request%%,\"prior\":*}

# The string or number under a key. What may stand in one is checked below, so nothing is ever escaped.
value() { printf '%s' "$request" | sed -n 's/.*"'"$1"'": *"\{0,1\}\([^",}]*\).*/\1/p'; }

# Nothing was changed, and mpctl is told so: no doubt is left about what this run did.
refuse() { echo "$1" >&2; echo '{"effect": "none"}'; exit 1; }

check() {
    case $2 in
        '' | *[!A-Za-z0-9.:_-]* | .*) refuse "the $1 '$2' is empty or holds something other than letters, digits and .:_-" ;;
    esac
}

# Writes the record in full, then puts it in place: a reader sees the old one or the new one.
write() {
    printf '%s %s IN A %s\n%s\n' "$name" "$ttl" "$address" "$key" > "$ZONE/.$name.new"
    mv "$ZONE/.$name.new" "$ZONE/$name"
}

answer() {
    line=$(head -n 1 "$ZONE/$1")
    printf '{"id": "%s", "output": {"line": "%s"}}\n' "$1" "$line"
}

action=$(value action)
key=$(value idempotency_key)
name=$(value name)
address=$(value address)
ttl=$(value ttl)
id=$(value id)

case $action in
    create)
        check name "$name"; check address "$address"; check ttl "$ttl"
        mkdir -p "$ZONE"
        if [ -e "$ZONE/$name" ] && [ "$(sed -n 2p "$ZONE/$name")" != "$key" ]; then
            refuse "there is a record $name already, and mpctl did not make it"
        fi
        write
        answer "$name"
        ;;
    read)
        check id "$id"
        if [ -e "$ZONE/$id" ]; then answer "$id"; else echo '{"found": false}'; fi
        ;;
    update)
        check id "$id"; check address "$address"; check ttl "$ttl"
        [ -e "$ZONE/$id" ] || refuse "there is no record $id to change"
        name=$id
        key=$(sed -n 2p "$ZONE/$id")
        write
        answer "$id"
        ;;
    delete)
        check id "$id"
        rm -f "$ZONE/$id"
        rmdir "$ZONE" 2> /dev/null || true
        echo '{}'
        ;;
    lookup)
        for file in "$ZONE"/*; do
            if [ -f "$file" ] && [ "$(sed -n 2p "$file")" = "$key" ]; then
                answer "${file##*/}"
                exit 0
            fi
        done
        echo '{"found": false}'
        ;;
    *) refuse "unknown action '$action'" ;;
esac
