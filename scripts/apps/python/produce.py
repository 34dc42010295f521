"""Sends the lines of key, tab, value on its standard input with confluent_kafka: produce.py BOOTSTRAP TOPIC MODE

Ends with an error unless every message has had exactly one delivery report without an error, and the statistics count them.
"""
import asyncio
import json
import sys

import confluent_kafka
from confluent_kafka import Producer


async def with_asyncio(conf, topic):
    """The same by the package's producer for asyncio, whose callbacks and polling run on threads of its own."""
    from confluent_kafka.aio import AIOProducer
    producer = AIOProducer(conf)
    futures = []
    for line in sys.stdin.buffer:
        key, value = line.rstrip(b"\n").split(b"\t")
        futures.append(await producer.produce(topic, value=value, key=key))
    await producer.flush()
    reports = [await future for future in futures]
    await producer.close()
    if any(report.error() or report.offset() < 0 for report in reports):
        sys.exit("not all were delivered")


def main(bootstrap, topic, mode):
    sent, reports, failures, logs = 0, set(), [], []

    def delivered(number):
        def report(error, message):
            if error or message.topic() != topic or message.offset() < 0:
                failures.append(f"{number}: {error} {message.topic()} {message.offset()}")
            if number in reports:
                failures.append(f"{number}: reported twice")
            reports.add(number)
        return report

    conf = {"bootstrap.servers": bootstrap, "linger.ms": 5, "error_cb": lambda error: logs.append(str(error))}
    counted = []
    if mode == "plain":
        conf.update({"statistics.interval.ms": 50, "stats_cb": lambda text: counted.append(json.loads(text)["txmsgs"])})
    if "idempotent" in mode:
        conf["enable.idempotence"] = True
    print("library", *confluent_kafka.libversion(), "module", confluent_kafka.__version__, flush=True)
    if "asyncio" in mode:
        return asyncio.run(with_asyncio(conf, topic))
    producer = Producer(conf)
    for line in sys.stdin.buffer:
        key, value = line.rstrip(b"\n").split(b"\t")
        while True:
            try:
                producer.produce(topic, value, key, on_delivery=delivered(sent))
                break
            except BufferError:
                producer.poll(0.1)
        sent += 1
        producer.poll(0)
    left = producer.flush(30)
    for _ in range(200 if mode == "plain" else 0):
        if counted and counted[-1] >= sent:
            break
        producer.poll(0.05)
    if mode == "plain" and (not counted or counted[-1] != sent):
        sys.exit(f"{sent} sent, the statistics say {counted[-3:]}")
    if left or failures or len(reports) != sent:
        sys.exit(f"{sent} sent, {len(reports)} reported, {left} left, failures {failures[:3]}, errors {logs[:3]}")


main(*sys.argv[1:])
