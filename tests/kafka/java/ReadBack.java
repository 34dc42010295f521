import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads whole topics with Kafka's own consumer and prints or checks what they hold. */
final class ReadBack {
    private static final int LONG_VALUE_SIZE_BYTES = 256;
    private static final long STALL_TIMEOUT_MS = 60_000;
    private final String bootstrap;
    private final PrintStream out;

    ReadBack(String bootstrap, PrintStream out) {
        this.bootstrap = bootstrap;
        this.out = out;
    }

    interface Visitor {
        void visit(ConsumerRecord<byte[], byte[]> record) throws IOException;
    }

    /** Calls the visitor for each record of each partition, from the beginning to what was the end when called. */
    private Map<TopicPartition, Long> each(String topic, String isolation, Visitor visitor) throws IOException {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("isolation.level", isolation);
        config.put("auto.offset.reset", "none");
        config.put("enable.auto.commit", "false");
        config.put("max.poll.records", "20000");
        config.put("max.partition.fetch.bytes", "4194304");
        config.put("check.crcs", "true");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(p -> new TopicPartition(topic, p.partition())).collect(Collectors.toList());
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long progress = System.currentTimeMillis();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                var batch = consumer.poll(Duration.ofMillis(200));
                for (ConsumerRecord<byte[], byte[]> record : batch) {
                    if (record.offset() < ends.get(new TopicPartition(topic, record.partition()))) visitor.visit(record);
                }
                long now = System.currentTimeMillis();
                if (!batch.isEmpty()) progress = now;
                if (now - progress > STALL_TIMEOUT_MS) throw new AssertionError("reading " + topic + " makes no progress");
            }
            return ends;
        }
    }

    void offsets(String topic) throws IOException {
        var counts = new HashMap<TopicPartition, Long>();
        each(topic, "read_uncommitted", r -> counts.merge(new TopicPartition(topic, r.partition()), 1L, Long::sum))
            .forEach((tp, end) -> out.printf("%d %d %d%n", tp.partition(), end, counts.getOrDefault(tp, 0L)));
    }

    /** partition offset timestamp timestamp-type key value headers, one line per record; see `bytes` for their form. */
    void dump(String topic, String file, String isolation) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(Path.of(file))) {
            each(topic, isolation, r -> {
                StringBuilder line = new StringBuilder();
                line.append(r.partition()).append(' ').append(r.offset()).append(' ').append(r.timestamp()).append(' ')
                    .append(r.timestampType()).append(' ').append(bytes(r.key())).append(' ').append(bytes(r.value()));
                for (Header header : r.headers()) {
                    line.append(' ').append(bytes(header.key().getBytes(StandardCharsets.UTF_8))).append('=')
                        .append(bytes(header.value()));
                }
                writer.write(line.append('\n').toString());
            });
        }
    }

    /** "null", "x" and hex digits, or for long ones "crc:SIZE:CRC32". */
    private static String bytes(byte[] data) {
        if (data == null) return "null";
        if (data.length <= LONG_VALUE_SIZE_BYTES) return "x" + HexFormat.of().formatHex(data);
        CRC32 crc = new CRC32();
        crc.update(data);
        return String.format("crc:%d:%08x", data.length, crc.getValue());
    }

    /** Compares each keyed record's partition with the one that Java's producer would have chosen. */
    void checkPartitioner(String topic) throws IOException {
        long[] counts = new long[2];
        var keyed = new java.util.ArrayList<ConsumerRecord<byte[], byte[]>>();
        int partitions = each(topic, "read_uncommitted", r -> {
            if (r.key() != null) keyed.add(r);
        }).size();
        for (var r : keyed) {
            boolean same = BuiltInPartitioner.partitionForKey(r.key(), partitions) == r.partition();
            counts[same ? 0 : 1]++;
            if (!same && counts[1] <= 5) {
                out.printf("key %s: in %d, Java chooses %d%n", bytes(r.key()), r.partition(),
                    BuiltInPartitioner.partitionForKey(r.key(), partitions));
            }
        }
        out.printf("same=%d different=%d%n", counts[0], counts[1]);
    }

    /** Java's partition for each hex key of the file, one a line. */
    void partitionOf(int partitions, String file) throws IOException {
        for (String line : Files.readAllLines(Path.of(file))) {
            out.println(BuiltInPartitioner.partitionForKey(HexFormat.of().parseHex(line), partitions));
        }
    }

    /**
     * Checks a topic that `load` filled against its report file. Each value begins with "seq=S thread=T " and is filled
     * to its size with one letter chosen by S. Report lines: "A thread seq partition offset" acknowledged,
     * "N thread seq" reported as not persisted, "P thread seq" possibly persisted.
     */
    void verify(String topic, String reports) throws IOException {
        Verification check = new Verification();
        Map<TopicPartition, Long> ends = each(topic, "read_uncommitted", check::record);
        long unread = 0;
        for (var end : ends.entrySet()) {
            unread += Math.max(0, end.getValue() - check.partition(end.getKey().partition()).next);
        }
        check.compare(reports);
        out.printf("records=%d gaps=%d bad_content=%d out_of_order=%d duplicates=%d acked=%d missing=%d misplaced=%d "
            + "not_persisted=%d ghosts=%d possibly=%d partitions=%d%n", check.records, check.gaps + unread, check.badContent,
            check.outOfOrder, check.duplicates, check.acked, check.missing, check.misplaced, check.notPersisted, check.ghosts,
            check.possibly, check.partitions.size());
    }

    /** What `verify` has read of one partition. */
    private static final class Partition {
        long next;
        long[] ids = new long[1024];
        final Map<Integer, Long> lastSeq = new HashMap<>();

        void add(long offset, long id) {
            if (offset >= ids.length) ids = java.util.Arrays.copyOf(ids, (int) Math.max(offset + 1, ids.length * 2L));
            ids[(int) offset] = id + 1; // 0: no record
        }
    }

    private static final class Verification {
        final Map<Integer, Partition> partitions = new HashMap<>();
        final Map<Integer, BitSet> seen = new HashMap<>();
        long records, gaps, badContent, outOfOrder, duplicates, acked, missing, misplaced, notPersisted, ghosts, possibly;

        Partition partition(int number) {
            return partitions.computeIfAbsent(number, n -> new Partition());
        }

        void record(ConsumerRecord<byte[], byte[]> r) {
            Partition partition = partition(r.partition());
            records++;
            if (r.offset() != partition.next) gaps++;
            partition.next = r.offset() + 1;
            long id = parse(r.value());
            if (id < 0) {
                badContent++;
                return;
            }
            partition.add(r.offset(), id);
            int thread = (int) (id >>> 40), seq = (int) id;
            BitSet threadSeen = seen.computeIfAbsent(thread, t -> new BitSet());
            if (threadSeen.get(seq)) { // a batch that was resent because its answer was lost
                duplicates++;
                return;
            }
            threadSeen.set(seq);
            Long last = partition.lastSeq.put(thread, (long) seq);
            if (last != null && last > seq) outOfOrder++;
        }

        /** thread << 40 | seq of a whole value, or -1. */
        static long parse(byte[] value) {
            long[] numbers = new long[2];
            int at = 0;
            byte[][] names = {{'s', 'e', 'q', '='}, {'t', 'h', 'r', 'e', 'a', 'd', '='}};
            for (int i = 0; i < 2; i++) {
                for (byte b : names[i]) {
                    if (at >= value.length || value[at++] != b) return -1;
                }
                int digits = at;
                while (at < value.length && value[at] >= '0' && value[at] <= '9') {
                    numbers[i] = numbers[i] * 10 + value[at++] - '0';
                }
                if (at == digits || at >= value.length || value[at++] != ' ') return -1;
            }
            byte fill = (byte) ('a' + numbers[0] % 26);
            for (; at < value.length; at++) {
                if (value[at] != fill) return -1;
            }
            return numbers[1] << 40 | numbers[0];
        }

        void compare(String reports) throws IOException {
            try (BufferedReader reader = Files.newBufferedReader(Path.of(reports))) {
                for (String line; (line = reader.readLine()) != null; ) {
                    String[] w = line.split(" ");
                    int thread = Integer.parseInt(w[1]), seq = Integer.parseInt(w[2]);
                    boolean present = seen.getOrDefault(thread, new BitSet()).get(seq);
                    switch (w[0]) {
                        case "A" -> {
                            acked++;
                            if (!present) missing++;
                            Partition partition = partitions.get(Integer.parseInt(w[3]));
                            long offset = Long.parseLong(w[4]), id = (long) thread << 40 | seq;
                            if (partition == null || offset < 0 || offset >= partition.ids.length
                                || partition.ids[(int) offset] != id + 1) misplaced++;
                        }
                        case "N" -> {
                            notPersisted++;
                            if (present) ghosts++;
                        }
                        default -> possibly++;
                    }
                }
            }
        }
    }
}
