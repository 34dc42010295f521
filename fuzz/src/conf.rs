//! Configuration: names and values of any kind, in any order. Input: steps (what, property, value).

use super::input::Input;
use rdkafka::conf::table;
use rdkafka::conf::{GlobalConf, ProducerConfig, TopicConf, parse_broker_list, warnings};

/// Names from the table most of the time.
fn name<'a>(input: &mut Input<'a>) -> &'a [u8] {
    match input.u16() {
        0xffff => input.bytes(),
        index => {
            let count = table::all().count();
            table::all().nth(usize::from(index) % count).expect("within").name.as_bytes()
        }
    }
}

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let (mut conf, mut topic) = (GlobalConf::new(), TopicConf::new());
    for _ in 0..200 {
        if input.is_empty() {
            break;
        }
        match input.below(12) {
            0..5 => {
                let (name, value) = (name(&mut input), input.optional_bytes());
                if conf.set_bytes(name, value).is_ok() {
                    let _ = conf.get(name);
                }
            }
            5 => drop(topic.set_bytes(name(&mut input), input.optional_bytes())),
            6 => drop((topic.get(name(&mut input)), conf.get(name(&mut input)))),
            7 => conf = conf.dup(),
            8 => {
                let filters = [input.bytes(), input.bytes()];
                conf = conf.dup_filter(&filters);
            }
            9 => conf.set_topic_conf(Some(Box::new(topic.dup()))),
            10 => {
                let list = String::from_utf8_lossy(input.bytes());
                let (brokers, _) = parse_broker_list(&list, "plaintext");
                assert!(brokers.len() <= list.split(',').count());
            }
            _ => drop((conf.dump(), topic.dump())),
        }
    }
    drop(warnings(&conf, false));
    drop(ProducerConfig::resolve(&conf));
}
