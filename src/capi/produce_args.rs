//! The arguments of rd_kafka_producev() and rd_kafka_produceva(), gathered into one plain struct and
//! checked as far as that goes without a client. Runs on the producing thread.

use std::ffi::CStr;
use std::os::raw::{c_int, c_void};
use std::ptr;

use crate::producer::headers::Headers;

use super::error::set_last_error;
use super::guard::read_bytes;
use super::headers::add_header;
use super::structs::{rd_kafka_vu_mem_s, rd_kafka_vu_t};
use super::types::{RespErr, VType, borrow, rd_kafka_headers_t, rd_kafka_topic_t};

/// The longest key or value: lengths on the wire are signed 32-bit numbers.
const FIELD_LEN_MAX: usize = i32::MAX as usize;

/// Which topic a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicArg<'a> {
    /// Not said.
    Missing,
    /// By name.
    Name(&'a CStr),
    /// By handle; not NULL.
    Handle(*mut rd_kafka_topic_t),
}

/// Where a message's headers come from.
#[derive(Debug)]
pub enum HeadersArg {
    /// There are none.
    None,
    /// Gathered one by one.
    Own(Box<Headers>),
    /// The application's list; not NULL. It becomes ours when the message is accepted.
    Application(*mut rd_kafka_headers_t),
}

/// Key or value as C passes them.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    ptr: *const c_void,
    size: usize,
}

/// A message to be produced.
#[derive(Debug)]
pub struct ProduceArgs<'a> {
    /// The topic.
    pub topic: TopicArg<'a>,
    /// The partition; -1: the partitioner chooses.
    pub partition: i32,
    /// The value.
    pub value: Field,
    /// The key.
    pub key: Field,
    /// The headers.
    pub headers: HeadersArg,
    /// Milliseconds since 1970; 0: now.
    pub timestamp_ms: i64,
    /// The application's pointer for the report.
    pub opaque: *mut c_void,
    /// `RD_KAFKA_MSG_F_*`
    pub msgflags: c_int,
}

/// Why arguments are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The error code.
    pub code: RespErr,
    /// What rd_kafka_produceva() says about it.
    pub text: String,
}

impl Refused {
    fn new(code: RespErr, text: impl Into<String>) -> Refused {
        Refused { code, text: text.into() }
    }
}

impl Field {
    /// A key or value.
    pub fn new(ptr: *const c_void, size: usize) -> Field {
        Field { ptr, size }
    }

    /// The caller's pointer, also where the size is 0.
    pub fn address(self) -> *const c_void {
        self.ptr
    }

    /// The bytes: `None` is null, which a NULL pointer means whatever the length. An error if no
    /// message can hold them.
    ///
    /// # Safety
    /// The pointer is NULL or points to as many readable bytes as the size says (up to the limit),
    /// which outlive the returned slice.
    #[inline]
    pub unsafe fn bytes<'a>(self) -> Result<Option<&'a [u8]>, RespErr> {
        if self.ptr.is_null() {
            return Ok(None);
        }
        if self.size > FIELD_LEN_MAX {
            return Err(RespErr::MSG_SIZE_TOO_LARGE);
        }
        // SAFETY: the contract above.
        Ok(unsafe { read_bytes(self.ptr, self.size) })
    }
}

impl From<rd_kafka_vu_mem_s> for Field {
    fn from(mem: rd_kafka_vu_mem_s) -> Field {
        Field::new(mem.ptr, mem.size)
    }
}

impl<'a> ProduceArgs<'a> {
    fn new() -> Self {
        Self {
            topic: TopicArg::Missing,
            partition: -1,
            value: Field::new(ptr::null(), 0),
            key: Field::new(ptr::null(), 0),
            headers: HeadersArg::None,
            timestamp_ms: 0,
            opaque: ptr::null_mut(),
            msgflags: 0,
        }
    }

    /// Gathers the arguments, the last of each kind counts; `END` isn't one.
    ///
    /// # Safety
    /// Each argument has the union member that its tag demands, with valid pointers.
    pub unsafe fn gather(arguments: &'a [rd_kafka_vu_t]) -> Result<Self, Refused> {
        let mut args = Self::new();
        for argument in arguments {
            // SAFETY: the contract above.
            unsafe { args.set(argument) }?;
        }
        Ok(args)
    }

    /// # Safety
    /// As for `gather`.
    unsafe fn set(&mut self, argument: &'a rd_kafka_vu_t) -> Result<(), Refused> {
        // SAFETY: the tag says which member is set, per the contract.
        unsafe {
            match argument.vtype {
                VType::TOPIC if argument.u.cstr.is_null() => {
                    // As rd_kafka_topic_new() with that name.
                    set_last_error(RespErr::_INVALID_ARG, libc::EINVAL);
                    self.topic = TopicArg::Missing;
                }
                VType::TOPIC => self.topic = TopicArg::Name(CStr::from_ptr(argument.u.cstr)),
                VType::RKT if argument.u.rkt.is_null() => self.topic = TopicArg::Missing,
                VType::RKT => self.topic = TopicArg::Handle(argument.u.rkt),
                VType::PARTITION => self.partition = argument.u.i32,
                VType::VALUE => self.value = argument.u.mem.into(),
                VType::KEY => self.key = argument.u.mem.into(),
                VType::OPAQUE => self.opaque = argument.u.ptr,
                VType::MSGFLAGS => self.msgflags = argument.u.i,
                VType::TIMESTAMP => self.timestamp_ms = argument.u.i64,
                VType::HEADER => self.add_header(argument)?,
                VType::HEADERS => self.set_headers(argument.u.headers)?,
                VType(other) => {
                    let text = format!("Unsupported VTYPE {other}");
                    return Err(Refused::new(RespErr::_INVALID_ARG, text));
                }
            }
        }
        Ok(())
    }

    /// # Safety
    /// The argument is a header with valid pointers.
    unsafe fn add_header(&mut self, argument: &rd_kafka_vu_t) -> Result<(), Refused> {
        // SAFETY: the contract above.
        let header = unsafe { argument.u.header };
        if matches!(self.headers, HeadersArg::None) {
            self.headers = HeadersArg::Own(Box::new(Headers::with_capacity(8)));
        }
        let HeadersArg::Own(headers) = &mut self.headers else {
            let text = "VTYPE_HEADER and VTYPE_HEADERS are mutually exclusive";
            return Err(Refused::new(RespErr::_CONFLICT, text));
        };
        // SAFETY: the contract above.
        match unsafe { add_header(headers, header.name, -1, header.val, header.size) } {
            RespErr::NO_ERROR => Ok(()),
            code => {
                let text = format!("Failed to add header: {}", code.description());
                Err(Refused::new(code, text))
            }
        }
    }

    fn set_headers(&mut self, headers: *mut rd_kafka_headers_t) -> Result<(), Refused> {
        if matches!(self.headers, HeadersArg::Own(_)) {
            let text = "VTYPE_HEADERS and VTYPE_HEADER are mutually exclusive";
            return Err(Refused::new(RespErr::_CONFLICT, text));
        }
        self.headers = match headers.is_null() {
            true => HeadersArg::None,
            false => HeadersArg::Application(headers),
        };
        Ok(())
    }
}

impl HeadersArg {
    /// The headers to be encoded, `None` if there are none.
    ///
    /// # Safety
    /// The application's list, if it is that, is valid while the borrow lives.
    pub unsafe fn list(&self) -> Option<&Headers> {
        match self {
            HeadersArg::None => None,
            HeadersArg::Own(headers) => Some(headers),
            // SAFETY: the contract above.
            HeadersArg::Application(headers) => unsafe { borrow(*headers) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::structs::{rd_kafka_vu_header_s, rd_kafka_vu_u};
    use super::*;
    use std::os::raw::c_char;

    fn vu(vtype: VType, u: rd_kafka_vu_u) -> rd_kafka_vu_t {
        rd_kafka_vu_t { vtype, u }
    }

    fn topic(name: &'static CStr) -> rd_kafka_vu_t {
        vu(VType::TOPIC, rd_kafka_vu_u { cstr: name.as_ptr() })
    }

    fn header(name: *const c_char, val: &'static str, size: isize) -> rd_kafka_vu_t {
        let val = val.as_ptr().cast();
        vu(VType::HEADER, rd_kafka_vu_u { header: rd_kafka_vu_header_s { name, val, size } })
    }

    fn gather(arguments: &[rd_kafka_vu_t]) -> Result<ProduceArgs<'_>, Refused> {
        // SAFETY: the arguments are made by the functions above, tag and member together.
        unsafe { ProduceArgs::gather(arguments) }
    }

    #[test]
    fn the_last_of_each_kind_counts() {
        let arguments = [
            topic(c"a"),
            vu(VType::PARTITION, rd_kafka_vu_u { i32: 3 }),
            topic(c"b"),
            vu(VType::PARTITION, rd_kafka_vu_u { i32: 4 }),
        ];
        let args = gather(&arguments).unwrap();
        assert_eq!((args.topic, args.partition), (TopicArg::Name(c"b"), 4));
    }

    #[test]
    fn unknown_tags_are_refused() {
        for tag in [VType(-3), VType::END, VType(11)] {
            let refused = gather(&[topic(c"a"), vu(tag, rd_kafka_vu_u { i: 0 })]).unwrap_err();
            assert_eq!(refused.code, RespErr::_INVALID_ARG);
            assert_eq!(refused.text, format!("Unsupported VTYPE {}", tag.0));
        }
    }

    #[test]
    fn single_headers_and_a_list_exclude_each_other() {
        let list = super::super::types::into_c::<rd_kafka_headers_t>(Box::default());
        let list_vu = || vu(VType::HEADERS, rd_kafka_vu_u { headers: list });
        let single = || header(c"n".as_ptr(), "value", 2);
        for arguments in [[list_vu(), single()], [single(), list_vu()]] {
            assert_eq!(gather(&arguments).unwrap_err().code, RespErr::_CONFLICT);
        }
        let arguments = [single(), single()];
        let args = gather(&arguments).unwrap();
        // SAFETY: the list is the arguments' own.
        let headers = unsafe { args.headers.list() }.unwrap();
        assert_eq!(headers.len(), 2);
        assert_eq!(headers.at(1).unwrap().value(), Some(&b"va"[..]));
        // SAFETY: given back once.
        drop(unsafe { super::super::types::take(list) });
    }

    #[test]
    fn a_bad_header_is_refused() {
        for argument in [header(ptr::null(), "v", 1), header(c"n".as_ptr(), "v", -2)] {
            let refused = gather(std::slice::from_ref(&argument)).unwrap_err();
            assert_eq!(refused.code, RespErr::_INVALID_ARG);
        }
    }

    #[test]
    fn null_is_null_whatever_its_length_and_three_gigabytes_are_too_large() {
        let byte = 0_u8;
        let at: *const c_void = (&raw const byte).cast();
        // SAFETY: the sizes are 0, or refused before anything is read.
        unsafe {
            assert_eq!(Field::new(ptr::null(), usize::MAX).bytes(), Ok(None));
            assert_eq!(Field::new(at, 0).bytes(), Ok(Some(&[][..])));
            let too_large = Err(RespErr::MSG_SIZE_TOO_LARGE);
            assert_eq!(Field::new(at, 3 << 30).bytes(), too_large);
            assert_eq!(Field::new(at, usize::MAX).bytes(), too_large);
        }
    }
}
