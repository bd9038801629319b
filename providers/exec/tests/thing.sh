#!/bin/sh
# Things are files `things/ID`: the first line is the idempotency key, the rest the input. An id is never used
# twice, a key makes one thing. Every call leaves a line in `calls`.
request=$(cat)
text() { printf '%s\n' "$request" | grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
action=$(text action) key=$(text idempotency_key) id=$(text id) input=$(text input)
mkdir -p things .mpctl
echo "$action" >> .mpctl/calls
shown() { printf '{"id":"%s","output":{"length":%d,"input":"%s"}}\n' "$1" "${#2}" "$2"; }
found() { sed 1d "things/$1"; }
of_key() { grep -lx -- "$key" things/* 2>/dev/null | head -n 1 | sed 's:.*/::'; }
case $action in
create)
    echo "making $input" >&2
    id=$(of_key)
    if [ -z "$id" ]; then
        id=thing-$(ls things | wc -l | tr -d ' ')
        printf '%s\n%s\n' "$key" "$input" > ".mpctl/new-$id"
        mv ".mpctl/new-$id" "things/$id"
    fi
    shown "$id" "$(found "$id")"
    ;;
read) if [ -e "things/$id" ]; then shown "$id" "$(found "$id")"; else echo '{"found":false}'; fi ;;
lookup) id=$(of_key); if [ -n "$id" ]; then shown "$id" "$(found "$id")"; else echo '{"found":false}'; fi ;;
update)
    { head -n 1 "things/$id"; printf '%s\n' "$input"; } > ".mpctl/new-$id"
    mv ".mpctl/new-$id" "things/$id"
    shown "$id" "$input"
    ;;
delete) if [ -e "things/$id" ]; then rm "things/$id"; else echo '{"found":false}'; fi ;;
esac
