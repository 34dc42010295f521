// Sends the lines of key, tab, value on standard input with confluent-kafka-go: apps-go BOOTSTRAP TOPIC MODE
//
// Ends with an error unless each message was reported as delivered, once. Modes: "produce" by Produce() and its event channel,
// "channel" by ProduceChannel().
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func fail(what ...any) {
	fmt.Println(what...)
	os.Exit(1)
}

// reports counts what the events channel says until it is closed.
func reports(producer *kafka.Producer, done chan<- map[int]int) {
	seen := map[int]int{}
	for event := range producer.Events() {
		switch event := event.(type) {
		case *kafka.Message:
			if event.TopicPartition.Error != nil || event.TopicPartition.Offset < 0 {
				fail("not delivered:", event.TopicPartition)
			}
			// Not by its Opaque, which the batch producer doesn't pass on.
			number, err := strconv.Atoi(string(event.Value[:6]))
			if err != nil {
				fail("another value:", string(event.Value))
			}
			seen[number]++
		case kafka.Error:
			fmt.Println("error event:", event)
		case *kafka.Stats:
			seen[-1]++
		default:
			fmt.Println("event:", event)
		}
	}
	done <- seen
}

func send(producer *kafka.Producer, message *kafka.Message, channel bool) {
	if channel {
		producer.ProduceChannel() <- message
		return
	}
	for {
		err := producer.Produce(message, nil)
		if err == nil {
			return
		}
		if err.(kafka.Error).Code() != kafka.ErrQueueFull {
			fail("produce:", err)
		}
		producer.Flush(100)
	}
}

func main() {
	bootstrap, topic, mode := os.Args[1], os.Args[2], os.Args[3]
	number, text := kafka.LibraryVersion()
	fmt.Printf("library %x %s, %s\n", number, text, kafka.LibrdkafkaLinkInfo)
	config := kafka.ConfigMap{"bootstrap.servers": bootstrap, "linger.ms": 5, "go.batch.producer": strings.Contains(mode, "batch")}
	if strings.Contains(mode, "idempotent") {
		config["enable.idempotence"] = true
	}
	producer, err := kafka.NewProducer(&config)
	if err != nil {
		fail("NewProducer:", err)
	}
	done := make(chan map[int]int)
	go reports(producer, done)
	sent, input := 0, bufio.NewScanner(os.Stdin)
	for input.Scan() {
		key, value, _ := bytes.Cut(bytes.Clone(input.Bytes()), []byte("\t"))
		send(producer, &kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
			Key:            key, Value: value,
		}, strings.Contains(mode, "channel"))
		sent++
	}
	if left := producer.Flush(30000); left != 0 {
		fail("left after flush:", left)
	}
	producer.Close()
	seen := <-done
	for i := 0; i < sent; i++ {
		if seen[i] != 1 {
			fail("message", i, "was reported", seen[i], "times")
		}
	}
	fmt.Println("delivered", sent)
}
