//! The C functions in any order, with arguments that C programs get wrong: NULL, wrong sizes, wrong moments. Every pointer is
//! one that the header allows. Input: configuration, then calls (which, arguments).

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

use super::capi_functions::*;
use super::input::Input;

const KEPT_MAX: usize = 8;
const PRODUCER: c_int = 0;
const F_FREE: c_int = 1;
const F_COPY: c_int = 2;
const F_BLOCK: c_int = 4;

/// Objects of one kind that the program holds.
struct Kept {
    objects: Vec<Ptr>,
    destroy: unsafe extern "C" fn(Ptr),
}

impl Kept {
    fn new(destroy: unsafe extern "C" fn(Ptr)) -> Self {
        Self { objects: Vec::new(), destroy }
    }

    fn keep(&mut self, object: Ptr) {
        if object.is_null() {
            return;
        }
        if self.objects.len() >= KEPT_MAX {
            let oldest = self.objects.remove(0);
            unsafe { (self.destroy)(oldest) };
        }
        self.objects.push(object);
    }

    /// One of them, or NULL.
    fn any(&self, input: &mut Input<'_>) -> Ptr {
        let chosen = input.below(self.objects.len() + 1);
        self.objects.get(chosen).copied().unwrap_or(null_mut())
    }

    fn take(&mut self, input: &mut Input<'_>) -> Ptr {
        let chosen = input.below(self.objects.len() + 1);
        if chosen < self.objects.len() { self.objects.remove(chosen) } else { null_mut() }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.objects.iter().for_each(|&object| unsafe { (self.destroy)(object) });
    }
}

struct World<'a> {
    input: Input<'a>,
    rk: Ptr,
    confs: Kept,
    topic_confs: Kept,
    headers: Kept,
    lists: Kept,
    topics: Kept,
    queues: Kept,
    events: Kept,
    produced: usize,
}

thread_local! {
    static REPORTED: Cell<usize> = const { Cell::new(0) };
}

extern "C" fn on_report(rk: Ptr, message: *const Message, _: Ptr) {
    REPORTED.set(REPORTED.get() + 1);
    unsafe { look_at(message) };
    // Calls that callbacks may make.
    unsafe { rd_kafka_outq_len(rk) };
}

extern "C" fn on_log(_: Ptr, _: c_int, facility: Text, text: Text) {
    unsafe { (read(facility), read(text)) };
}

/// Reads a string to its end, so that a sanitizer sees it.
unsafe fn read(text: Text) -> usize {
    if text.is_null() { 0 } else { unsafe { CStr::from_ptr(text) }.count_bytes() }
}

unsafe fn look_at(message: *const Message) {
    if message.is_null() {
        return;
    }
    let mut headers = null_mut();
    unsafe {
        rd_kafka_message_status(message);
        if rd_kafka_message_headers(message, &mut headers) == 0 {
            rd_kafka_header_cnt(headers);
        }
        if !(*message).key.is_null() {
            let key = std::slice::from_raw_parts((*message).key.cast::<u8>(), (*message).key_len);
            std::hint::black_box(key.iter().map(|&byte| usize::from(byte)).sum::<usize>());
        }
    }
}

const NAMES: &[&CStr] = &[
    c"linger.ms",
    c"queue.buffering.max.messages",
    c"queue.buffering.max.kbytes",
    c"batch.size",
    c"batch.num.messages",
    c"message.max.bytes",
    c"message.timeout.ms",
    c"compression.type",
    c"acks",
    c"client.id",
    c"bootstrap.servers",
    c"enable.idempotence",
    c"delivery.report.only.error",
    c"partitioner",
    c"sticky.partitioning.linger.ms",
    c"debug",
    c"log.queue",
    c"no.such.property",
    c"dr_msg_cb",
    c"opaque",
    c"default_topic_conf",
    c"",
];

const VALUES: &[&CStr] = &[
    c"",
    c"0",
    c"1",
    c"-1",
    c"2",
    c"100",
    c"1000000",
    c"2147483647",
    c"2147483648",
    c"true",
    c"false",
    c"gzip",
    c"snappy",
    c"lz4",
    c"zstd",
    c"none",
    c"all",
    c"127.0.0.1:1",
    c"nowhere.invalid",
    c"[::1]:1,,x:99999",
    c"fnv1a",
    c"murmur2_random",
    c"random",
    c"0x10",
    c" 5",
    c"99999999999999999999",
];

impl<'a> World<'a> {
    fn name(&mut self) -> Text {
        let chosen = self.input.below(NAMES.len() + 1);
        NAMES.get(chosen).map_or(null(), |name| name.as_ptr())
    }

    fn value(&mut self) -> Text {
        let chosen = self.input.below(VALUES.len() + 1);
        VALUES.get(chosen).map_or(null(), |value| value.as_ptr())
    }

    /// A string of the input's own.
    fn text(&mut self) -> CString {
        let bytes: Vec<u8> = self.input.bytes().iter().copied().filter(|&byte| byte != 0).collect();
        CString::new(bytes).expect("without NUL")
    }

    fn topic_name(&mut self) -> Text {
        [null(), c"".as_ptr(), c"a".as_ptr(), c"b".as_ptr(), c"a b\xff".as_ptr()]
            [self.input.below(5)]
    }

    fn configure(&mut self) {
        let mut errstr = [0; 64];
        let conf = self.confs.any(&mut self.input);
        let size = self.input.below(65);
        let (name, value) = (self.name(), self.value());
        let topic_conf = self.topic_confs.any(&mut self.input);
        unsafe {
            match self.input.below(10) {
                0..4 => drop(rd_kafka_conf_set(conf, name, value, errstr.as_mut_ptr(), size)),
                4 => drop(rd_kafka_conf_set(conf, name, value, null_mut(), 0)),
                5 => {
                    let mut len = size;
                    rd_kafka_conf_get(conf, name, errstr.as_mut_ptr(), &mut len);
                    let mut len = 0;
                    rd_kafka_topic_conf_get(topic_conf, name, null_mut(), &mut len);
                }
                6 => self.confs.keep(rd_kafka_conf_dup(conf)),
                7 => {
                    let taken = self.topic_confs.take(&mut self.input);
                    match conf.is_null() {
                        true => rd_kafka_topic_conf_destroy(taken),
                        false => rd_kafka_conf_set_default_topic_conf(conf, taken),
                    }
                }
                8 => {
                    rd_kafka_topic_conf_set(topic_conf, name, value, errstr.as_mut_ptr(), size);
                    self.topic_confs.keep(rd_kafka_topic_conf_dup(topic_conf));
                }
                _ => {
                    let mut count = 0;
                    let array = rd_kafka_conf_dump(conf, &mut count);
                    (0..count).for_each(|i| {
                        read(*array.add(i));
                    });
                    rd_kafka_conf_dump_free(array, count);
                }
            }
        }
    }

    fn use_headers(&mut self) {
        let headers = self.headers.any(&mut self.input);
        let (name, value) = (self.text(), self.input.bytes());
        let index = self.input.number() as usize;
        let (mut found, mut len, mut found_name) = (null_mut(), 0, null());
        unsafe {
            match self.input.below(8) {
                0 => self.headers.keep(rd_kafka_headers_new(index)),
                1 => self.headers.keep(rd_kafka_headers_copy(headers)),
                2 => drop(rd_kafka_header_remove(headers, name.as_ptr())),
                3 => drop(rd_kafka_header_get_last(headers, name.as_ptr(), &mut found, &mut len)),
                4 => {
                    rd_kafka_header_get(headers, index, name.as_ptr(), &mut found, &mut len);
                    rd_kafka_header_get_all(headers, index, &mut found_name, &mut found, &mut len);
                    read(found_name);
                }
                5 => {
                    // -1: strings; other negative sizes are refused. NULL with a length, too.
                    let len = [-1, -2, isize::MIN][self.input.below(3)];
                    let value = c"value".as_ptr().cast();
                    rd_kafka_header_add(headers, name.as_ptr(), len, value, len);
                    rd_kafka_header_add(headers, null(), len, null(), isize::MAX);
                }
                _ => {
                    let name_len = name.count_bytes() as isize;
                    let len = value.len() as isize;
                    rd_kafka_header_add(
                        headers,
                        name.as_ptr(),
                        name_len,
                        value.as_ptr().cast(),
                        len,
                    );
                }
            }
            if headers.is_null() {
                assert_eq!(rd_kafka_header_cnt(headers), 0);
            }
        }
    }

    fn use_list(&mut self) {
        let list = self.lists.any(&mut self.input);
        let (topic, partition) = (self.topic_name(), self.input.number() as i32);
        unsafe {
            match self.input.below(8) {
                0 => {
                    let size = [0, 1, -1, i32::MIN, 100][self.input.below(5)];
                    self.lists.keep(rd_kafka_topic_partition_list_new(size));
                }
                1 => self.lists.keep(rd_kafka_topic_partition_list_copy(list)),
                2 => {
                    let to = partition.saturating_add(self.input.below(20) as i32 - 3);
                    rd_kafka_topic_partition_list_add_range(list, topic, partition, to);
                }
                3 => drop(rd_kafka_topic_partition_list_del(list, topic, partition)),
                4 => drop(rd_kafka_topic_partition_list_del_by_idx(list, partition)),
                5 => drop(rd_kafka_topic_partition_list_find(list, topic, partition)),
                6 => rd_kafka_topic_partition_list_sort(list, null_mut(), null_mut()),
                _ => drop(rd_kafka_topic_partition_list_add(list, topic, partition)),
            }
        }
    }

    fn use_queue(&mut self) {
        let queue = self.queues.any(&mut self.input);
        unsafe {
            match self.input.below(8) {
                0 => self.queues.keep(rd_kafka_queue_new(self.rk)),
                1 => self.queues.keep(rd_kafka_queue_get_main(self.rk)),
                2 => rd_kafka_queue_forward(queue, self.queues.any(&mut self.input)),
                3 => drop(rd_kafka_queue_length(queue)),
                4 => rd_kafka_queue_yield(queue),
                5 => drop(rd_kafka_queue_poll_callback(queue, self.input.below(3) as c_int)),
                _ => self.events.keep(rd_kafka_queue_poll(queue, self.input.below(3) as c_int)),
            }
        }
    }

    fn use_event(&mut self) {
        let event = self.events.any(&mut self.input);
        let mut messages = [null(); 4];
        unsafe {
            match self.input.below(6) {
                0 => look_at(rd_kafka_event_message_next(event)),
                1 => {
                    let size = self.input.below(5);
                    let count = rd_kafka_event_message_array(event, messages.as_mut_ptr(), size);
                    messages[..count].iter().for_each(|&message| look_at(message));
                }
                2 => drop(rd_kafka_event_message_count(event)),
                3 => drop((rd_kafka_event_error(event), read(rd_kafka_event_error_string(event)))),
                4 => drop((read(rd_kafka_event_name(event)), read(rd_kafka_event_stats(event)))),
                _ => drop(rd_kafka_event_type(event)),
            }
        }
    }

    /// A payload and a length that goes with it: memory that is ours, NULL, or a length that is refused before it is used.
    fn payload(&mut self) -> (Ptr, usize) {
        match self.input.below(10) {
            0 => (null_mut(), 0),
            1 => (null_mut(), self.input.number() as usize),
            2 => (c"x".as_ptr().cast_mut().cast(), usize::MAX - self.input.below(9)),
            3 => (c"x".as_ptr().cast_mut().cast(), 1 << 40),
            _ => {
                let bytes = self.input.bytes();
                (bytes.as_ptr().cast_mut().cast(), bytes.len())
            }
        }
    }

    fn produce(&mut self) {
        let topic = self.topics.any(&mut self.input);
        let ((payload, len), (key, key_len)) = (self.payload(), self.payload());
        let partition = self.input.number() as i32;
        // Neither F_FREE (it is not from malloc) nor F_BLOCK (nobody polls meanwhile).
        let flags = self.input.number() as c_int & !(F_FREE | F_BLOCK);
        let rk = self.rk;
        let accepted = unsafe {
            match self.input.below(5) {
                0 => {
                    let message = Message {
                        err: 0,
                        rkt: null_mut(),
                        partition,
                        payload,
                        len,
                        key,
                        key_len,
                        offset: 0,
                        private: null_mut(),
                    };
                    let mut messages = [message; 3];
                    let count = self.input.below(5) as c_int - 1;
                    let messages = messages.as_mut_ptr();
                    let messages = if count > 3 { null_mut() } else { messages };
                    rd_kafka_produce_batch(topic, partition, flags, messages, count).max(0) as usize
                }
                1 => self.produce_array(topic, (payload, len), partition, flags),
                2 => {
                    let (topic, value) = (self.topic_name(), (payload, len));
                    let error = rd_kafka_producev(
                        rk,
                        1,
                        topic,
                        4,
                        value.0,
                        value.1,
                        3,
                        partition,
                        7,
                        flags | F_COPY,
                        0,
                    );
                    usize::from(error == 0)
                }
                _ => {
                    let (opaque, key) = (null_mut(), key.cast_const());
                    let result = rd_kafka_produce(
                        topic, partition, flags, payload, len, key, key_len, opaque,
                    );
                    usize::from(result == 0)
                }
            }
        };
        self.produced += accepted;
    }

    /// Arguments of any kinds; a list of headers is given away if the call succeeds.
    unsafe fn produce_array(
        &mut self,
        topic: Ptr,
        value: (Ptr, usize),
        partition: i32,
        flags: c_int,
    ) -> usize {
        let headers = self.headers.take(&mut self.input);
        let (mut arguments, mut gives_headers) = (Vec::new(), false);
        for _ in 0..self.input.below(8) {
            let vtype = self.input.below(13) as c_int;
            let words: [usize; 3] = match vtype {
                1 => [self.topic_name().addr(), 0, 0],
                2 => [topic.addr(), 0, 0],
                3 => [partition as u32 as usize, 0, 0],
                4 | 5 => [value.0.addr(), value.1, 0],
                7 => [flags as u32 as usize, 0, 0],
                8 => [self.input.number() as usize, 0, 0],
                9 => [c"name".as_ptr().addr(), c"value".as_ptr().addr(), usize::MAX],
                10 if !gives_headers => {
                    gives_headers = true;
                    [headers.addr(), 0, 0]
                }
                10 => continue,
                _ => [0; 3],
            };
            let mut all = [0; 8];
            all[..3].copy_from_slice(&words);
            arguments.push(Argument { vtype, words: all });
        }
        let error = unsafe { rd_kafka_produceva(self.rk, arguments.as_ptr(), arguments.len()) };
        if !error.is_null() || !gives_headers {
            self.headers.keep(headers);
        }
        unsafe {
            read(rd_kafka_error_string(error));
            rd_kafka_error_destroy(error);
        }
        usize::from(error.is_null())
    }

    fn use_handle(&mut self) {
        let rk = self.rk;
        let mut errstr = [0 as c_char; 40];
        unsafe {
            match self.input.below(14) {
                0..3 => drop(rd_kafka_poll(rk, self.input.below(4) as c_int)),
                3 => drop(rd_kafka_flush(rk, self.input.below(4) as c_int)),
                4 => drop(rd_kafka_purge(rk, self.input.number() as c_int)),
                5 => drop(rd_kafka_purge(rk, self.input.below(8) as c_int)),
                6 => {
                    let list = self.value();
                    rd_kafka_brokers_add(rk, list);
                }
                7 => drop(rd_kafka_outq_len(rk)),
                8 => {
                    let size = self.input.below(41);
                    rd_kafka_fatal_error(rk, errstr.as_mut_ptr(), size);
                    rd_kafka_fatal_error(rk, null_mut(), 0);
                }
                9 if self.input.below(16) == 0 => drop(rd_kafka_test_fatal_error(rk, -150, null())),
                9 => rd_kafka_yield(rk),
                10 => drop((read(rd_kafka_name(rk)), rd_kafka_opaque(rk))),
                11 => rd_kafka_set_log_level(rk, self.input.number() as c_int),
                12 => {
                    let topic = self.topics.any(&mut self.input);
                    read(rd_kafka_topic_name(topic));
                    rd_kafka_topic_partition_available(topic, self.input.number() as i32);
                    let error = self.input.number() as c_int;
                    read(rd_kafka_err2str(error));
                    read(rd_kafka_err2name(error));
                }
                _ => {
                    let (name, conf) = (self.topic_name(), self.topic_confs.take(&mut self.input));
                    self.topics.keep(rd_kafka_topic_new(rk, name, conf));
                }
            }
        }
    }

    fn step(&mut self) {
        match self.input.below(16) {
            0 => self.configure(),
            1 => self.use_headers(),
            2 => self.use_list(),
            3 | 4 => self.use_queue(),
            5 | 6 => self.use_event(),
            7..12 => self.produce(),
            12 => {
                let object = match self.input.below(6) {
                    0 => &mut self.confs,
                    1 => &mut self.topic_confs,
                    2 => &mut self.headers,
                    3 => &mut self.topics,
                    4 => &mut self.queues,
                    _ => &mut self.events,
                };
                let taken = object.take(&mut self.input);
                if !taken.is_null() {
                    unsafe { (object.destroy)(taken) };
                }
            }
            _ => self.use_handle(),
        }
    }
}

/// A handle that no property of the input's can keep from ending soon.
fn new_handle(world: &mut World<'_>) -> Ptr {
    let mut errstr = [0 as c_char; 128];
    unsafe {
        world.confs.keep(rd_kafka_conf_new());
        world.topic_confs.keep(rd_kafka_topic_conf_new());
        for _ in 0..world.input.below(12) {
            world.configure();
        }
        let mut conf = world.confs.take(&mut world.input);
        if conf.is_null() {
            conf = rd_kafka_conf_new();
        }
        let (events, mode) = (world.input.number() as c_int, world.input.below(4));
        if mode & 1 != 0 {
            rd_kafka_conf_set_events(conf, events);
        } else {
            rd_kafka_conf_set_dr_msg_cb(conf, Some(on_report));
        }
        rd_kafka_conf_set_opaque(conf, null_mut::<c_void>());
        rd_kafka_conf_set_log_cb(conf, Some(on_log));
        if mode & 2 != 0 {
            let (name, one) = (c"test.mock.num.brokers".as_ptr(), c"1".as_ptr());
            rd_kafka_conf_set(conf, name, one, null_mut(), 0);
        }
        let rk = rd_kafka_new(PRODUCER, conf, errstr.as_mut_ptr(), errstr.len());
        if rk.is_null() {
            assert!(read(errstr.as_ptr()) > 0, "refused without a reason");
            rd_kafka_conf_destroy(conf);
        }
        rk
    }
}

pub fn run(data: &[u8]) {
    REPORTED.set(0);
    let mut world = World {
        input: Input(data),
        rk: null_mut(),
        confs: Kept::new(rd_kafka_conf_destroy),
        topic_confs: Kept::new(rd_kafka_topic_conf_destroy),
        headers: Kept::new(rd_kafka_headers_destroy),
        lists: Kept::new(rd_kafka_topic_partition_list_destroy),
        topics: Kept::new(rd_kafka_topic_destroy),
        queues: Kept::new(rd_kafka_queue_destroy),
        events: Kept::new(rd_kafka_event_destroy),
        produced: 0,
    };
    world.rk = new_handle(&mut world);
    for _ in 0..200 {
        if world.input.is_empty() {
            break;
        }
        world.step();
    }
    assert!(REPORTED.get() <= world.produced, "more reports than messages");
    let (rk, flags) = (world.rk, world.input.below(3));
    // What belongs to the handle goes first, as the header asks.
    drop(world);
    unsafe {
        match flags {
            0 => rd_kafka_destroy_flags(rk, 0x8),
            _ => rd_kafka_destroy(rk),
        }
    }
}
