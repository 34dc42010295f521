//! Event queues: order, hooks, forwarding, waiting.

use super::*;

fn stats(text: &str) -> Op {
    Op::Stats(text.to_owned())
}

fn text(op: Option<Op>) -> String {
    match op {
        Some(Op::Stats(text)) => text,
        other => format!("{other:?}"),
    }
}

#[test]
fn no_forwarding_makes_a_circle_wherever_it_begins() {
    let (a, b, c) = (Queue::new(), Queue::new(), Queue::new());
    assert!(a.forward(Some(&b)));
    assert!(!a.forward(Some(&a)));
    assert!(c.forward(Some(&a)));
    assert!(!a.forward(Some(&c)) && !b.forward(Some(&c)));
    c.push(stats("one"));
    assert_eq!(text(b.pop(0)), "one");
}

#[test]
fn events_added_together_keep_their_order_and_wake_as_single_ones_do() {
    let (queue, calls) = (Queue::new(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&calls);
    let hook: Hook = Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    for (once, expected) in [(true, 1), (false, 3)] {
        queue.set_hook(Some(Arc::clone(&hook)), once);
        calls.store(0, Ordering::SeqCst);
        let mut ops: Vec<Op> = ["a", "b", "c"].map(stats).into();
        queue.push_all(&mut ops);
        assert!(ops.is_empty());
        assert_eq!(calls.load(Ordering::SeqCst), expected);
        let texts: Vec<String> = (0..3).map(|_| text(queue.pop(0))).collect();
        assert_eq!(texts, ["a", "b", "c"]);
    }
    queue.close();
    queue.push_all(&mut vec![stats("late")]);
    assert!(queue.is_empty());
}

#[test]
fn events_come_out_in_order_and_a_wait_ends_with_one() {
    let queue = Queue::new();
    assert!(queue.pop(0).is_none() && queue.pop(5).is_none());
    queue.push(stats("a"));
    queue.push(stats("b"));
    assert_eq!((queue.len(), text(queue.pop(-1)), text(queue.pop(0))), (2, "a".into(), "b".into()));
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| text(queue.pop(-1)));
        std::thread::sleep(Duration::from_millis(10));
        queue.push(stats("c"));
        assert_eq!(waiter.join().unwrap(), "c");
    });
}

#[test]
fn serving_takes_what_was_there_and_stops_when_asked() {
    let queue = Queue::new();
    ["a", "b", "c"].into_iter().for_each(|text| queue.push(stats(text)));
    let mut seen = 0;
    let served = queue.serve(-1, &mut |_| {
        seen += 1;
        queue.push(stats("more"));
        ControlFlow::Continue(())
    });
    assert_eq!((served, seen, queue.len()), (3, 3, 3));
    let served = queue.serve(0, &mut |_| {
        request_yield();
        ControlFlow::Continue(())
    });
    assert_eq!((served, queue.len()), (1, 2));
    assert_eq!(queue.serve(0, &mut |_| ControlFlow::Break(())), 1);
    assert_eq!(queue.serve(0, &mut |_| ControlFlow::Continue(())), 1);
    assert_eq!(queue.serve(1, &mut |_| ControlFlow::Continue(())), 0);
}

#[test]
fn serving_inside_serving_sees_the_rest() {
    let queue = Queue::new();
    ["a", "b", "c"].into_iter().for_each(|text| queue.push(stats(text)));
    let mut inner = 0;
    let outer = queue.serve(0, &mut |_| {
        inner += queue.serve(0, &mut |_| ControlFlow::Continue(()));
        ControlFlow::Continue(())
    });
    assert_eq!((outer, inner), (1, 2));
}

#[test]
fn a_forwarded_queue_moves_its_events_and_its_waiters() {
    let (from, to) = (Queue::new(), Queue::new());
    from.push(stats("early"));
    std::thread::scope(|scope| {
        assert!(from.forward(Some(&to)) && from.is_forwarded());
        assert_eq!(text(to.pop(0)), "early");
        let waiter = scope.spawn(|| text(from.pop(-1)));
        std::thread::sleep(Duration::from_millis(5));
        to.push(stats("late"));
        assert_eq!(waiter.join().unwrap(), "late");
    });
    from.push(stats("x"));
    assert_eq!((to.len(), from.len()), (1, 1));
    assert!(!to.forward(Some(&from)) && !to.forward(Some(&to)));
    assert!(from.forward(None));
    from.push(stats("y"));
    assert_eq!((text(to.pop(0)), text(from.pop(0))), ("x".into(), "y".into()));
}

#[test]
fn a_yield_ends_one_wait() {
    let queue = Queue::new();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| queue.pop(-1).is_none());
        std::thread::sleep(Duration::from_millis(5));
        queue.yield_now();
        assert!(waiter.join().unwrap());
    });
    queue.push(stats("a"));
    assert_eq!(text(queue.pop(0)), "a");
}

#[test]
fn hooks_run_per_event_or_once_until_served() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let hook: Hook = Arc::new(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let queue = Queue::new();
    queue.set_hook(Some(Arc::clone(&hook)), false);
    ["a", "b"].into_iter().for_each(|text| queue.push(stats(text)));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    queue.set_hook(Some(hook), true);
    ["a", "b"].into_iter().for_each(|text| queue.push(stats(text)));
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    queue.pop(0);
    queue.push(stats("c"));
    assert_eq!(calls.load(Ordering::Relaxed), 4);
}

#[test]
fn a_closed_queue_drops_events_and_ends_waits() {
    let queue = Queue::new();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| queue.pop(-1).is_none());
        std::thread::sleep(Duration::from_millis(5));
        queue.close();
        assert!(waiter.join().unwrap());
    });
    queue.push(stats("a"));
    assert!(queue.is_empty() && queue.pop(0).is_none());
}
