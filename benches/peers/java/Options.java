import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** One run, from the command line: the options of producer.c that this program knows, and --corpus and --warmup. */
final class Options {
    String brokers, topic = "bench", target = "one", codec = "none", corpus;
    int partitions = 1, keys = 100000, threads = 1, lingerMs = 5;
    double seconds, warmupSeconds, rate;
    boolean idempotent;

    static Options parse(String[] args) {
        Options o = new Options();
        for (int i = 0; i < args.length; i++) {
            String name = args[i];
            if (name.equals("--idempotent")) {
                o.idempotent = true;
                continue;
            }
            if (++i == args.length) throw new IllegalArgumentException(name + " wants a value");
            String value = args[i];
            switch (name) {
                case "-b" -> o.brokers = value;
                case "-t" -> o.topic = value;
                case "-d" -> o.seconds = Double.parseDouble(value);
                case "-P" -> o.partitions = Integer.parseInt(value);
                case "-z" -> o.codec = value;
                case "-l" -> o.lingerMs = Integer.parseInt(value);
                case "-r" -> o.rate = Double.parseDouble(value);
                case "--target" -> o.target = value;
                case "--keys" -> o.keys = Integer.parseInt(value);
                case "--threads" -> o.threads = Integer.parseInt(value);
                case "--corpus" -> o.corpus = value;
                case "--warmup" -> o.warmupSeconds = Double.parseDouble(value);
                default -> throw new IllegalArgumentException("unknown option " + name);
            }
        }
        return o;
    }

    /** What librdkafka has by default where the two differ: batches up to 1 MB, acks=all, a queue of the same order. */
    Properties properties() {
        Properties p = new Properties();
        p.put("bootstrap.servers", brokers);
        p.put("acks", "all");
        p.put("linger.ms", String.valueOf(lingerMs));
        p.put("batch.size", "1000000");
        p.put("buffer.memory", String.valueOf(128 << 20));
        p.put("compression.type", codec);
        p.put("enable.idempotence", String.valueOf(idempotent));
        p.put("max.in.flight.requests.per.connection", "5");
        p.put("enable.metrics.push", "false");
        p.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        p.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        return p;
    }

    /** The values that producer.c wrote with --write-corpus; a power of two of them. */
    byte[][] values() throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(Path.of(corpus))).order(ByteOrder.nativeOrder());
        int count = file.getInt();
        int[] at = new int[count + 1];
        for (int i = 0; i <= count; i++) at[i] = file.getInt();
        byte[][] values = new byte[count][];
        for (int i = 0; i < count; i++) {
            values[i] = new byte[at[i + 1] - at[i]];
            file.get(values[i]);
        }
        return values;
    }
}
