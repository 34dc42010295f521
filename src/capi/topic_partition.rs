//! Lists of topic partitions: C structs in C memory, because the application reads and writes their
//! fields. Strings, metadata and elements are `malloc`ed: the application may replace metadata.

use std::cmp::Ordering;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use super::guard::{guard, guard_or};
use super::memory::memdup;
use super::structs::{rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t};
use super::types::RespErr;

const OFFSET_INVALID: i64 = -1001;

/// What is behind an element's `_private`; `malloc`ed.
#[derive(Clone, Copy)]
#[repr(C)]
struct Private {
    leader_epoch: i32,
}

const NO_EPOCH: i32 = -1;

/// Frees what an element points to.
///
/// # Safety
/// The element's pointers are NULL or `malloc`ed; the element isn't read afterwards.
unsafe fn free_fields(element: &rd_kafka_topic_partition_t) {
    // SAFETY: the contract above.
    unsafe {
        libc::free(element.topic.cast());
        libc::free(element.metadata);
        libc::free(element._private);
    }
}

fn leader_epoch(element: &rd_kafka_topic_partition_t) -> i32 {
    // SAFETY: NULL or a `Private` of ours: the application leaves the field alone.
    unsafe { element._private.cast::<Private>().as_ref() }
        .map_or(NO_EPOCH, |private| private.leader_epoch)
}

fn set_leader_epoch(element: &mut rd_kafka_topic_partition_t, epoch: i32) {
    // Nothing to say "unknown" with when nothing was known.
    if element._private.is_null() && epoch == NO_EPOCH {
        return;
    }
    if element._private.is_null() {
        element._private = memdup(&[], size_of::<Private>());
    }
    // SAFETY: NULL or a `Private` of ours.
    if let Some(private) = unsafe { element._private.cast::<Private>().as_mut() } {
        private.leader_epoch = epoch;
    }
}

/// The list's elements.
///
/// # Safety
/// `list` is NULL or a list whose `elems` has `cnt` elements that nobody else uses meanwhile.
pub(super) unsafe fn elements<'a>(
    list: *const rd_kafka_topic_partition_list_t,
) -> &'a mut [rd_kafka_topic_partition_t] {
    // SAFETY: the contract above.
    match unsafe { list.as_ref() } {
        Some(list) if !list.elems.is_null() && list.cnt > 0 => {
            // SAFETY: the contract above.
            unsafe { std::slice::from_raw_parts_mut(list.elems, list.cnt as usize) }
        }
        _ => &mut [],
    }
}

/// A topic name for comparisons.
///
/// # Safety
/// `topic` is NULL or a terminated string that outlives the returned value.
unsafe fn name<'a>(topic: *const c_char) -> &'a CStr {
    if topic.is_null() {
        return c"";
    }
    // SAFETY: the contract above.
    unsafe { CStr::from_ptr(topic) }
}

/// Place of the first element with this topic and partition.
///
/// # Safety
/// As for `elements` and `name`.
unsafe fn position(
    list: *const rd_kafka_topic_partition_list_t,
    topic: *const c_char,
    partition: i32,
) -> Option<usize> {
    if topic.is_null() {
        return None;
    }
    // SAFETY: the contract above; elements' topics are NULL or strings.
    unsafe {
        let topic = name(topic);
        elements(list)
            .iter()
            .position(|element| element.partition == partition && name(element.topic) == topic)
    }
}

/// Makes room for `count` elements in all; false if there is no memory.
fn reserve(list: &mut rd_kafka_topic_partition_list_t, count: c_int) -> bool {
    if count <= list.size {
        return true;
    }
    let Some(bytes) = (count as usize).checked_mul(size_of::<rd_kafka_topic_partition_t>()) else {
        return false;
    };
    // SAFETY: `elems` is NULL or came from here; realloc() keeps the old elements.
    let elems = unsafe { libc::realloc(list.elems.cast(), bytes) };
    if elems.is_null() {
        return false;
    }
    list.elems = elems.cast();
    list.size = count;
    true
}

/// Adds an element with a copy of `topic`; NULL if there is no memory.
///
/// # Safety
/// `topic` is NULL or a terminated string.
unsafe fn push(
    list: &mut rd_kafka_topic_partition_list_t,
    topic: *const c_char,
    partition: i32,
) -> *mut rd_kafka_topic_partition_t {
    if list.cnt == list.size {
        let more = (list.size / 2).max(if list.size == 0 { 1 } else { 32 });
        let Some(size) = list.size.checked_add(more) else {
            return ptr::null_mut();
        };
        if !reserve(list, size) {
            return ptr::null_mut();
        }
    }
    let topic =
        // SAFETY: the contract above.
        if topic.is_null() { ptr::null_mut() } else { memdup(unsafe { name(topic) }.to_bytes(), 1) };
    let element = rd_kafka_topic_partition_t {
        topic: topic.cast(),
        partition,
        offset: OFFSET_INVALID,
        metadata: ptr::null_mut(),
        metadata_size: 0,
        opaque: ptr::null_mut(),
        err: RespErr::NO_ERROR,
        _private: ptr::null_mut(),
    };
    // SAFETY: `cnt < size` elements fit at `elems`.
    unsafe {
        let place = list.elems.add(list.cnt as usize);
        place.write(element);
        list.cnt += 1;
        place
    }
}

fn remove(list: &mut rd_kafka_topic_partition_list_t, index: usize) {
    // SAFETY: `index < cnt` (both callers check); elements behind it move forward by one.
    unsafe {
        let place = list.elems.add(index);
        free_fields(&*place);
        ptr::copy(place.add(1), place, list.cnt as usize - index - 1);
    }
    list.cnt -= 1;
}

fn new_list(size: c_int) -> *mut rd_kafka_topic_partition_list_t {
    let empty = rd_kafka_topic_partition_list_t { cnt: 0, size: 0, elems: ptr::null_mut() };
    let list = memdup(&[], size_of::<rd_kafka_topic_partition_list_t>())
        .cast::<rd_kafka_topic_partition_list_t>();
    if !list.is_null() {
        // SAFETY: memory of the list's size, just allocated.
        unsafe {
            list.write(empty);
            // A list that can't get its first room grows later, or says so then.
            reserve(&mut *list, size);
        }
    }
    list
}

/// Destroys a topic partition that isn't part of a list; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_destroy(rktpar: *mut rd_kafka_topic_partition_t) {
    // SAFETY: NULL or a malloc()ed element that the caller gives back.
    guard(|| unsafe {
        if let Some(element) = rktpar.as_ref() {
            free_fields(element);
            libc::free(rktpar.cast());
        }
    })
}

/// Sets the leader epoch of a topic partition; -1: unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_set_leader_epoch(
    rktpar: *mut rd_kafka_topic_partition_t,
    leader_epoch: i32,
) {
    guard(|| {
        // SAFETY: NULL or an element that only this thread uses.
        if let Some(element) = unsafe { rktpar.as_mut() } {
            set_leader_epoch(element, leader_epoch);
        }
    })
}

/// Leader epoch of a topic partition, -1 if unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_get_leader_epoch(
    rktpar: *const rd_kafka_topic_partition_t,
) -> i32 {
    // SAFETY: NULL or an element that only this thread uses.
    guard(|| unsafe { rktpar.as_ref() }.map_or(NO_EPOCH, leader_epoch))
}

/// Makes an empty list with room for size elements; it grows as needed.
///
/// @returns the list; the caller destroys it with rd_kafka_topic_partition_list_destroy().
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_topic_partition_list_new(
    size: c_int,
) -> *mut rd_kafka_topic_partition_list_t {
    guard(|| new_list(size.max(0)))
}

/// Destroys a list and its elements; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_destroy(
    rkparlist: *mut rd_kafka_topic_partition_list_t,
) {
    // SAFETY: NULL or a list that the caller gives back.
    guard(|| unsafe {
        if let Some(list) = rkparlist.as_ref() {
            elements(list).iter().for_each(|element| free_fields(element));
            libc::free(list.elems.cast());
            libc::free(rkparlist.cast());
        }
    })
}

/// Adds a topic partition to a list.
///
/// @param topic Topic name; copied.
///
/// @returns the new element, to fill in more; valid until the list changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_add(
    rktparlist: *mut rd_kafka_topic_partition_list_t,
    topic: *const c_char,
    partition: i32,
) -> *mut rd_kafka_topic_partition_t {
    // SAFETY: NULL or a list that only this thread uses; NULL or a terminated string.
    guard(|| match unsafe { rktparlist.as_mut() } {
        // SAFETY: as above.
        Some(list) => unsafe { push(list, topic, partition) },
        None => ptr::null_mut(),
    })
}

/// Adds the partitions from start to stop, both included, of a topic.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_add_range(
    rktparlist: *mut rd_kafka_topic_partition_list_t,
    topic: *const c_char,
    start: i32,
    stop: i32,
) {
    guard(|| {
        // SAFETY: NULL or a list that only this thread uses.
        let Some(list) = (unsafe { rktparlist.as_mut() }) else {
            return;
        };
        for partition in start..=stop {
            // SAFETY: `topic` is NULL or a terminated string.
            if unsafe { push(list, topic, partition) }.is_null() {
                return;
            }
        }
    })
}

/// Removes the element with this topic and partition.
///
/// @returns 1 if there was one, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_del(
    rktparlist: *mut rd_kafka_topic_partition_list_t,
    topic: *const c_char,
    partition: i32,
) -> c_int {
    // SAFETY: NULL or a list that only this thread uses; NULL or a terminated string.
    guard_or(0, || unsafe {
        match (position(rktparlist, topic, partition), rktparlist.as_mut()) {
            (Some(index), Some(list)) => {
                remove(list, index);
                1
            }
            _ => 0,
        }
    })
}

/// Removes the element at place idx (from 0).
///
/// @returns 1 if there was one, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_del_by_idx(
    rktparlist: *mut rd_kafka_topic_partition_list_t,
    idx: c_int,
) -> c_int {
    // SAFETY: NULL or a list that only this thread uses.
    guard_or(0, || match unsafe { rktparlist.as_mut() } {
        Some(list) if idx >= 0 && idx < list.cnt => {
            remove(list, idx as usize);
            1
        }
        _ => 0,
    })
}

/// Copies a list; the caller destroys the copy. NULL gives NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_copy(
    src: *const rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_topic_partition_list_t {
    // SAFETY: NULL or a list that only this thread uses.
    guard(|| unsafe {
        let Some(size) = src.as_ref().map(|list| list.size) else {
            return ptr::null_mut();
        };
        let copy = new_list(size);
        if let Some(list) = copy.as_mut() {
            for element in elements(src) {
                if let Some(new) = push(list, element.topic, element.partition).as_mut() {
                    copy_fields(element, new);
                }
            }
        }
        copy
    })
}

/// Sets the offset of the element with this topic and partition.
///
/// @returns RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_set_offset(
    rktparlist: *mut rd_kafka_topic_partition_list_t,
    topic: *const c_char,
    partition: i32,
    offset: i64,
) -> RespErr {
    // SAFETY: NULL or a list that only this thread uses; NULL or a terminated string.
    guard(|| match unsafe { position(rktparlist, topic, partition) } {
        Some(index) => {
            // SAFETY: as above.
            let elements = unsafe { elements(rktparlist) };
            elements[index].offset = offset;
            RespErr::NO_ERROR
        }
        None => RespErr::_UNKNOWN_PARTITION,
    })
}

/// Finds the element with this topic and partition.
///
/// @returns the element, valid until the list changes, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_find(
    rktparlist: *const rd_kafka_topic_partition_list_t,
    topic: *const c_char,
    partition: i32,
) -> *mut rd_kafka_topic_partition_t {
    // SAFETY: NULL or a list that only this thread uses; NULL or a terminated string.
    guard(|| match unsafe { position(rktparlist, topic, partition) } {
        Some(index) => {
            // SAFETY: as above.
            let elements = unsafe { elements(rktparlist) };
            &raw mut elements[index]
        }
        None => ptr::null_mut(),
    })
}

/// Sorts a list.
///
/// @param cmp Compares two elements, given cmp_opaque too; NULL: by topic, then partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_list_sort(
    rktparlist: *mut rd_kafka_topic_partition_list_t,
    cmp: Option<
        unsafe extern "C" fn(a: *const c_void, b: *const c_void, cmp_opaque: *mut c_void) -> c_int,
    >,
    cmp_opaque: *mut c_void,
) {
    guard(|| {
        // SAFETY: NULL or a list that only this thread uses.
        let elements = unsafe { elements(rktparlist) };
        // A comparison that contradicts itself may panic in the sort, which leaves all elements in
        // place, in some order.
        elements.sort_by(|a, b| match cmp {
            Some(cmp) => {
                let (a, b) = ((&raw const *a).cast(), (&raw const *b).cast());
                // SAFETY: the application's function, given what it is documented to be given.
                unsafe { cmp(a, b, cmp_opaque) }.cmp(&0)
            }
            None => default_order(a, b),
        });
    })
}

fn default_order(a: &rd_kafka_topic_partition_t, b: &rd_kafka_topic_partition_t) -> Ordering {
    // SAFETY: elements' topics are NULL or strings.
    let (a_topic, b_topic) = unsafe { (name(a.topic), name(b.topic)) };
    a_topic.cmp(b_topic).then(a.partition.cmp(&b.partition))
}

/// Copies everything but topic and partition.
///
/// # Safety
/// `from.metadata` is NULL or has `metadata_size` bytes.
unsafe fn copy_fields(from: &rd_kafka_topic_partition_t, to: &mut rd_kafka_topic_partition_t) {
    to.offset = from.offset;
    to.opaque = from.opaque;
    to.err = from.err;
    set_leader_epoch(to, leader_epoch(from));
    // SAFETY: the contract above.
    if let Some(metadata) = unsafe { super::guard::read_bytes(from.metadata, from.metadata_size) }
        && !metadata.is_empty()
    {
        to.metadata = memdup(metadata, 0);
        to.metadata_size = metadata.len();
    }
}
