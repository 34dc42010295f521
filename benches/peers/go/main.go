// What producer.c does, with franz-go: the same options, values and figures. The load runs for --warmup seconds first;
// those messages count as delivered, but for no figure.
//
// Goroutines: as many as asked for produce, each on a thread of its own; the client calls the promises (our delivery
// reports) one after the other, so they alone write the fields of reports.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 60 * time.Second

type bench struct {
	options options
	values  [][]byte
	keys    [][]byte
	client  *kgo.Client
	reports reports
}

type phase struct {
	*bench
	wanted    time.Duration
	scheduled int64
	start     time.Time
	took      time.Duration
	cpuUs     float64
}

func (b *bench) record(id int64, random *uint64) *kgo.Record {
	r := &kgo.Record{Topic: b.options.topic, Value: b.values[id&int64(len(b.values)-1)]}
	switch b.options.target {
	case "round":
		r.Partition = int32(id % int64(b.options.partitions))
	case "keys":
		x := *random
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		*random = x
		r.Key = b.keys[(x>>32)*uint64(len(b.keys))>>32]
	}
	return r
}

func (p *phase) produce(number int) int64 {
	runtime.LockOSThread()
	fineTimers()
	random, sent := 0x9e3779b97f4a7c15+uint64(number), int64(0)
	deadline := p.start.Add(p.wanted)
	ctx := context.Background()
	for id := int64(1 + number); p.scheduled == 0 || id <= p.scheduled; id += int64(p.options.threads) {
		if p.scheduled > 0 {
			p.produceOnSchedule(ctx, id, &random)
		} else {
			if sent&127 == 0 && !time.Now().Before(deadline) {
				break
			}
			p.client.Produce(ctx, p.record(id, &random), p.reports.on)
		}
		sent++
	}
	return sent
}

// Latency counts from the scheduled time; the first 5 % warm up.
func (p *phase) produceOnSchedule(ctx context.Context, id int64, random *uint64) {
	due := p.start.Add(time.Duration(float64(id-1) * 1e9 / p.options.rate))
	if left := time.Until(due); left > 0 {
		sleep(left)
	}
	p.client.Produce(ctx, p.record(id, random), func(r *kgo.Record, err error) {
		if err == nil && id > p.scheduled/20 {
			p.reports.latencies = append(p.reports.latencies, time.Since(due))
		}
		p.reports.on(r, err)
	})
}

// So many seconds of the load, until the last report; returns the number of messages.
func (p *phase) run(before int64) int64 {
	var produced atomic.Int64
	var group sync.WaitGroup
	p.scheduled = int64(p.options.rate * p.wanted.Seconds())
	p.reports.latencies = make([]time.Duration, 0, p.scheduled)
	cpuFromUs := cpuUs()
	p.start = time.Now()
	for i := range p.options.threads {
		group.Add(1)
		go func() {
			defer group.Done()
			produced.Add(p.produce(i))
		}()
	}
	group.Wait()
	p.reports.await(before + produced.Load())
	p.took = time.Since(p.start)
	p.cpuUs = cpuUs() - cpuFromUs
	return produced.Load()
}

func franzVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/twmb/franz-go" {
				return module.Version
			}
		}
	}
	return "?"
}

func (p *phase) print(first time.Duration, messages int64) {
	seconds := p.took.Seconds()
	fmt.Printf(`{"library":"franz-go %s, %s","first_delivery_us":%.1f`, franzVersion(), runtime.Version(),
		float64(first.Nanoseconds())/1e3)
	fmt.Printf(`,"messages":%d,"seconds":%.6f,"msgs_per_s":%.1f,"mb_per_s":%.3f,"cpu_us_per_msg":%.4f`, messages, seconds,
		float64(messages)/seconds, float64(p.reports.bytes)/seconds/1e6, p.cpuUs/float64(max(messages, 1)))
	p.reports.printLatencies()
	fmt.Printf(`,"delivered":%d,"failed":%d,"holed_partitions":%d,"peak_rss_kib":%d,"library_threads":%d}`+"\n",
		p.reports.delivered.Load(), p.reports.failed.Load(), p.reports.holed(), status("VmHWM"), status("Threads")-1)
}

func main() {
	start := time.Now()
	b := &bench{options: parseOptions(os.Args[1:])}
	b.values = readCorpus(b.options.corpus)
	for i := range b.options.keys {
		b.keys = append(b.keys, fmt.Appendf(nil, "user-%07d", i%10000000))
	}
	b.reports.partitions = make([]offsets, b.options.partitions)
	client, err := kgo.NewClient(b.options.client()...)
	if err != nil {
		fail("client", err)
	}
	b.client = client
	random := uint64(1)
	client.Produce(context.Background(), b.record(0, &random), b.reports.on)
	b.reports.await(1)
	first, produced := time.Since(start), int64(1)
	if b.options.warmup > 0 {
		warm := &phase{bench: b, wanted: b.options.warmup}
		produced += warm.run(produced)
	}
	b.reports.bytes = 0
	measured := &phase{bench: b, wanted: b.options.seconds}
	messages := measured.run(produced)
	measured.print(first, messages)
	client.Close()
	if b.reports.failed.Load() > 0 || b.reports.delivered.Load() != produced+messages || b.reports.holed() > 0 {
		fail("not every message was delivered", b.reports.err)
	}
}
