#!/usr/bin/env bash
# Gets the librdkafka to compare with into .cache/librdkafka/<version>/librdkafka.so.1 and prints that directory.
#
#   fetch_librdkafka.sh           the newest, from the wheel of PyPI's confluent-kafka
#   fetch_librdkafka.sh 2.16.1    that version of it
#   fetch_librdkafka.sh debian    the system's own package
#
# A second call finds it in the cache and downloads nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:-newest}
dir=$PWD/.cache/librdkafka/$version

if [ ! -e "$dir/librdkafka.so.1" ]; then
    mkdir -p "$dir"
    work=$(mktemp -d "$dir/work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    if [ "$version" = debian ]; then
        system=$(ldconfig -p | sed -n 's/^\tlibrdkafka\.so\.1 .*=> //p' | head -1)
        if [ -z "$system" ]; then
            echo "librdkafka.so.1 is missing; get it with: sudo apt-get install librdkafka1" >&2
            exit 1
        fi
        cp -L "$system" "$dir/librdkafka.so.1"
    else
        package=confluent-kafka
        [ "$version" = newest ] || package="confluent-kafka==$version"
        python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$work" "$package" >&2
        python3 -m zipfile -e "$work"/*.whl "$work/wheel"
        # The wheel carries libraries under names with a hash; those that need each other find each other by them.
        cp "$work"/wheel/confluent_kafka.libs/* "$dir/"
        library=$(cd "$dir" && ls librdkafka-*.so.1 | head -1)
        ln -sf "$library" "$dir/librdkafka.so.1"
    fi
fi
echo "$dir"
