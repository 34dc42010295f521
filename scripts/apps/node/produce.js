// Sends the lines of key, tab, value on standard input: produce.js MODULE BOOTSTRAP TOPIC MODE
//
// Ends with an error unless each message was reported as delivered, once. Modes: "Producer" (events), "HighLevelProducer"
// (callbacks), "stream" (createWriteStream); for @confluentinc/kafka-javascript also "KafkaJS" (promises).
'use strict';

const [, , name, bootstrap, topic, mode] = process.argv;
const Kafka = require(name);
const idempotent = mode.includes('idempotent');
const config = { 'bootstrap.servers': bootstrap, 'linger.ms': 5, 'dr_cb': true };
if (idempotent) config['enable.idempotence'] = true;

function fail(...what) {
  console.error('failed:', ...what);
  process.exit(1);
}

async function lines() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString().split('\n').filter(Boolean).map((line) => line.split('\t'));
}

function connected(producer) {
  return new Promise((resolve, reject) => {
    producer.on('event.error', (error) => console.error('event.error', error));
    producer.on('event.log', (log) => console.error('event.log', log));
    producer.connect({ timeout: 20000 }, (error, metadata) => (error ? reject(error) : resolve(metadata)));
  });
}

function disconnected(producer) {
  return new Promise((resolve) => producer.disconnect(resolve));
}

async function plain() {
  const producer = new Kafka.Producer(config);
  const metadata = await connected(producer);
  console.log('brokers', metadata.brokers.length);
  producer.setPollInterval(20);
  const seen = new Map();
  let all;
  const done = new Promise((resolve) => (all = resolve));
  const messages = await lines();
  producer.on('delivery-report', (error, report) => {
    if (error || report.offset < 0 || report.topic !== topic) fail(error, report);
    seen.set(report.opaque, (seen.get(report.opaque) || 0) + 1);
    if (seen.size === messages.length) all();
  });
  messages.forEach(([key, value], i) => producer.produce(topic, null, Buffer.from(value), key, null, i));
  await done;
  if ([...seen.values()].some((times) => times !== 1)) fail('reported more than once');
  await disconnected(producer);
}

async function highLevel() {
  const producer = new Kafka.HighLevelProducer(config);
  await connected(producer);
  const answers = (await lines()).map(([key, value]) => new Promise((resolve, reject) => {
    producer.produce(topic, null, Buffer.from(value), key, null, (error, offset) =>
      (error || !(offset >= 0) ? reject(error || offset) : resolve(offset)));
  }));
  await Promise.all(answers);
  await disconnected(producer);
}

async function stream() {
  const out = Kafka.Producer.createWriteStream(config, {}, { objectMode: true, connectOptions: { timeout: 20000 } });
  out.on('error', fail);
  for (const [key, value] of await lines()) {
    if (!out.write({ topic, key, value: Buffer.from(value) })) await new Promise((resolve) => out.once('drain', resolve));
  }
  await new Promise((resolve) => out.end(resolve));
  await new Promise((resolve, reject) => out.producer.flush(20000, (error) => (error ? reject(error) : resolve())));
  await new Promise((resolve) => out.close(resolve));
}

async function kafkaJS() {
  const kafka = new Kafka.KafkaJS.Kafka({ kafkaJS: { brokers: bootstrap.split(',') } });
  const producer = kafka.producer({ kafkaJS: { idempotent } });
  await producer.connect();
  const messages = (await lines()).map(([key, value]) => ({ key, value }));
  const answers = [];
  for (let at = 0; at < messages.length; at += 500) answers.push(producer.send({ topic, messages: messages.slice(at, at + 500) }));
  const reports = (await Promise.all(answers)).flat();
  if (reports.some((report) => report.errorCode)) fail(reports);
  await producer.disconnect();
}

const run = { Producer: plain, HighLevelProducer: highLevel, stream, KafkaJS: kafkaJS }[mode.split(' ')[0]];
console.log('library', Kafka.librdkafkaVersion, Kafka.features.join(','));
run().then(() => process.exit(0), fail);
