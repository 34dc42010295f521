import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Kafka's own admin client and consumer behind a line protocol: one command per line on stdin, words split by tabs; the
 * answer is any number of lines, then "= ok" or "= error MESSAGE". One JVM serves a whole test run.
 */
public final class Tool {
    private static final long TIMEOUT_MS = 60_000;
    private final Admin admin;
    private final String bootstrap;
    private final PrintStream out;

    private Tool(String bootstrap, PrintStream out) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("request.timeout.ms", "15000");
        config.put("default.api.timeout.ms", "45000");
        this.admin = Admin.create(config);
        this.bootstrap = bootstrap;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false);
        Tool tool = new Tool(args[0], out);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            try {
                tool.command(line.split("\t", -1));
                out.println("= ok");
            } catch (Exception | AssertionError e) {
                Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
                out.println("= error " + String.valueOf(cause).replace('\n', ' '));
            }
            out.flush();
        }
        tool.admin.close(java.time.Duration.ofSeconds(1));
    }

    private void command(String[] w) throws Exception {
        switch (w[0]) {
            case "create" -> create(w[1], Integer.parseInt(w[2]), Short.parseShort(w[3]), Arrays.asList(w).subList(4, w.length));
            case "delete" -> admin.deleteTopics(List.of(w[1])).all().get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
            case "describe" -> describe(w[1]);
            case "alter-partitions" -> alterPartitions(w[1], Integer.parseInt(w[2]));
            case "move-leader" -> moveLeader(w[1], Integer.parseInt(w[2]), Integer.parseInt(w[3]));
            case "wait-isr" -> waitIsr(w[1], Integer.parseInt(w[2]));
            case "offsets" -> new ReadBack(bootstrap, out).offsets(w[1]);
            case "end-offsets" -> endOffsets(w[1]);
            case "dump" -> new ReadBack(bootstrap, out).dump(w[1], w[2], w.length > 3 ? w[3] : "read_uncommitted");
            case "verify" -> new ReadBack(bootstrap, out).verify(w[1], w[2]);
            case "check-partitioner" -> new ReadBack(bootstrap, out).checkPartitioner(w[1]);
            case "partition-of" -> new ReadBack(bootstrap, out).partitionOf(Integer.parseInt(w[1]), w[2]);
            default -> throw new IllegalArgumentException("unknown command " + w[0]);
        }
    }

    /** Creates the topic and waits until every partition has a leader and a full ISR. */
    private void create(String topic, int partitions, short rf, List<String> settings) throws Exception {
        Map<String, String> configs = new HashMap<>();
        for (String setting : settings) {
            String[] pair = setting.split("=", 2);
            configs.put(pair[0], pair[1]);
        }
        admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.of(rf)).configs(configs)))
            .all().get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        waitIsr(topic, rf);
    }

    private TopicDescription description(String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get(TIMEOUT_MS, TimeUnit.MILLISECONDS).get(topic);
    }

    private static boolean hasLeader(TopicPartitionInfo partition) {
        return partition.leader() != null && !partition.leader().isEmpty();
    }

    /** One line per partition: number, leader, replicas, ISR. */
    private void describe(String topic) throws Exception {
        for (TopicPartitionInfo p : description(topic).partitions()) {
            out.printf("%d leader=%d replicas=%s isr=%s%n", p.partition(), hasLeader(p) ? p.leader().id() : -1,
                ids(p.replicas()), ids(p.isr()));
        }
    }

    /** partition end-offset, one line per partition, without reading any record. */
    private void endOffsets(String topic) throws Exception {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (TopicPartitionInfo p : description(topic).partitions()) {
            wanted.put(new TopicPartition(topic, p.partition()), OffsetSpec.latest());
        }
        var found = admin.listOffsets(wanted).all().get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        found.forEach((tp, at) -> out.printf("%d %d%n", tp.partition(), at.offset()));
    }

    private static String ids(List<Node> nodes) {
        return nodes.stream().map(Node::idString).collect(Collectors.joining(","));
    }

    private void waitIsr(String topic, int size) throws Exception {
        waitUntil("ISR of " + topic + " to have " + size + " members", () -> {
            try {
                return description(topic).partitions().stream().allMatch(p -> hasLeader(p) && p.isr().size() >= size);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) return false;
                throw e;
            }
        });
    }

    private void alterPartitions(String topic, int count) throws Exception {
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count))).all().get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        waitUntil(topic + " to have " + count + " partitions with a leader", () -> {
            List<TopicPartitionInfo> partitions = description(topic).partitions();
            return partitions.size() == count && partitions.stream().allMatch(Tool::hasLeader);
        });
    }

    /** Puts the broker first among the replicas, then has the preferred leader elected. */
    private void moveLeader(String topic, int partition, int broker) throws Exception {
        TopicPartition tp = new TopicPartition(topic, partition);
        List<Integer> replicas = new ArrayList<>(List.of(broker));
        for (Node node : description(topic).partitions().get(partition).replicas()) {
            if (node.id() != broker) replicas.add(node.id());
        }
        admin.alterPartitionReassignments(Map.of(tp, Optional.of(new NewPartitionReassignment(replicas))))
            .all().get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        waitUntil("reassignment of " + tp, () ->
            admin.listPartitionReassignments(Set.of(tp)).reassignments().get(TIMEOUT_MS, TimeUnit.MILLISECONDS).isEmpty());
        waitUntil(tp + " to be led by " + broker, () -> {
            admin.electLeaders(ElectionType.PREFERRED, Set.of(tp)).partitions().get(TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .values().forEach(error -> {
                    error.filter(e -> !(e instanceof ElectionNotNeededException)).ifPresent(System.err::println);
                });
            TopicPartitionInfo now = description(topic).partitions().get(partition);
            return hasLeader(now) && now.leader().id() == broker;
        });
    }

    private static void waitUntil(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TIMEOUT_MS * 1_000_000;
        while (!condition.call()) {
            if (System.nanoTime() > deadline) throw new AssertionError("timed out waiting for " + what);
            Thread.sleep(50);
        }
    }
}
