//! How a message is described once and read and written in all its versions.
//!
//! [`message!`] turns a list of `name: type [versions]` into a struct with [`Wire`]; a field outside its versions
//! is neither written nor read and keeps its default. [`Message`] ties a top-level struct to its API key.
//! Runs on whichever thread holds the bytes.

use super::api_key::ApiKey;
use super::wire::{DecodeError, Put, Reader, Result};
use std::ops::RangeInclusive;

/// The version a message is written in, and whether that one uses compact lengths and tagged fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The number.
    pub number: i16,
    /// Compact lengths and tagged fields (KIP-482).
    pub flexible: bool,
}

/// Anything that stands in a message: a primitive, an array, a structure.
pub trait Wire<'a>: Sized {
    /// Appends `self`.
    fn write(&self, out: &mut Vec<u8>, version: Version);
    /// Reads one.
    fn read(reader: &mut Reader<'a>, version: Version) -> Result<Self>;
    /// The fewest bytes one can take in that version: bounds the count of an array before anything is reserved.
    fn min_len_bytes(version: Version) -> usize;
    /// Some value for the tests, different each time; fields outside the version keep their defaults.
    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self;
}

/// A whole request or response.
pub trait Message<'a>: Wire<'a> {
    /// The API it belongs to.
    const API: ApiKey;
    /// The versions this definition covers.
    const VERSIONS: RangeInclusive<i16>;

    /// Appends the message in a version that must be within [`Message::VERSIONS`].
    fn encode(&self, version: i16, out: &mut Vec<u8>) {
        debug_assert!(Self::VERSIONS.contains(&version), "{:?} v{version}", Self::API);
        self.write(out, Self::API.version(version));
    }

    /// Reads the message; refuses versions outside [`Message::VERSIONS`]. Bytes may remain after it.
    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self> {
        if !Self::VERSIONS.contains(&version) {
            return Err(DecodeError::new("unsupported version"));
        }
        Self::read(reader, Self::API.version(version))
    }

    /// Reads the message from bytes that must hold it and nothing else.
    fn decode_all(bytes: &'a [u8], version: i16) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let message = Self::decode(&mut reader, version)?;
        reader.finish()?;
        Ok(message)
    }
}

macro_rules! wire_primitives {
    ($($ty:ty, $put:ident, $take:ident, $len:literal;)*) => {$(
        impl<'a> Wire<'a> for $ty {
            fn write(&self, out: &mut Vec<u8>, _: Version) {
                out.$put(*self);
            }

            fn read(reader: &mut Reader<'a>, _: Version) -> Result<Self> {
                reader.$take()
            }

            fn min_len_bytes(_: Version) -> usize {
                $len
            }

            #[cfg(test)]
            fn sample(sampler: &mut super::sample::Sampler, _: Version) -> Self {
                sampler.$take()
            }
        }
    )*};
}

wire_primitives! {
    bool, put_bool, bool, 1;
    i8, put_i8, i8, 1;
    i16, put_i16, i16, 2;
    i32, put_i32, i32, 4;
    i64, put_i64, i64, 8;
}

impl<'a> Wire<'a> for [u8; 16] {
    fn write(&self, out: &mut Vec<u8>, _: Version) {
        out.extend_from_slice(self);
    }

    fn read(reader: &mut Reader<'a>, _: Version) -> Result<Self> {
        reader.uuid()
    }

    fn min_len_bytes(_: Version) -> usize {
        16
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        let _ = version;
        sampler.uuid()
    }
}

impl<'a> Wire<'a> for &'a str {
    fn write(&self, out: &mut Vec<u8>, version: Version) {
        out.put_nullable_string(Some(self), version.flexible);
    }

    fn read(reader: &mut Reader<'a>, version: Version) -> Result<Self> {
        reader.string(version.flexible)
    }

    fn min_len_bytes(version: Version) -> usize {
        if version.flexible { 1 } else { 2 }
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        let _ = version;
        sampler.string()
    }
}

impl<'a> Wire<'a> for Option<&'a str> {
    fn write(&self, out: &mut Vec<u8>, version: Version) {
        out.put_nullable_string(*self, version.flexible);
    }

    fn read(reader: &mut Reader<'a>, version: Version) -> Result<Self> {
        reader.nullable_string(version.flexible)
    }

    fn min_len_bytes(version: Version) -> usize {
        if version.flexible { 1 } else { 2 }
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        let _ = version;
        sampler.chance().then(|| sampler.string())
    }
}

impl<'a> Wire<'a> for &'a [u8] {
    fn write(&self, out: &mut Vec<u8>, version: Version) {
        out.put_nullable_bytes(Some(self), version.flexible);
    }

    fn read(reader: &mut Reader<'a>, version: Version) -> Result<Self> {
        reader.bytes(version.flexible)
    }

    fn min_len_bytes(version: Version) -> usize {
        if version.flexible { 1 } else { 4 }
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        let _ = version;
        sampler.bytes()
    }
}

impl<'a> Wire<'a> for Option<&'a [u8]> {
    fn write(&self, out: &mut Vec<u8>, version: Version) {
        out.put_nullable_bytes(*self, version.flexible);
    }

    fn read(reader: &mut Reader<'a>, version: Version) -> Result<Self> {
        reader.nullable_bytes(version.flexible)
    }

    fn min_len_bytes(version: Version) -> usize {
        if version.flexible { 1 } else { 4 }
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        let _ = version;
        sampler.chance().then(|| sampler.bytes())
    }
}

impl<'a, T: Wire<'a>> Wire<'a> for Vec<T> {
    fn write(&self, out: &mut Vec<u8>, version: Version) {
        out.put_array_len(Some(self.len()), version.flexible);
        for element in self {
            element.write(out, version);
        }
    }

    fn read(reader: &mut Reader<'a>, version: Version) -> Result<Self> {
        Option::<Self>::read(reader, version)?.ok_or(DecodeError::new("array is null"))
    }

    fn min_len_bytes(version: Version) -> usize {
        if version.flexible { 1 } else { 4 }
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        (0..sampler.count()).map(|_| T::sample(sampler, version)).collect()
    }
}

/// Elements reserved before the first one was read. An element in memory is larger than on the wire, so the rest
/// of the room is only made as elements really come in.
const RESERVED_ELEMENTS_MAX: usize = 256;

impl<'a, T: Wire<'a>> Wire<'a> for Option<Vec<T>> {
    fn write(&self, out: &mut Vec<u8>, version: Version) {
        match self {
            Some(elements) => elements.write(out, version),
            None => out.put_array_len(None, version.flexible),
        }
    }

    fn read(reader: &mut Reader<'a>, version: Version) -> Result<Self> {
        let count = reader.array_len(version.flexible, T::min_len_bytes(version))?;
        let Some(count) = count else { return Ok(None) };
        let mut elements = Vec::with_capacity(count.min(RESERVED_ELEMENTS_MAX));
        for _ in 0..count {
            elements.push(T::read(reader, version)?);
        }
        Ok(Some(elements))
    }

    fn min_len_bytes(version: Version) -> usize {
        if version.flexible { 1 } else { 4 }
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        sampler.chance().then(|| Vec::sample(sampler, version))
    }
}

/// The tagged fields of one structure while it is written.
#[derive(Default)]
pub(crate) struct TagWriter {
    count: u32,
    bytes: Vec<u8>,
}

impl TagWriter {
    pub(crate) fn field<'a>(&mut self, tag: u32, value: &impl Wire<'a>, version: Version) {
        let mut field = Vec::new();
        value.write(&mut field, version);
        self.count += 1;
        self.bytes.put_uvarint(tag);
        self.bytes.put_uvarint(field.len() as u32);
        self.bytes.extend_from_slice(&field);
    }

    pub(crate) fn finish(self, out: &mut Vec<u8>) {
        out.put_uvarint(self.count);
        out.extend_from_slice(&self.bytes);
    }
}

/// Defines structures of the wire: `name: type [versions] tag N = default;`, tag and default being optional.
/// A tagged field is written only where it differs from its default.
macro_rules! message {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident $(<$lt:lifetime>)? {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $ty:ty [$versions:expr] $(tag $tag:literal)? $(= $default:expr)?;
            )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name $(<$lt>)? {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        impl $(<$lt>)? Default for $name $(<$lt>)? {
            fn default() -> Self {
                Self { $($field: $crate::protocol::message::default_of!($($default)?),)* }
            }
        }

        impl<'a> $crate::protocol::message::Wire<'a> for $name $(<$lt>)? {
            #[allow(unused_variables, unused_mut)]
            fn write(&self, out: &mut Vec<u8>, version: $crate::protocol::message::Version) {
                $($crate::protocol::message::untagged!($($tag)? {
                    if ($versions).contains(&version.number) {
                        $crate::protocol::message::Wire::write(&self.$field, out, version);
                    }
                });)*
                if version.flexible {
                    let default = Self::default();
                    let mut tags = $crate::protocol::message::TagWriter::default();
                    $($(
                        if ($versions).contains(&version.number)
                            && self.$field != default.$field {
                            tags.field($tag, &self.$field, version);
                        }
                    )?)*
                    tags.finish(out);
                }
            }

            #[allow(unused_variables, unused_mut)]
            fn read(
                reader: &mut $crate::protocol::wire::Reader<'a>,
                version: $crate::protocol::message::Version,
            ) -> $crate::protocol::wire::Result<Self> {
                let mut this = Self::default();
                $($crate::protocol::message::untagged!($($tag)? {
                    if ($versions).contains(&version.number) {
                        this.$field = $crate::protocol::message::Wire::read(reader, version)?;
                    }
                });)*
                if version.flexible {
                    reader.tagged_fields(|tag, field| {
                        match tag {
                            $($($tag if ($versions).contains(&version.number) => {
                                this.$field = $crate::protocol::message::Wire::read(field, version)?;
                                field.finish()
                            })?)*
                            _ => Ok(()),
                        }
                    })?;
                }
                Ok(this)
            }

            #[allow(unused_mut)]
            fn min_len_bytes(version: $crate::protocol::message::Version) -> usize {
                let mut len = usize::from(version.flexible);
                $($crate::protocol::message::untagged!($($tag)? {
                    if ($versions).contains(&version.number) {
                        len += <$ty as $crate::protocol::message::Wire>::min_len_bytes(version);
                    }
                });)*
                len
            }

            #[cfg(test)]
            #[allow(unused_mut, unused_variables)]
            fn sample(
                sampler: &mut $crate::protocol::sample::Sampler,
                version: $crate::protocol::message::Version,
            ) -> Self {
                let mut this = Self::default();
                $(if ($versions).contains(&version.number) {
                    this.$field = $crate::protocol::message::Wire::sample(sampler, version);
                })*
                this
            }
        }
    )*};
}

/// The default of a field: the one named, or that of its type.
macro_rules! default_of {
    () => {
        Default::default()
    };
    ($default:expr) => {
        $default
    };
}

/// The code of a field, unless the field is tagged.
macro_rules! untagged {
    ($tag:literal $code:block) => {};
    ($code:block) => {
        $code
    };
}

/// Ties messages to their API key and versions.
macro_rules! api {
    ($api:ident [$versions:expr]: $($name:ident $(<$lt:lifetime>)?),*) => {$(
        impl<'a> $crate::protocol::message::Message<'a> for $name $(<$lt>)? {
            const API: $crate::protocol::ApiKey = $crate::protocol::ApiKey::$api;
            const VERSIONS: std::ops::RangeInclusive<i16> = $versions;
        }
    )*};
}

pub(crate) use {api, default_of, message, untagged};
