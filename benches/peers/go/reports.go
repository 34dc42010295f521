package main

// Delivery reports and what the operating system counts of this process.

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type offsets struct{ first, last, count int64 }

type reports struct {
	delivered, failed atomic.Int64
	err               error
	bytes             int64
	partitions        []offsets
	latencies         []time.Duration
}

func (r *reports) on(record *kgo.Record, err error) {
	if err != nil {
		r.err = err
		r.failed.Add(1)
		return
	}
	at := &r.partitions[record.Partition]
	if at.count == 0 {
		at.first, at.last = record.Offset, record.Offset
	} else {
		at.first, at.last = min(at.first, record.Offset), max(at.last, record.Offset)
	}
	at.count++
	r.bytes += int64(len(record.Key) + len(record.Value))
	r.delivered.Add(1)
}

func (r *reports) await(wanted int64) {
	before, since := int64(-1), time.Now()
	for {
		now := r.delivered.Load() + r.failed.Load()
		if now >= wanted {
			return
		}
		if now != before {
			before, since = now, time.Now()
		} else if time.Since(since) > patience {
			fail("reports missing", fmt.Errorf("%d", wanted-now))
		}
		sleep(200 * time.Microsecond)
	}
}

// Partitions whose offsets aren't one run without holes.
func (r *reports) holed() int {
	holed := 0
	for _, p := range r.partitions {
		if p.count > 0 && p.last-p.first+1 != p.count {
			holed++
		}
	}
	return holed
}

func (r *reports) printLatencies() {
	if len(r.latencies) == 0 {
		return
	}
	slices.Sort(r.latencies)
	for _, q := range []struct {
		name string
		at   float64
	}{{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}} {
		i := min(int(q.at*float64(len(r.latencies))), len(r.latencies)-1)
		fmt.Printf(`,"latency_%s_us":%.2f`, q.name, float64(r.latencies[i].Nanoseconds())/1e3)
	}
}

func cpuUs() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		fail("getrusage", err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3
}

// Go's own timers are only as fine as a millisecond when nothing else runs; these are the system's.
func sleep(d time.Duration) {
	ts := syscall.NsecToTimespec(d.Nanoseconds())
	_ = syscall.Nanosleep(&ts, nil)
}

// Asks the system not to delay this thread's timers, as producer.c does.
func fineTimers() {
	const setTimerSlack = 29
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setTimerSlack, 1, 0)
}

// A line of /proc/self/status: "Threads", "VmHWM" (KiB).
func status(name string) int64 {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name+":"); found {
			value, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return value
		}
	}
	return -1
}
