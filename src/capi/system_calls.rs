//! The application's functions for sockets and names (`socket_cb`, `connect_cb`, `closesocket_cb`, `resolve_cb`), as the IO
//! layer calls them.

use std::ffi::{CStr, CString};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use libc::{addrinfo, sockaddr};
use socket2::SockAddr;

use crate::conf::GlobalConf;
use crate::io::calls::{Resolved, SystemCalls};

use super::callbacks::callback;
use super::guard::guard_or;

type SocketCb = unsafe extern "C" fn(c_int, c_int, c_int, *mut c_void) -> c_int;
type ConnectCb =
    unsafe extern "C" fn(c_int, *const sockaddr, c_int, *const c_char, *mut c_void) -> c_int;
type CloseCb = unsafe extern "C" fn(c_int, *mut c_void) -> c_int;
type ResolveCb = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const addrinfo,
    *mut *mut addrinfo,
    *mut c_void,
) -> c_int;

/// What a configuration has of them.
struct Calls {
    socket: Option<SocketCb>,
    connect: Option<ConnectCb>,
    close: Option<CloseCb>,
    resolve: Option<ResolveCb>,
    opaque: usize,
    /// `broker.address.family`, as `AF_..`.
    family: c_int,
}

/// The functions of a configuration; `None` if all is left to the system.
pub fn system_calls(conf: &GlobalConf) -> Option<Arc<dyn SystemCalls>> {
    // A default that the application didn't set does what the IO layer does without.
    let own = |name: &str| if conf.is_modified(name) { conf.pointer(name) } else { 0 };
    // SAFETY: the setters of `conf_callbacks` store functions of these types under these names.
    let calls = unsafe {
        Calls {
            socket: callback(own("socket_cb")),
            connect: callback(own("connect_cb")),
            close: callback(own("closesocket_cb")),
            resolve: callback(own("resolve_cb")),
            opaque: conf.pointer("opaque"),
            family: match conf.get(b"broker.address.family").as_deref() {
                Some(b"v4") => libc::AF_INET,
                Some(b"v6") => libc::AF_INET6,
                _ => libc::AF_UNSPEC,
            },
        }
    };
    let any = calls.socket.is_some()
        || calls.connect.is_some()
        || calls.close.is_some()
        || calls.resolve.is_some();
    any.then(|| Arc::new(calls) as _)
}

impl Calls {
    fn opaque(&self) -> *mut c_void {
        self.opaque as *mut c_void
    }
}

impl SystemCalls for Calls {
    fn open(&self, address: SocketAddr) -> Option<io::Result<OwnedFd>> {
        let socket_cb = self.socket?;
        let domain = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
        // SAFETY: the application's function, given what it is documented to be given.
        let socket = guard_or(-1, || unsafe {
            socket_cb(domain, libc::SOCK_STREAM, libc::IPPROTO_TCP, self.opaque())
        });
        if socket < 0 {
            return Some(Err(io::Error::last_os_error()));
        }
        // SAFETY: the application gives us the socket that it made.
        Some(Ok(unsafe { OwnedFd::from_raw_fd(socket) }))
    }

    fn connect(&self, socket: RawFd, address: SocketAddr, name: &str) -> Option<io::Result<()>> {
        let connect_cb = self.connect?;
        let name = CString::new(name).unwrap_or_default();
        let address = SockAddr::from(address);
        let len = c_int::try_from(address.len()).unwrap_or(0);
        // SAFETY: as above; the address lives through the call.
        let errno = guard_or(libc::EIO, || unsafe {
            connect_cb(socket, address.as_ptr().cast(), len, name.as_ptr(), self.opaque())
        });
        Some(match errno {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno)),
        })
    }

    fn closes(&self) -> bool {
        self.close.is_some()
    }

    fn close(&self, socket: OwnedFd) {
        if let Some(close_cb) = self.close {
            let socket = socket.into_raw_fd();
            // SAFETY: as above; the socket is the application's from here on.
            guard_or(0, || unsafe { close_cb(socket, self.opaque()) });
        }
    }

    fn resolves(&self) -> bool {
        self.resolve.is_some()
    }

    fn resolve(&self, host: &str, port: u16) -> Resolved {
        let Some(resolve_cb) = self.resolve else { return Err("no function".to_owned()) };
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let node = CString::new(host).map_err(|_| "a NUL byte in the name".to_owned())?;
        let service = CString::new(port.to_string()).unwrap_or_default();
        // SAFETY: all zeroes is "no hint".
        let mut hints: addrinfo = unsafe { std::mem::zeroed() };
        hints.ai_family = self.family;
        hints.ai_socktype = libc::SOCK_STREAM;
        hints.ai_protocol = libc::IPPROTO_TCP;
        hints.ai_flags = libc::AI_ADDRCONFIG;
        let mut list: *mut addrinfo = ptr::null_mut();
        // SAFETY: as above; the list is read while it is there, and given back the way it is documented.
        unsafe {
            let code = guard_or(libc::EAI_FAIL, || {
                resolve_cb(
                    node.as_ptr(),
                    service.as_ptr(),
                    &raw const hints,
                    &raw mut list,
                    self.opaque(),
                )
            });
            if code != 0 {
                return Err(error_text(code));
            }
            let addresses = addresses(list);
            guard_or(0, || {
                resolve_cb(ptr::null(), ptr::null(), ptr::null(), &raw mut list, self.opaque())
            });
            if addresses.is_empty() { Err("No addresses".to_owned()) } else { Ok(addresses) }
        }
    }
}

/// What getaddrinfo()'s result means.
fn error_text(code: c_int) -> String {
    if code == libc::EAI_SYSTEM {
        let text = io::Error::last_os_error().to_string();
        return text.split(" (os error").next().unwrap_or_default().to_owned();
    }
    // SAFETY: a text for each number, which stays.
    unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned()
}

/// # Safety
/// `list` is NULL or a list as getaddrinfo() makes them.
unsafe fn addresses(list: *const addrinfo) -> Vec<SocketAddr> {
    let mut addresses = Vec::new();
    // SAFETY: the contract above.
    let mut entry = unsafe { list.as_ref() };
    while let Some(info) = entry {
        let len = info.ai_addrlen as usize;
        if !info.ai_addr.is_null() && len <= size_of::<libc::sockaddr_storage>() {
            // SAFETY: `ai_addrlen` bytes are there, no more than fit.
            let address = unsafe {
                SockAddr::try_init(|storage, size| {
                    ptr::copy_nonoverlapping(info.ai_addr.cast::<u8>(), storage.cast::<u8>(), len);
                    *size = info.ai_addrlen;
                    Ok(())
                })
            };
            addresses.extend(address.ok().and_then(|((), address)| address.as_socket()));
        }
        // SAFETY: the contract above.
        entry = unsafe { info.ai_next.as_ref() };
    }
    addresses
}
