import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * What producer.c does, with Apache Kafka's own producer: the same options, values and figures. The same load runs for
 * --warmup seconds first, so that compiled code is measured; those messages count as delivered, but for no figure.
 * Threads: as many as asked for produce; the client's network thread serves the reports and alone writes their fields.
 */
public final class BenchProducer {
    private static final long PATIENCE_NS = 60_000_000_000L;

    private final Options options;
    private final byte[][] values;
    private final byte[][] keys;
    private final KafkaProducer<byte[], byte[]> producer;

    private final long[] firstOffset, lastOffset, count;
    private final AtomicLong delivered = new AtomicLong(), failed = new AtomicLong();
    private volatile Exception error;
    private long bytes;
    private long[] latencyNs = new long[0];
    private int latencies;

    private BenchProducer(Options options) throws IOException {
        this.options = options;
        values = options.values();
        keys = new byte[options.keys][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = String.format(Locale.ROOT, "user-%07d", i % 10_000_000).getBytes(StandardCharsets.US_ASCII);
        }
        firstOffset = new long[options.partitions];
        lastOffset = new long[options.partitions];
        count = new long[options.partitions];
        producer = new KafkaProducer<>(options.properties());
    }

    public static void main(String[] args) throws Exception {
        long startNs = System.nanoTime();
        System.exit(new BenchProducer(Options.parse(args)).run(startNs) ? 0 : 1);
    }

    private boolean run(long startNs) throws Exception {
        producer.send(record(0, new long[] {1}), this::onReport);
        awaitReports(1);
        double firstUs = (System.nanoTime() - startNs) / 1e3;
        long produced = 1;
        produced += warmUp(produced);
        bytes = 0;
        Phase measured = new Phase(options.seconds);
        long messages = measured.run(produced);
        print(firstUs, messages, measured);
        boolean good = failed.get() == 0 && delivered.get() == produced + messages && holedPartitions() == 0;
        if (error != null) System.err.println("BenchProducer: " + error);
        producer.close();
        return good;
    }

    /** At least for the time asked for; without a schedule longer, while each second gets more done than the last. */
    private long warmUp(long before) throws InterruptedException {
        if (options.rate > 0) return options.warmupSeconds > 0 ? new Phase(options.warmupSeconds).run(before) : 0;
        long produced = 0, last = 0;
        for (int second = 1; second <= 4 * options.warmupSeconds; second++) {
            long now = new Phase(1).run(before + produced);
            produced += now;
            if (second >= options.warmupSeconds && now < last * 1.1) break;
            last = now;
        }
        return produced;
    }

    private ProducerRecord<byte[], byte[]> record(long id, long[] random) {
        byte[] value = values[(int) (id & (values.length - 1))];
        switch (options.target) {
            case "one": return new ProducerRecord<>(options.topic, 0, null, value);
            case "round": return new ProducerRecord<>(options.topic, (int) (id % options.partitions), null, value);
            case "keys":
                long x = random[0];
                x ^= x << 13; x ^= x >>> 7; x ^= x << 17;
                random[0] = x;
                return new ProducerRecord<>(options.topic, keys[(int) ((x >>> 32) * keys.length >>> 32)], value);
            default: return new ProducerRecord<>(options.topic, value);
        }
    }

    private void onReport(RecordMetadata at, Exception e) {
        if (e != null) {
            error = e;
            failed.incrementAndGet();
            return;
        }
        int p = at.partition();
        if (count[p]++ == 0) {
            firstOffset[p] = lastOffset[p] = at.offset();
        } else {
            firstOffset[p] = Math.min(firstOffset[p], at.offset());
            lastOffset[p] = Math.max(lastOffset[p], at.offset());
        }
        bytes += Math.max(at.serializedKeySize(), 0) + at.serializedValueSize();
        delivered.lazySet(delivered.getPlain() + 1);
    }

    private void awaitReports(long wanted) {
        long before = -1, since = System.nanoTime();
        for (long now; (now = delivered.get() + failed.get()) < wanted; LockSupport.parkNanos(200_000)) {
            if (now != before) {
                before = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > PATIENCE_NS) {
                throw new IllegalStateException("reports missing: " + (wanted - now));
            }
        }
    }

    private long holedPartitions() {
        long holed = 0;
        for (int p = 0; p < count.length; p++) {
            if (count[p] > 0 && lastOffset[p] - firstOffset[p] + 1 != count[p]) holed++;
        }
        return holed;
    }

    /** So many seconds of the load, until the last report. */
    private final class Phase {
        final double wantedSeconds;
        final long scheduled;
        double seconds, cpuUs;
        long startNs;
        private volatile boolean over;

        Phase(double wantedSeconds) {
            this.wantedSeconds = wantedSeconds;
            scheduled = (long) (options.rate * wantedSeconds);
        }

        long run(long before) throws InterruptedException {
            AtomicLong produced = new AtomicLong();
            Thread[] threads = new Thread[options.threads];
            if (scheduled > 0) latencyNs = new long[(int) scheduled];
            latencies = 0;
            long cpuFromNs = cpuNs();
            startNs = System.nanoTime();
            for (int i = 0; i < threads.length; i++) {
                int number = i;
                threads[i] = new Thread(() -> produced.addAndGet(produce(number)), "bench-" + i);
                threads[i].start();
            }
            for (Thread thread : threads) thread.join();
            awaitReports(before + produced.get());
            seconds = (System.nanoTime() - startNs) / 1e9;
            cpuUs = (cpuNs() - cpuFromNs) / 1e3;
            return produced.get();
        }

        private long produce(int number) {
            long[] random = {0x9e3779b97f4a7c15L + number};
            long id = 1 + number, sent = 0, deadlineNs = startNs + (long) (wantedSeconds * 1e9);
            for (; scheduled == 0 || id <= scheduled; id += options.threads, sent++) {
                if (scheduled > 0) {
                    sendOnSchedule(id, random);
                } else {
                    if ((sent & 127) == 0 && System.nanoTime() >= deadlineNs) break;
                    producer.send(record(id, random), BenchProducer.this::onReport);
                }
            }
            return sent;
        }

        /** Latency counts from the scheduled time; the first 5 % warm up. */
        private void sendOnSchedule(long id, long[] random) {
            long dueNs = startNs + (long) ((id - 1) * 1e9 / options.rate);
            for (long left; (left = dueNs - System.nanoTime()) > 0; ) LockSupport.parkNanos(left);
            producer.send(record(id, random), (at, e) -> {
                if (e == null && id > scheduled / 20) latencyNs[latencies++] = System.nanoTime() - dueNs;
                onReport(at, e);
            });
        }
    }

    private static long cpuNs() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static long status(String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(name + ":")) return Long.parseLong(line.replaceAll("\\D", ""));
        }
        return -1;
    }

    private double latencyUs(double quantile) {
        return latencyNs[Math.min((int) (quantile * latencies), latencies - 1)] / 1e3;
    }

    private void print(double firstUs, long messages, Phase phase) throws IOException {
        StringBuilder json = new StringBuilder();
        json.append(String.format(Locale.ROOT, "{\"library\":\"Apache Kafka %s, Java %s\",\"first_delivery_us\":%.1f",
            System.getProperty("kafka.version"),
            System.getProperty("java.version"), firstUs));
        json.append(String.format(Locale.ROOT, ",\"messages\":%d,\"seconds\":%.6f,\"msgs_per_s\":%.1f", messages,
            phase.seconds, messages / phase.seconds));
        json.append(String.format(Locale.ROOT, ",\"mb_per_s\":%.3f", bytes / phase.seconds / 1e6));
        json.append(String.format(Locale.ROOT, ",\"cpu_us_per_msg\":%.4f", phase.cpuUs / Math.max(messages, 1)));
        if (latencies > 0) {
            Arrays.sort(latencyNs, 0, latencies);
            json.append(String.format(Locale.ROOT, ",\"latency_p50_us\":%.2f,\"latency_p99_us\":%.2f,"
                + "\"latency_p999_us\":%.2f,\"latency_max_us\":%.2f", latencyUs(0.5), latencyUs(0.99), latencyUs(0.999),
                latencyUs(1)));
        }
        json.append(String.format(Locale.ROOT, ",\"delivered\":%d,\"failed\":%d,\"holed_partitions\":%d,"
            + "\"peak_rss_kib\":%d,\"library_threads\":%d}", delivered.get(), failed.get(), holedPartitions(),
            status("VmHWM"), status("Threads") - 1));
        System.out.println(json);
    }
}
