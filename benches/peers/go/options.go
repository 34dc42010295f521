package main

// One run, from the command line: the options of producer.c that this program knows, and --corpus and --warmup.

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type options struct {
	brokers, topic, target, codec, corpus string
	partitions, keys, threads             int
	linger, seconds, warmup               time.Duration
	rate                                  float64
	idempotent                            bool
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "bench: %s: %v\n", what, err)
	os.Exit(1)
}

func number(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		fail("a number", err)
	}
	return value
}

func seconds(text string) time.Duration { return time.Duration(number(text) * 1e9) }

func parseOptions(args []string) options {
	o := options{topic: "bench", target: "one", codec: "none", partitions: 1, keys: 100000, threads: 1,
		linger: 5 * time.Millisecond}
	for i := 0; i < len(args); i++ {
		name := args[i]
		if name == "--idempotent" {
			o.idempotent = true
			continue
		}
		if i++; i == len(args) {
			fail(name, fmt.Errorf("wants a value"))
		}
		o.apply(name, args[i])
	}
	return o
}

func (o *options) apply(name, value string) {
	switch name {
	case "-b":
		o.brokers = value
	case "-t":
		o.topic = value
	case "-d":
		o.seconds = seconds(value)
	case "-P":
		o.partitions = int(number(value))
	case "-z":
		o.codec = value
	case "-l":
		o.linger = time.Duration(number(value) * 1e6)
	case "-r":
		o.rate = number(value)
	case "--target":
		o.target = value
	case "--keys":
		o.keys = int(number(value))
	case "--threads":
		o.threads = int(number(value))
	case "--corpus":
		o.corpus = value
	case "--warmup":
		o.warmup = seconds(value)
	default:
		fail(name, fmt.Errorf("unknown option"))
	}
}

// What librdkafka has by default where the two differ: batches up to 1 MB, acks=all, a queue of 100,000 messages.
func (o *options) client() []kgo.Opt {
	codecs := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	codec, known := codecs[o.codec]
	if !known {
		fail("-z", fmt.Errorf("unknown codec %s", o.codec))
	}
	settings := []kgo.Opt{kgo.SeedBrokers(strings.Split(o.brokers, ",")...), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchMaxBytes(1000000), kgo.ProducerLinger(o.linger), kgo.MaxBufferedRecords(100000),
		kgo.ProducerBatchCompression(codec), kgo.AllowAutoTopicCreation()}
	if !o.idempotent {
		settings = append(settings, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(5))
	}
	switch o.target {
	case "one", "round":
		return append(settings, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	default: // as Java's: keys by murmur2, without a key a batch's worth for a partition, then another one
		return append(settings, kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1000000, false, true, nil)))
	}
}

// The values that producer.c wrote with --write-corpus; a power of two of them.
func readCorpus(path string) [][]byte {
	file, err := os.ReadFile(path)
	if err != nil {
		fail("--corpus", err)
	}
	at := func(i int) int { return int(binary.NativeEndian.Uint32(file[4*i:])) }
	count := at(0)
	bytes := file[4*(count+2):]
	values := make([][]byte, count)
	for i := range values {
		values[i] = bytes[at(1+i):at(2+i)]
	}
	return values
}
